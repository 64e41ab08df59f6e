import { randomUUID } from 'node:crypto';
import { afterHook, errorAnswer, type EmulatorAnswer, type EmulatorHooks } from '../hooks.js';
import type { Operation, Operations } from '../operations/operation.js';
import { jsonAnswer, type HttpAnswer } from './http.js';
import { isRecord, Members } from './members.js';
import { internalError, serialization, unknownOperation, WireError } from './wire-error.js';

const TARGET_PREFIX = 'AWSCognitoIdentityProviderService.';
const LONGEST_HEADER = 1024;

/** The JSON-1.1 protocol: `X-Amz-Target` names the operation, errors travel in the body and in two headers. */
export class UserPoolApi {
  constructor(
    private readonly operations: Operations,
    private readonly hooks: EmulatorHooks,
  ) {}

  async answer(target: string | undefined, readBody: () => Promise<string>): Promise<HttpAnswer> {
    const name = target?.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : '';
    const answer = await this.perform(name, readBody);
    return onTheWire(await this.changed(name, answer));
  }

  private async perform(name: string, readBody: () => Promise<string>): Promise<EmulatorAnswer> {
    try {
      const body = await readBody();
      return { status: 200, body: await this.operation(name)(parseMembers(body)) };
    } catch (error) {
      return this.refusal(error, name);
    }
  }

  private operation(name: string): Operation {
    const operation = Object.hasOwn(this.operations, name) ? this.operations[name] : undefined;
    if (!operation) throw unknownOperation();
    return operation;
  }

  private async changed(name: string, answer: EmulatorAnswer): Promise<EmulatorAnswer> {
    try {
      return await afterHook(this.hooks, name, answer);
    } catch (error) {
      return this.refusal(error, name);
    }
  }

  private refusal(error: unknown, operation: string): EmulatorAnswer {
    if (!(error instanceof WireError)) this.hooks.fault?.(error, operation);
    const { name, message, status } = error instanceof WireError ? error : internalError();
    return errorAnswer(name, message, status);
  }
}

function parseMembers(body: string): Members {
  const parsed = parseJson(body);
  if (!isRecord(parsed)) throw serialization('The request is not a JSON object.');
  return new Members(parsed);
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body === '' ? '{}' : body);
  } catch {
    throw serialization('The request is not valid JSON.');
  }
}

function onTheWire({ status, body }: EmulatorAnswer): HttpAnswer {
  const answer = jsonAnswer(status, body, 'application/x-amz-json-1.1');
  return { ...answer, headers: { ...answer.headers, 'x-amzn-requestid': randomUUID(), ...errorHeaders(body) } };
}

function errorHeaders(body: object): Record<string, string> {
  if (!('__type' in body) || !('message' in body)) return {};
  return {
    'x-amzn-errortype': `${headerText(String(body.__type))}:`,
    'x-amzn-errormessage': headerText(String(body.message)),
  };
}

// A message may echo what the client sent; a header line cannot carry line breaks or letters beyond Latin-1, and clients
// give up on headers of more than 16 KB.
function headerText(text: string): string {
  return text.slice(0, LONGEST_HEADER).replace(/[^\x20-\x7e]/g, '?');
}

import type { IncomingMessage } from 'node:http';
import { serialization, tooLarge, WireError } from './wire-error.js';

/** A response that is ready to be sent. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string;
}

const LARGEST_BODY = 1024 * 1024;

export function jsonAnswer(status: number, body: object, contentType = 'application/json'): HttpAnswer {
  return { status, headers: { 'content-type': contentType }, body: JSON.stringify(body) };
}

export function notFound(): HttpAnswer {
  return jsonAnswer(404, { message: 'Not Found' });
}

/** The whole body as text; more than 1 MB is refused before it is read to its end. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > LARGEST_BODY) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    // A client that hangs up half way is no fault of the emulator.
    throw error instanceof WireError ? error : serialization('The request is not complete.');
  }
  return Buffer.concat(chunks).toString('utf8');
}

import type { CognitoRequest } from './cognito-request.js';
import { collected } from './sent-header.js';

/** A message of another service, seen as a request: its metadata are the headers, its data the payload. */
export class RpcRequest implements CognitoRequest {
  user?: unknown;

  /** @internal Made by `findRequest`. */
  constructor(
    readonly headers: CognitoRequest['headers'],
    /** What the message says, as it was sent. */
    readonly payload: unknown,
  ) {}
}

/** One for each message, by the context that Nest makes of it: the data may be a number, or the same object twice. */
const requests = new WeakMap<object, RpcRequest>();

/** @internal The request of a message. */
export function rpcRequestOf(context: unknown, payload: unknown): RpcRequest | undefined {
  if (typeof context !== 'object' || context === null) return undefined;
  const request = requests.get(context) ?? new RpcRequest(headersOf(context), payload);
  requests.set(context, request);
  return request;
}

/** Where the transporters of Nest keep what travels beside the data; read by shape, so that none of them is imported. */
interface MetadataCarrier {
  /** gRPC: the metadata themselves stand in the context's place. */
  getMap?(): unknown;
  /** TCP. */
  getMetadata?(): unknown;
  /** NATS. */
  getHeaders?(): unknown;
  /** Kafka and RabbitMQ. */
  getMessage?(): unknown;
  /** MQTT 5. */
  getPacket?(): unknown;
}

function headersOf(context: MetadataCarrier): CognitoRequest['headers'] {
  const message = fieldOf(context.getMessage?.(), 'properties') ?? context.getMessage?.();
  const userProperties = fieldOf(fieldOf(context.getPacket?.(), 'properties'), 'userProperties');
  const beside = [fieldOf(message, 'headers'), userProperties];
  const found = [context.getMap?.(), context.getMetadata?.(), context.getHeaders?.(), ...beside];
  return collected(found.flatMap(entriesOf).flatMap(([name, value]) => valuesOf(name, value)));
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

/** NATS keeps its headers in an iterable, with lists of values; the others in a plain object. */
function entriesOf(headers: unknown): (readonly [name: string, value: unknown])[] {
  if (typeof headers !== 'object' || headers === null) return [];
  return Symbol.iterator in headers ? [...(headers as Iterable<readonly [string, unknown]>)] : Object.entries(headers);
}

/** Kafka sends bytes. Names are of any case, and `Authorization` beside `authorization` is one header that came twice. */
function valuesOf(name: string, value: unknown): (readonly [name: string, value: string])[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.flatMap((one) => {
    if (typeof one === 'string') return [[name.toLowerCase(), one] as const];
    return Buffer.isBuffer(one) ? [[name.toLowerCase(), one.toString('utf8')] as const] : [];
  });
}

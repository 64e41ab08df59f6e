import type { ExecutionContext } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { KafkaContext, NatsContext, RmqContext, TcpContext, type TcpSocket } from '@nestjs/microservices';
import { describe, expect, it } from 'vitest';
import { ConnectionRequest, noteConnection } from '../../../lib/request/connection-request.js';
import { PayloadExtractor } from '../../../lib/request/payload.extractor.js';
import { findRequest, setResponseHeader } from '../../../lib/request/request-of.js';

function contextOf(type: string, ...args: unknown[]): ExecutionContext {
  const context = new ExecutionContextHost(args);
  context.setType(type);
  return context;
}

const headers = { authorization: 'Bearer token' };

describe('the request of a context', () => {
  it('is the HTTP request itself', () => {
    const request = { headers };
    expect(findRequest(contextOf('http', request, {}))).toBe(request);
  });

  it('is what a GraphQL context holds as `req` or `request`', () => {
    const request = { headers };
    expect(findRequest(contextOf('graphql', {}, {}, { req: request }))).toBe(request);
    expect(findRequest(contextOf('graphql', {}, {}, { request }))).toBe(request);
  });

  it('is none for a GraphQL context without one, and none for a connection that is being opened', () => {
    const upgrade = { headers: { ...headers, upgrade: 'WebSocket' } };
    for (const context of [undefined, 'text', {}, { req: {} }, { req: { headers: 'x' } }, { req: upgrade }]) {
      expect(findRequest(contextOf('graphql', {}, {}, context))).toBeUndefined();
    }
  });

  it('is none for a kind of context that nobody knows, whatever it holds', () => {
    expect(findRequest(contextOf('smoke signals', { headers }))).toBeUndefined();
  });

  it('is the connection that a socket or a subscription was opened as', () => {
    const [socket, subscription] = [{}, {}];
    const request = new ConnectionRequest({ headers, withCookies: false });
    noteConnection(request, socket, subscription);
    expect(findRequest(contextOf('ws', socket, 'data', 'pattern'))).toBe(request);
    expect(findRequest(contextOf('graphql', {}, {}, { req: subscription }))).toBe(request);
    expect(findRequest(contextOf('ws', { handshake: { headers } }, 'data', 'pattern'))).toBeUndefined();
  });

  it('stays the same for one message of another service, and is another for the next', () => {
    const [first, second] = [1, 2].map(() => contextOf('rpc', { id: 1 }, new TcpContext([{} as TcpSocket, 'find'])));
    expect(findRequest(first as ExecutionContext)).toBe(findRequest(first as ExecutionContext));
    expect(findRequest(first as ExecutionContext)).not.toBe(findRequest(second as ExecutionContext));
    expect(findRequest(contextOf('rpc', { headers }))).toBeUndefined();
  });
});

describe('the headers of a connection', () => {
  const cookie = 'token=abc';

  it('hold the cookies only where cookies count', () => {
    expect(new ConnectionRequest({ headers: { cookie }, withCookies: false }).headers).toEqual({});
    expect(new ConnectionRequest({ headers: { cookie }, withCookies: true }).headers).toEqual({ cookie });
  });

  it('take the parameters of the client in, but never its word for what the browser writes', () => {
    const addresses = { Host: 'staff.example.com', 'X-Forwarded-Host': 'staff.example.com', forwarded: 'host=staff' };
    const written = { Cookie: 'token=mine', ORIGIN: 'https://app.example.com', ...addresses };
    const parameters = { Authorization: 'Bearer token', ...written, n: 1 };
    for (const withCookies of [true, false]) {
      expect(new ConnectionRequest({ headers: {}, parameters, withCookies }).headers).toEqual(headers);
    }
    expect(
      new ConnectionRequest({ headers, parameters: { authorization: 'Bearer other' }, withCookies: false }).headers,
    ).toEqual(headers);
  });

  it('name another token once the connection is renewed', () => {
    const address = { host: 'staff.example.com', 'x-forwarded-host': 'example.com' };
    const handshake = { ...headers, ...address, cookie, accesstoken: 'token' };
    const request = new ConnectionRequest({ headers: handshake, withCookies: true });
    request.renew(request.with('other'));
    expect(request.headers).toEqual({ authorization: 'Bearer other', ...address });
  });
});

describe('a message of another service', () => {
  const headersIn = (context: object): unknown => findRequest(contextOf('rpc', {}, context))?.headers;
  const socket = {} as TcpSocket;

  it('carries its metadata as headers, whichever transporter brought it', () => {
    const bytes = { Authorization: Buffer.from('Bearer token') };
    const natsHeaders = new Map([['Authorization', ['Bearer token']]]);
    const contexts = [
      new TcpContext([socket, 'find', { Authorization: 'Bearer token' }]),
      new NatsContext(['find', natsHeaders]),
      new KafkaContext([{ headers: bytes }, 0, 'find'] as unknown as ConstructorParameters<typeof KafkaContext>[0]),
      new RmqContext([{ properties: { headers: { authorization: 'Bearer token' } } }, {}, 'find']),
      { getMap: () => ({ authorization: 'Bearer token' }) },
    ];
    for (const context of contexts) expect(headersIn(context)).toEqual(headers);
  });

  it('carries none where there are none, and none that came twice', () => {
    expect(headersIn(new TcpContext([socket, 'find']))).toEqual({});
    expect(headersIn(new NatsContext(['find', undefined]))).toEqual({});
    expect(headersIn(new NatsContext(['find', new Map([['authorization', ['Bearer a', 'Bearer b']]])]))).toEqual({});
  });

  it('carries a token in its data where an extractor is told its name', () => {
    const extractor = new PayloadExtractor({ property: 'accessToken' });
    const found = (payload: unknown): unknown => {
      const request = findRequest(contextOf('rpc', payload, new TcpContext([socket, 'find'])));
      return request && extractor.extract(request);
    };
    expect(found({ accessToken: 'abc' })).toEqual({ token: 'abc', from: 'other' });
    for (const payload of [undefined, null, 'abc', 7, {}, { accessToken: 7 }, { accesstoken: 'abc' }]) {
      expect(found(payload)).toBeUndefined();
    }
    expect(found(Object.create({ accessToken: 'abc' }))).toBeUndefined();
  });

  it('is never mistaken for: an HTTP request with a property of that name carries nothing', () => {
    const request = { headers: {}, payload: { accessToken: 'abc' } };
    expect(new PayloadExtractor({ property: 'accessToken' }).extract(request)).toBeUndefined();
  });
});

describe('a header of the answer', () => {
  it('is set on HTTP, and passed over where answers have none', () => {
    const set: string[] = [];
    const response = { header: (name: string, value: string) => set.push(`${name}: ${value}`) };
    setResponseHeader(contextOf('http', {}, response), 'Retry-After', '1');
    setResponseHeader(contextOf('ws', {}, response), 'Retry-After', '2');
    setResponseHeader(contextOf('rpc', {}, response), 'Retry-After', '3');
    expect(set).toEqual(['Retry-After: 1']);
  });
});

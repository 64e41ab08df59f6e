import type { ExecutionContext } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { KafkaContext, MqttContext, NatsContext, RmqContext, TcpContext, type TcpSocket } from '@nestjs/microservices';
import { describe, expect, it } from 'vitest';
import { BearerExtractor } from '../../../lib/request/bearer.extractor.js';
import {
  connectionOf,
  ConnectionRequest,
  handleMessage,
  noteConnection,
} from '../../../lib/request/connection-request.js';
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

  it('is the request that a context hands on which wraps another', () => {
    const other = { headers };
    const switchToHttp = () => ({ getRequest: () => other });
    const wrapped = contextOf('http', { headers: {} }, {});
    expect(findRequest(Object.create(wrapped, { switchToHttp: { value: switchToHttp } }) as ExecutionContext)).toBe(
      other,
    );
    expect(findRequest(Object.assign(wrapped, { switchToHttp }))).toBe(other);
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

  it('is one for each message or operation over a connection, with the credential of the connection', () => {
    const [socket, subscription] = [{}, {}];
    const connection = new ConnectionRequest({ headers, withCookies: false });
    noteConnection(connection, socket, subscription);
    const inMessage = () => findRequest(contextOf('ws', socket, 'data', 'pattern'));
    const [one, another] = [1, 2].map(() => handleMessage(socket, () => [inMessage(), inMessage()]));
    expect(one?.[0]).toBe(one?.[1]);
    expect(one?.[0]).not.toBe(another?.[0]);
    const operation = { req: subscription };
    const inOperation = (context: object) => findRequest(contextOf('graphql', {}, {}, context));
    expect(inOperation(operation)).toBe(inOperation(operation));
    expect(inOperation(operation)).not.toBe(inOperation({ req: subscription }));
    for (const found of [one?.[0], inOperation(operation)]) expect(found).toMatchObject({ headers, connection });
    expect(findRequest(contextOf('ws', { handshake: { headers } }, 'data', 'pattern'))).toBeUndefined();
  });

  it('is never the message of another client, or the operation of another connection', () => {
    const [alice, bob] = [{}, {}];
    for (const client of [alice, bob]) {
      noteConnection(new ConnectionRequest({ headers, withCookies: false }), client);
    }
    const found = handleMessage(alice, () => findRequest(contextOf('ws', bob, 'data', 'pattern')));
    expect(found).toMatchObject({ connection: connectionOf(bob) });
    const shared = { req: alice };
    const first = findRequest(contextOf('graphql', {}, {}, shared));
    shared.req = bob;
    expect(findRequest(contextOf('graphql', {}, {}, shared))).not.toBe(first);
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

  it('have a token refused that came twice, over the wire or among the parameters', () => {
    const rawHeaders = ['Authorization', 'Bearer token', 'cookie', cookie, 'authorization', 'Bearer other'];
    const parameters = { authorization: 'Bearer a', Authorization: 'Bearer b' };
    const wire = new ConnectionRequest({ headers, rawHeaders, withCookies: false });
    expect(wire.rawHeaders).not.toContain(cookie);
    for (const request of [wire, new ConnectionRequest({ headers: {}, parameters, withCookies: false })]) {
      expect(new BearerExtractor().extract(request)).toEqual({ token: '', from: 'bearer' });
    }
    wire.renew(wire.with('newer'));
    expect(new BearerExtractor().extract(wire)).toEqual({ token: 'newer', from: 'bearer' });
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
      new MqttContext(['find', { properties: { userProperties: { Authorization: 'Bearer token' } } }]),
      { getMap: () => ({ authorization: 'Bearer token' }) },
    ];
    for (const context of contexts) expect(headersIn(context)).toEqual(headers);
  });

  it('carries none where there are none', () => {
    expect(headersIn(new TcpContext([socket, 'find']))).toEqual({});
    expect(headersIn(new NatsContext(['find', undefined]))).toEqual({});
    expect(headersIn(new NatsContext(['find', new Map([['authorization', []]])]))).toEqual({});
  });

  it('has its token refused where it came twice, in one way of writing or in two', () => {
    const twice = ['Bearer a', 'Bearer b'];
    const contexts = [
      new NatsContext(['find', new Map([['authorization', twice]])]),
      new TcpContext([socket, 'find', { Authorization: 'Bearer a', authorization: 'Bearer b' }]),
      new MqttContext(['find', { properties: { userProperties: { authorization: twice } } }]),
      { getMap: () => ({ authorization: 'Bearer a' }), getHeaders: () => ({ Authorization: 'Bearer b' }) },
    ];
    for (const context of contexts) {
      const request = findRequest(contextOf('rpc', {}, context));
      expect(request?.headers).toEqual({ authorization: twice });
      // The empty token is refused as malformed; a missing one might be anonymous.
      expect(request && new BearerExtractor().extract(request)).toEqual({ token: '', from: 'bearer' });
    }
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

import { Logger } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OptionalAuth } from '../../../lib/access/access.decorators.js';
import { resolveAccessOptions } from '../../../lib/access/access.options.js';
import { admissionOf } from '../../../lib/access/admission.js';
import type { CognitoAuthenticator } from '../../../lib/access/authenticator.service.js';
import { CognitoAuthGuard } from '../../../lib/access/cognito-auth.guard.js';
import { watchEventStream } from '../../../lib/access/event-stream.js';
import { type ConnectionOptions, cookiesCount, LongConnection } from '../../../lib/access/long-connection.js';
import { PushedEvents } from '../../../lib/access/pushed-events.js';
import type { CognitoErrorCode } from '../../../lib/errors/catalogue.js';
import { CognitoError } from '../../../lib/errors/cognito.error.js';
import { addErrorForm } from '../../../lib/errors/error-forms.js';
import { CognitoSubscriptions } from '../../../lib/graphql/cognito-subscriptions.service.js';
import { ConnectionRequest, handleMessage, noteConnection } from '../../../lib/request/connection-request.js';
import { type CognitoRequest, findRequest } from '../../../lib/request/request-of.js';
import { CognitoConnections } from '../../../lib/websockets/cognito-connections.service.js';
import { watchSocketIo } from '../../../lib/websockets/socket-io.js';
import { toWsException } from '../../../lib/websockets/ws-error.js';

const DAY = 24 * 3600;
let refusal: CognitoErrorCode | undefined;
let asked: number;

/** Knows whose token is whose by its text, `alice` or `bob`; `lifetime` in seconds. */
function authenticatorOf(lifetime: number): CognitoAuthenticator {
  const exp = Math.floor(Date.now() / 1000) + lifetime;
  return {
    authenticate: async ({ headers }: ConnectionRequest) => {
      asked += 1;
      if (refusal !== undefined) throw new CognitoError(refusal);
      if (headers['authorization'] === undefined) throw new CognitoError('COGNITO_TOKEN_MISSING');
      return { kind: 'user', pool: 'default', sub: headers['authorization'], claims: { exp } };
    },
  } as unknown as CognitoAuthenticator;
}

async function open(
  lifetime: number,
  options: ConnectionOptions = {},
  authorization: string | undefined = 'Bearer alice',
) {
  const ended: string[] = [];
  const request = new ConnectionRequest({ headers: { authorization }, withCookies: false });
  const connection = await LongConnection.open(authenticatorOf(lifetime), request, options);
  connection.watch(({ code }) => ended.push(code));
  return { connection, request, ended };
}

beforeEach(() => {
  vi.useFakeTimers();
  [refusal, asked] = [undefined, 0];
});

afterEach(() => vi.useRealTimers());

describe('a connection that lives long', () => {
  it('outlives every timer of Node, with a token that is good for longer', async () => {
    const { ended } = await open(60 * DAY);
    await vi.advanceTimersByTimeAsync(10 * 60 * 1000);
    expect(ended).toEqual([]);
    // One look each half minute, and none in between: a timer that overflows fires a thousand times a second.
    expect(asked).toBe(1 + 20);
  });

  it('ends within half a minute after its token was revoked, once, whoever noticed', async () => {
    const { connection, ended } = await open(DAY);
    refusal = 'COGNITO_TOKEN_REVOKED';
    await vi.advanceTimersByTimeAsync(29_000);
    expect(ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ended).toEqual(['COGNITO_TOKEN_REVOKED']);
    expect((await connection.refusal())?.code).toBe('COGNITO_TOKEN_REVOKED');
    await vi.advanceTimersByTimeAsync(120_000);
    expect(ended).toHaveLength(1);
  });

  it('ends when nobody can say whether the token is good', async () => {
    const { connection, ended } = await open(DAY);
    refusal = 'COGNITO_KEYS_UNAVAILABLE';
    expect((await connection.refusal())?.code).toBe('COGNITO_KEYS_UNAVAILABLE');
    expect(ended).toEqual(['COGNITO_KEYS_UNAVAILABLE']);
  });

  it('is looked at when the token expires, and as long as a tolerant verifier still takes it', async () => {
    const { ended } = await open(10);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(asked).toBe(1);
    await vi.advanceTimersByTimeAsync(3_000);
    expect([asked > 1, ended]).toEqual([true, []]);
    refusal = 'COGNITO_TOKEN_EXPIRED';
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ended).toEqual(['COGNITO_TOKEN_EXPIRED']);
  });

  it('is renewed by its own user only', async () => {
    const { connection, request, ended } = await open(DAY);
    await expect(connection.renew('bob')).rejects.toMatchObject({ code: 'COGNITO_TOKEN_WRONG_USER' });
    expect(request.headers).toEqual({ authorization: 'Bearer alice' });
    await connection.renew('alice');
    expect(ended).toEqual([]);
  });

  it('is renewed for the pool of the address that it came to', async () => {
    const hosts: unknown[] = [];
    const authenticator = {
      authenticate: async ({ headers }: ConnectionRequest) => {
        hosts.push(headers['host']);
        const pool = headers['host'] === 'staff.example.com' ? 'staff' : 'default';
        return { kind: 'user', pool, sub: headers['authorization'], claims: { exp: Date.now() } };
      },
    } as unknown as CognitoAuthenticator;
    const headers = { authorization: 'Bearer alice', host: 'staff.example.com' };
    const connection = await LongConnection.open(
      authenticator,
      new ConnectionRequest({ headers, withCookies: false }),
      {},
    );
    await connection.renew('alice');
    expect(await connection.refusal()).toBeUndefined();
    expect(hosts).toEqual(Array(3).fill('staff.example.com'));
  });

  it('asks nothing more once it was stopped', async () => {
    const { connection, ended } = await open(DAY);
    connection.stop();
    refusal = 'COGNITO_TOKEN_REVOKED';
    await vi.advanceTimersByTimeAsync(120_000);
    expect([asked, ended]).toEqual([1, []]);
  });

  it('is not opened without a token, unless it may be anonymous; with a bad one it never is', async () => {
    const request = (): ConnectionRequest => new ConnectionRequest({ headers: {}, withCookies: false });
    await expect(LongConnection.open(authenticatorOf(DAY), request(), {})).rejects.toMatchObject({
      code: 'COGNITO_TOKEN_MISSING',
    });
    const anonymous = await LongConnection.open(authenticatorOf(DAY), request(), { isOptional: true });
    expect(await anonymous.refusal()).toBeUndefined();
    refusal = 'COGNITO_TOKEN_EXPIRED';
    await expect(LongConnection.open(authenticatorOf(DAY), request(), { isOptional: true })).rejects.toMatchObject({
      code: 'COGNITO_TOKEN_EXPIRED',
    });
  });
});

describe('a message over a connection whose token is no longer good', () => {
  class Gateway {
    @OptionalAuth({ badToken: 'anonymous' }) ask(this: void): void {}
  }

  it('is nobody’s where that is permitted, not whose the connection was', async () => {
    addErrorForm('ws', toWsException);
    const { request } = await open(DAY);
    const authenticator = authenticatorOf(DAY);
    const guard = new CognitoAuthGuard(
      { authenticate: () => authenticator.authenticate(request) } as unknown as CognitoAuthenticator,
      { resolve: async () => ({ id: 1 }) },
      { assertLive: async () => undefined },
      resolveAccessOptions({}),
    );
    const client = {};
    noteConnection(request, client);
    const context = new ExecutionContextHost([client, 'data'], Gateway, Gateway.prototype.ask);
    context.setType('ws');

    await handleMessage(client, async () => {
      const message = findRequest(context) as CognitoRequest;
      await guard.canActivate(context);
      expect([message.user, admissionOf(message)?.localUser]).toEqual([expect.anything(), { id: 1 }]);
      refusal = 'COGNITO_TOKEN_REVOKED';
      expect(await guard.canActivate(context)).toBe(true);
      expect([message.user, admissionOf(message)]).toEqual([undefined, undefined]);
    });
  });
});

describe('what is pushed over a connection', () => {
  const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

  it('goes in its order, and all that is pushed at once after one question', async () => {
    const { connection } = await open(DAY);
    const [events, sent] = [new PushedEvents(connection), [] as string[]];
    for (const event of ['a', 'b', 'c']) events.push(() => sent.push(event));
    events.afterwards(() => sent.push('bye'));
    expect(sent).toEqual([]);
    await settle();
    expect([sent, asked - 1]).toEqual([['a', 'b', 'c', 'bye'], 2]);
    events.afterwards(() => sent.push('at once'));
    expect(sent.at(-1)).toBe('at once');
  });

  it('is dropped from the moment on that the token was revoked, though a question was on its way', async () => {
    const { connection, ended } = await open(DAY);
    const [events, sent] = [new PushedEvents(connection), [] as string[]];
    events.push(() => sent.push('before'));
    refusal = 'COGNITO_TOKEN_REVOKED';
    events.push(
      () => sent.push('after'),
      () => sent.push('dropped'),
    );
    await settle();
    expect([sent, ended]).toEqual([['before', 'dropped'], ['COGNITO_TOKEN_REVOKED']]);
    // Also when the store has forgotten meanwhile: what has ended stays so.
    refusal = undefined;
    events.push(() => sent.push('later'));
    await settle();
    expect(sent).not.toContain('later');
  });

  it('is not held up by an event that cannot be sent', async () => {
    const { connection } = await open(DAY);
    const [events, sent] = [new PushedEvents(connection), [] as string[]];
    const logged = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    events.push(() => {
      throw new TypeError('no text');
    });
    events.push(() => sent.push('next'));
    await settle();
    expect([sent, logged.mock.calls.length]).toEqual([['next'], 1]);
    logged.mockRestore();
  });
});

describe('who leaves before the answer to their handshake', () => {
  const headers = { authorization: 'Bearer alice' };
  const modules = { get: () => authenticatorOf(DAY) } as unknown as ModuleRef;

  it.each([
    ['is gone', true, 0],
    ['is there', false, 1],
  ])('and %s is watched by so many timers: a stream of events', async (_, destroyed, timers) => {
    const handler = Object.assign(() => undefined, {});
    Reflect.defineMetadata('__sse__', true, handler);
    const response = { destroyed, once: vi.fn(), destroy: vi.fn(), write: vi.fn(), end: vi.fn() };
    const context = new ExecutionContextHost([{ headers }, response], class {}, handler);
    context.setType('http');
    await watchEventStream(context, authenticatorOf(DAY), {});
    expect(vi.getTimerCount()).toBe(timers);
  });

  it.each([
    ['is gone', true, 0],
    ['is there', false, 1],
  ])('and %s is watched by so many timers: a subscription', async (_, isGone, timers) => {
    const { onConnect, onClose } = new CognitoSubscriptions(modules).hooks();
    const context = { extra: { request: { headers }, socket: { close: vi.fn() } } };
    const connected = onConnect(context);
    if (isGone) onClose(context);
    expect(await connected).toBe(!isGone);
    expect(vi.getTimerCount()).toBe(timers);
  });

  it.each([
    ['is gone', 'closed', 0],
    ['is there', 'open', 1],
  ])('and %s is watched by so many timers: a socket of socket.io', async (_, readyState, timers) => {
    const conn = Object.assign(new EventEmitter(), { readyState });
    const socket = socketOver(conn);
    const namespace = { use: vi.fn<(middleware: Middleware) => void>(), of: vi.fn() };
    watchSocketIo(namespace, new CognitoConnections(modules), {});
    const [middleware] = namespace.use.mock.lastCall ?? [];
    await new Promise((next) => middleware?.(socket, next));
    expect(vi.getTimerCount()).toBe(timers);
    // A client may come and go over one connection as often as it likes.
    socket.emit('disconnect');
    expect([vi.getTimerCount(), conn.listenerCount('close')]).toEqual([0, 0]);
  });

  it('and is refused by another middleware of socket.io is watched no longer than the connection below', async () => {
    const conn = Object.assign(new EventEmitter(), { readyState: 'open' });
    const socket = socketOver(conn);
    const namespace = { use: vi.fn<(middleware: Middleware) => void>(), of: vi.fn() };
    watchSocketIo(namespace, new CognitoConnections(modules), {});
    const [middleware] = namespace.use.mock.lastCall ?? [];
    await new Promise((next) => middleware?.(socket, next));
    expect(vi.getTimerCount()).toBe(1);
    // Another middleware may refuse the socket: then it is never connected, and never disconnected.
    conn.emit('close');
    expect(vi.getTimerCount()).toBe(0);
  });
});

/** What is used of a socket of socket.io. */
function socketOver<Connection>(conn: Connection) {
  const handshake = { headers: { authorization: 'Bearer alice' }, auth: {} };
  const client = { writeToEngine: vi.fn(), _disconnect: vi.fn() };
  return Object.assign(new EventEmitter(), { handshake, conn, client, request: {}, disconnect: vi.fn() });
}

type Middleware = Parameters<Parameters<typeof watchSocketIo>[0]['use']>[0];

describe('the cookies of a handshake', () => {
  const allowedOrigins = ['https://app.example.com'];
  const count = (origin: string | undefined, options: ConnectionOptions = { allowedOrigins }): boolean =>
    cookiesCount({ headers: { origin } }, options);

  it('count from the pages named, and from no others', () => {
    expect(count('https://app.example.com')).toBe(true);
    const others = [
      undefined,
      '',
      'null',
      'http://app.example.com',
      'https://app.example.com.evil.com',
      'https://app.example.com:8443',
    ];
    expect(others.map((origin) => count(origin))).toEqual(others.map(() => false));
    expect(count('https://app.example.com', {})).toBe(false);
    expect(count('null', { allowedOrigins: ['null'] })).toBe(false);
  });
});

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { SignInTokens } from 'nest-cognito';

/*
 * A stand-in: the library will bring sessions of its own, and this file will then be thrown away. It keeps tokens in the
 * memory of this one process, and forgets them when it stops.
 */

const COOKIE = 'sample_session';
const WELL_FORMED = /^[\w-]{43}$/;
const MOST_SESSIONS = 1000;

interface Session {
  readonly tokens: SignInTokens;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

/** Who is signed in with which browser. The browser holds a random id; the tokens stay here. */
@Injectable()
export class BrowserSessions {
  readonly #sessions = new Map<string, Session>();
  readonly #secret = randomBytes(32);

  /** The tokens of whoever sent the request; undefined for a visitor. */
  find(request: Request): SignInTokens | undefined {
    const id = idOf(request);
    const session = id === undefined ? undefined : this.#sessions.get(id);
    return session !== undefined && session.endsAt > Date.now() ? session.tokens : undefined;
  }

  /** Begins a session under a new id: one that somebody else knew before the sign-in is worth nothing after it. */
  begin(request: Request, response: Response, tokens: SignInTokens): void {
    this.#forget(request);
    this.#makeRoom();
    const id = newId();
    this.#sessions.set(id, { tokens, endsAt: Date.now() + tokens.expiresIn * 1000 });
    setCookie(request, response, id, tokens.expiresIn);
  }

  /** Ends the session, if there is one, and gives the browser a new id. */
  end(request: Request, response: Response): void {
    this.#forget(request);
    setCookie(request, response, newId());
  }

  /** The token that every form has to bring back; a browser without an id gets one. */
  formToken(request: Request, response: Response): string {
    const known = idOf(request);
    if (known !== undefined) return this.#formTokenOf(known).toString('base64url');
    const id = newId();
    setCookie(request, response, id);
    return this.#formTokenOf(id).toString('base64url');
  }

  /** Tells whether a form brought back the token of the browser that sends it; compared in constant time. */
  isFormToken(request: Request, given: unknown): boolean {
    const id = idOf(request);
    if (id === undefined || typeof given !== 'string') return false;
    const expected = this.#formTokenOf(id);
    const actual = Buffer.from(given, 'base64url');
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  }

  // Derived from the id, so that visitors who never sign in take no memory.
  #formTokenOf(id: string): Buffer {
    return createHmac('sha256', this.#secret).update(id).digest();
  }

  #forget(request: Request): void {
    const id = idOf(request);
    if (id !== undefined) this.#sessions.delete(id);
  }

  #makeRoom(): void {
    for (const [id, { endsAt }] of this.#sessions) if (endsAt <= Date.now()) this.#sessions.delete(id);
    const [oldest] = this.#sessions.keys();
    if (oldest !== undefined && this.#sessions.size >= MOST_SESSIONS) this.#sessions.delete(oldest);
  }
}

/** Ids by request: a page that follows a change of id in the same answer sees the new one. */
const changedIds = new WeakMap<Request, string>();

function idOf(request: Request): string | undefined {
  const changed = changedIds.get(request);
  if (changed !== undefined) return changed;
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  const value = pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
  return value !== undefined && WELL_FORMED.test(value) ? value : undefined;
}

function setCookie(request: Request, response: Response, id: string, seconds?: number): void {
  changedIds.set(request, id);
  // Not `Secure`: the application speaks plain http, on the loopback interface only.
  response.cookie(COOKIE, id, {
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    ...(seconds !== undefined && { maxAge: seconds * 1000 }),
  });
}

function newId(): string {
  return randomBytes(32).toString('base64url');
}

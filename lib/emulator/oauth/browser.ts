import { randomBytes } from 'node:crypto';
import type { Pool } from '../state/pool.js';
import { PAGE_SESSION_LIFETIME, type PageSession } from '../state/page-sign-ins.js';
import type { User } from '../state/users.js';
import type { EndpointRequest } from './endpoint-request.js';

// Cookies know no ports: pools that run side by side must not take each other's.
const sessionCookie = ({ settings }: Pool) => `cognito-${settings.userPoolId}`;
const browserCookie = ({ settings }: Pool) => `XSRF-TOKEN-${settings.userPoolId}`;
const ATTRIBUTES = 'Path=/; HttpOnly; SameSite=Lax';
const BROWSER = /^[\w-]{43}$/;

/** Who is signed in at the pages with this browser, if they still may be. */
export function pageSessionOf(pool: Pool, request: EndpointRequest): PageSession | undefined {
  const found = pool.pageSessions.find(request.cookie(sessionCookie(pool)) ?? '');
  return found.state === 'live' && isUsable(pool, found.value.user) ? found.value : undefined;
}

/** Whether somebody who has signed in is still there and may. */
export function isUsable(pool: Pool, user: User): boolean {
  return pool.users.byName(user.username) === user && user.enabled && user.status === 'CONFIRMED';
}

/** Keeps somebody signed in for an hour, in place of whoever was before. @returns the session and its cookie */
export function beginPageSession(
  pool: Pool,
  request: EndpointRequest,
  user: User,
): { session: PageSession; cookie: string } {
  endPageSession(pool, request);
  const handle = randomBytes(32).toString('base64url');
  const session = { user, authenticatedAt: pool.clock.now() };
  pool.pageSessions.put(handle, session);
  const cookie = `${sessionCookie(pool)}=${handle}; Max-Age=${PAGE_SESSION_LIFETIME / 1000}; ${ATTRIBUTES}`;
  return { session, cookie };
}

/** Signs the browser out. @returns the cookie that takes the other one away */
export function endPageSession(pool: Pool, request: EndpointRequest): string {
  pool.pageSessions.spend(request.cookie(sessionCookie(pool)) ?? '');
  return `${sessionCookie(pool)}=; Max-Age=0; ${ATTRIBUTES}`;
}

/** What a browser proves in each form that the form is ours, if it has it already. */
export function browserOf(pool: Pool, request: EndpointRequest): string | undefined {
  const value = request.cookie(browserCookie(pool));
  return value !== undefined && BROWSER.test(value) ? value : undefined;
}

/** @returns the value and the cookie that gives it to the browser */
export function newBrowser(pool: Pool): { browser: string; cookie: string } {
  const browser = randomBytes(32).toString('base64url');
  return { browser, cookie: `${browserCookie(pool)}=${browser}; ${ATTRIBUTES}` };
}

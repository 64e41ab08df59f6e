import { timingSafeEqual } from 'node:crypto';
import { SignedInAtPages } from '../operations/complete-sign-in.js';
import { signInWithPassword } from '../operations/password-sign-in.js';
import { newAttempt } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import type { HttpAnswer } from '../wire/http.js';
import { notAuthorized, WireError } from '../wire/wire-error.js';
import { authorizationOf, type AuthorizationRequest, targetOf } from './authorization-request.js';
import { orRefusal, sendBack } from './authorize.js';
import { beginPageSession, browserOf, newBrowser } from './browser.js';
import type { EndpointRequest, Parameters } from './endpoint-request.js';
import { html } from './html.js';
import { answerStep, findStep, isAlive, openStep, type WaitingStep } from './login-steps.js';
import { page } from './page.js';
import { inputsOf, titleOf } from './step-fields.js';

const LONGEST_INPUT = 256;

/** A form that was sent, by a browser that had it from us. */
interface SentForm {
  readonly pool: Pool;
  readonly request: EndpointRequest;
  readonly asked: AuthorizationRequest;
  readonly form: Parameters;
  readonly browser: string;
}

/** GET /login: asks for name and password. */
export async function loginPage(pool: Pool, request: EndpointRequest): Promise<HttpAnswer> {
  const target = targetOf(pool, request.query);
  return orRefusal(target, async () => {
    const asked = authorizationOf(pool, target, request.query);
    return freshForm(pool, request, asked.loginHint);
  });
}

/** POST /login: judges what was typed, with the pool's own checks, and goes on. */
export async function login(pool: Pool, request: EndpointRequest): Promise<HttpAnswer> {
  const target = targetOf(pool, request.query);
  const form = await request.form();
  const browser = browserOf(pool, request);
  if (browser === undefined || !isOwnForm(request, form, browser)) {
    return freshForm(pool, request, undefined, { status: 403, alert: 'The form was not ours, or too old: try again.' });
  }
  return orRefusal(target, async () => {
    const sent = { pool, request, form, browser, asked: authorizationOf(pool, target, request.query) };
    const id = form.one('step');
    return id === undefined ? withPassword(sent) : withAnswer(sent, id);
  });
}

async function withPassword(sent: SentForm): Promise<HttpAnswer> {
  const { pool, form, request, asked } = sent;
  const name = form.one('username') ?? '';
  const password = form.one('password') ?? '';
  try {
    // What cannot be a name or a password is not worth an attempt, which triggers would hear of.
    if (!isPlausible(name) || !isPlausible(password)) throw notAuthorized();
    const result = await signInWithPassword(pool, asked.target.client, { name, password }, newAttempt('PAGES'));
    return await goOn(sent, result);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return freshForm(pool, request, name, { status: 200, alert: error.message });
  }
}

async function withAnswer(sent: SentForm, id: string): Promise<HttpAnswer> {
  const { pool, form, request, asked, browser } = sent;
  const { client } = asked.target;
  const waiting = findStep(pool, id, { browser, clientId: client.clientId });
  if (!waiting)
    return freshForm(pool, request, undefined, { status: 200, alert: 'The sign-in took too long: begin anew.' });
  try {
    const result = await answerStep(pool, client, waiting, (name) => form.one(name));
    pool.pageSteps.spend(id);
    return await goOn(sent, result);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    if (isAlive(pool, waiting)) return stepForm(sent, waiting, error.message);
    return freshForm(pool, request, undefined, { status: 200, alert: error.message });
  }
}

async function goOn(sent: SentForm, result: object): Promise<HttpAnswer> {
  const { pool, request, asked, browser } = sent;
  if (!(result instanceof SignedInAtPages)) {
    return stepForm(sent, await openStep(pool, result, { browser, clientId: asked.target.client.clientId }));
  }
  const { session, cookie } = beginPageSession(pool, request, result.user);
  return sendBack(pool, asked, session, { 'set-cookie': cookie });
}

function stepForm({ request, browser }: SentForm, { id, step }: WaitingStep, alert?: string): HttpAnswer {
  const body = html`<form method="post" action="/login?${request.query.toString()}">
    <input type="hidden" name="_csrf" value="${browser}" />
    <input type="hidden" name="step" value="${id}" />
    ${inputsOf(step)}
    <button type="submit">Go on</button>
  </form>`;
  return page(200, { title: titleOf(step), body, alert });
}

function freshForm(
  pool: Pool,
  request: EndpointRequest,
  name: string | undefined,
  { status, alert }: { status: number; alert?: string } = { status: 200 },
): HttpAnswer {
  const known = browserOf(pool, request);
  const { browser, cookies } = known === undefined ? withCookie(pool) : { browser: known, cookies: [] };
  const body = html`<form method="post" action="/login?${request.query.toString()}">
    <input type="hidden" name="_csrf" value="${browser}" />
    <label for="username">Username</label>
    <input id="username" name="username" value="${name}" autocomplete="username" autocapitalize="none" required />
    <label for="password">Password</label>
    <input id="password" name="password" type="password" autocomplete="current-password" required />
    <button type="submit">Sign in</button>
  </form>`;
  return page(status, { title: 'Sign in', body, alert }, cookies);
}

function withCookie(pool: Pool): { browser: string; cookies: string[] } {
  const { browser, cookie } = newBrowser(pool);
  return { browser, cookies: [cookie] };
}

function isPlausible(typed: string): boolean {
  return typed !== '' && typed.length <= LONGEST_INPUT;
}

function isOwnForm({ headers }: EndpointRequest, form: Parameters, browser: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const [one, other] = [Buffer.from(form.one('_csrf') ?? ''), Buffer.from(browser)];
  return one.length === other.length && timingSafeEqual(one, other);
}

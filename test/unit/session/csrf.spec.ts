import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../../lib/request/http-request.js';
import { Signer } from '../../../lib/sealing/signer.js';
import { CsrfTokens } from '../../../lib/session/csrf.js';

const signer = new Signer('csrf', () => ['the-first-secret-of-thirty-two-bytes']);
const sessions = new WeakMap<object, string>();
const tokens = new CsrfTokens(signer, {
  sessionIdOf: (asked) => Promise.resolve(sessions.get(asked)),
  sentSessionIdOf: (asked) => Promise.resolve(sessions.get(asked)),
  isSecure: () => true,
});

interface Sent {
  readonly session?: string;
  readonly headers?: HttpRequest['headers'];
  readonly body?: unknown;
}

function request({ session, headers = {}, body }: Sent = {}): HttpRequest {
  const set = new Map<string, string | string[]>();
  const res = {
    getHeader: (name: string) => set.get(name),
    removeHeader: (name: string) => set.delete(name),
    header: (name: string, value: string | string[]) => set.set(name, value),
  };
  const made = { method: 'POST', headers, body, res, set };
  if (session !== undefined) sessions.set(made, session);
  return made;
}

const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };

function cookieSetWith(answered: HttpRequest): string {
  const { set } = answered as unknown as { readonly set: Map<string, string | string[]> };
  return String(set.get('set-cookie'));
}

describe('a CSRF token', () => {
  it('proves a request of its session, in the header and in the field of a form', async () => {
    const token = await tokens.tokenFor(request({ session: 'one' }));

    await expect(
      tokens.assertProven(request({ session: 'one', headers: { 'x-csrf-token': token } })),
    ).resolves.toBeUndefined();
    await expect(
      tokens.assertProven(request({ session: 'one', headers: form, body: { _csrf: token } })),
    ).resolves.toBeUndefined();
  });

  it('proves nothing for another session, for a browser without one, or after the session is a new one', async () => {
    const headers = { 'x-csrf-token': await tokens.tokenFor(request({ session: 'one' })) };

    for (const other of [request({ session: 'two', headers }), request({ headers })]) {
      await expect(tokens.assertProven(other)).rejects.toMatchObject({ code: 'COGNITO_CSRF_REFUSED', status: 403 });
    }
  });

  it('is bound to a cookie of its own before there is a session, and that cookie is out of reach for scripts', async () => {
    const first = request();
    const token = await tokens.tokenFor(first);
    const cookie = cookieSetWith(first);
    const sent = /^(__Host-csrf=[\w-]{43}); Path=\/; HttpOnly; Secure; SameSite=Lax$/.exec(cookie)?.[1] ?? '';

    await tokens.assertProven(request({ headers: { cookie: sent, 'x-csrf-token': token } }));
    for (const headers of [
      { 'x-csrf-token': token },
      { cookie: `__Host-csrf=${'A'.repeat(43)}`, 'x-csrf-token': token },
      { cookie: sent.replace('__Host-', ''), 'x-csrf-token': token },
      { cookie: `${sent}; ${sent}`, 'x-csrf-token': token },
    ]) {
      await expect(tokens.assertProven(request({ headers }))).rejects.toMatchObject({ code: 'COGNITO_CSRF_REFUSED' });
    }
    const signedIn = request({ session: 'one', headers: { cookie: sent, 'x-csrf-token': token } });
    await expect(tokens.assertProven(signedIn)).rejects.toMatchObject({ code: 'COGNITO_CSRF_REFUSED' });
  });

  it('of a session is none of a browser that calls itself like the session', async () => {
    const id = 's'.repeat(43);
    const ofSession = await tokens.tokenFor(request({ session: id }));
    const ofBrowser = await tokens.tokenFor(request({ headers: { cookie: `__Host-csrf=${id}` } }));
    const asBrowser = { cookie: `__Host-csrf=${id}`, 'x-csrf-token': ofSession };
    await expect(tokens.assertProven(request({ headers: asBrowser }))).rejects.toMatchObject({ status: 403 });
    const asSession = request({ session: id, headers: { 'x-csrf-token': ofBrowser } });
    await expect(tokens.assertProven(asSession)).rejects.toMatchObject({ status: 403 });
  });

  it.each(['', 'short', 'a'.repeat(44)])(
    'is bound to a new cookie where the one that was sent is "%s"',
    async (sent) => {
      const asking = request({ headers: { cookie: `__Host-csrf=${sent}` } });
      await tokens.tokenFor(asking);
      expect(cookieSetWith(asking)).toMatch(/^__Host-csrf=[\w-]{43};/);
    },
  );

  it('is given again to a browser that has its cookie, and twice with one answer', async () => {
    const first = request();
    const [one, two] = [await tokens.tokenFor(first), await tokens.tokenFor(first)];
    const cookie = cookieSetWith(first).split(';')[0];
    const second = request({ headers: { cookie } });
    const three = await tokens.tokenFor(second);

    expect(cookieSetWith(second)).toBe('undefined');
    for (const token of [one, two, three]) {
      const sent = request({ headers: { cookie, 'x-csrf-token': token } });
      await expect(tokens.assertProven(sent)).resolves.toBeUndefined();
    }
  });

  it('that was given before a sign-in or sign-out proves nothing after it, and a new one is bound to another cookie', async () => {
    const first = request();
    const before = await tokens.tokenFor(first);
    const cookie = cookieSetWith(first).split(';')[0];
    const signingOut = request({ headers: { cookie } });
    tokens.forget(signingOut);
    expect(cookieSetWith(signingOut)).toBe('__Host-csrf=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax');
    const after = await tokens.tokenFor(signingOut);
    const next = cookieSetWith(signingOut).split(';')[0];
    expect(next).toMatch(/^__Host-csrf=[\w-]{43}$/);
    await tokens.assertProven(request({ headers: { cookie: next, 'x-csrf-token': after } }));
    for (const headers of [
      { cookie: next, 'x-csrf-token': before },
      { cookie, 'x-csrf-token': after },
    ]) {
      await expect(tokens.assertProven(request({ headers }))).rejects.toMatchObject({ code: 'COGNITO_CSRF_REFUSED' });
    }
    // What was given out with the very answer is taken back, and nothing is where nothing was.
    tokens.forget(first);
    expect(cookieSetWith(first)).toContain('Max-Age=0');
    const unmet = request();
    tokens.forget(unmet);
    expect(cookieSetWith(unmet)).toBe('undefined');
  });

  it.each<[string, Sent]>([
    ['no token', {}],
    ['an empty one', { headers: { 'x-csrf-token': '' } }],
    ['two headers', { headers: { 'x-csrf-token': ['a', 'b'] } }],
    ['a field that is a list', { headers: form, body: { _csrf: ['a', 'b'] } }],
    ['a body that is none', { headers: form, body: null }],
  ])('cannot be replaced by %s', async (_case, sent) => {
    await expect(tokens.assertProven(request({ session: 'one', ...sent }))).rejects.toMatchObject({
      code: 'COGNITO_CSRF_REFUSED',
    });
  });

  it('is not read from bodies that a form could be made to look like', async () => {
    const token = await tokens.tokenFor(request({ session: 'one' }));
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=a', undefined]) {
      const sent = request({ session: 'one', headers: { 'content-type': type }, body: { _csrf: token } });
      await expect(tokens.assertProven(sent)).rejects.toMatchObject({ code: 'COGNITO_CSRF_REFUSED' });
    }
  });
});

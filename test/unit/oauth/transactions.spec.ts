import { describe, expect, it } from 'vitest';
import { Transactions } from '../../../lib/oauth/transactions.js';
import { Sealer } from '../../../lib/sealing/sealer.js';

const begun = {
  state: 'the-state',
  nonce: 'the-nonce',
  codeVerifier: 'the-verifier',
  returnTo: 'https://app.example.com/',
};
const sealer = new Sealer(() => ['0123456789abcdef0123456789abcdef']);

/** A request of Express, as far as cookies are concerned. */
function requestWith(cookie = '') {
  const set: string[] = [];
  const res = {
    getHeader: (name: string) => (name === 'set-cookie' && set.length > 0 ? [...set] : undefined),
    removeHeader: (name: string) => void (name === 'set-cookie' && set.splice(0)),
    header: (name: string, lines: string | string[]) => void (name === 'set-cookie' && set.push(...[lines].flat())),
  };
  return { headers: { cookie }, res, set };
}

describe('a sign-in that is under way', () => {
  it('is kept over https in a cookie that no sibling domain can set and no script can read', async () => {
    const transactions = new Transactions(sealer, { audience: 'app', secure: true, lifetime: 900 });
    const request = requestWith();
    await transactions.begin(request, begun);

    expect(request.set).toEqual([
      expect.stringMatching(
        /^__Host-cognito-oauth-[\w-]{16}=[\w.-]+; Path=\/; Max-Age=900; HttpOnly; Secure; SameSite=Lax$/,
      ),
    ]);
    for (const secret of Object.values(begun)) expect(request.set.join()).not.toContain(secret);
    const back = requestWith(request.set[0]?.split(';')[0]);
    expect(await transactions.take(back, begun.state)).toMatchObject(begun);
    expect(back.set.join()).toContain('Max-Age=0');
  });

  it('is taken once, also by two requests at a time', async () => {
    const transactions = new Transactions(sealer, { audience: 'app', secure: false, lifetime: 900 });
    const request = requestWith();
    await transactions.begin(request, begun);
    const cookie = request.set[0]?.split(';')[0];
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => transactions.take(requestWith(cookie), begun.state)));

    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected']);
  });

  it('is remembered once it was used, and of very many the newest', async () => {
    const transactions = new Transactions(sealer, { audience: 'app', secure: false, lifetime: 900 }, 3);
    const cookies = new Map<string, string>();
    for (const state of 'abcd') {
      const request = requestWith();
      await transactions.begin(request, { ...begun, state });
      cookies.set(state, request.set[0]?.split(';')[0] ?? '');
    }
    const take = (state: string): Promise<string> =>
      transactions.take(requestWith(cookies.get(state)), state).then(
        () => 'taken',
        () => 'refused',
      );
    const takeAll = async (states: string): Promise<string[]> => {
      const outcomes: string[] = [];
      for (const state of states) outcomes.push(await take(state));
      return outcomes;
    };
    expect(await takeAll('abc')).toEqual(['taken', 'taken', 'taken']);
    expect(await takeAll('abc')).toEqual(['refused', 'refused', 'refused']);
    // Beyond three the oldest makes room; the others are still known.
    expect(await takeAll('dbc')).toEqual(['taken', 'refused', 'refused']);
    expect(await takeAll('a')).toEqual(['taken']);
    expect(await takeAll('cd')).toEqual(['refused', 'refused']);
  });

  it('is refused where its cookie came twice: one of them may be planted', async () => {
    const transactions = new Transactions(sealer, { audience: 'app', secure: false, lifetime: 900 });
    const request = requestWith();
    await transactions.begin(request, begun);
    const cookie = request.set[0]?.split(';')[0] ?? '';

    await expect(transactions.take(requestWith(`${cookie}; ${cookie}`), begun.state)).rejects.toMatchObject({
      code: 'COGNITO_OAUTH_STATE_INVALID',
    });
  });

  it('makes room where those of a browser would leave too little for its session', async () => {
    const transactions = new Transactions(sealer, { audience: 'app', secure: false, lifetime: 900 });
    const jar = new Map<string, string>();
    for (const state of ['1', '2', '3', '4', '5', '6', '7', '8']) {
      const request = requestWith([...jar].map((pair) => pair.join('=')).join('; '));
      const returnTo = `https://app.example.com/${'a'.repeat(1000)}`;
      await transactions.begin(request, { ...begun, state, returnTo });
      for (const line of request.set) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (value === '') jar.delete(name);
        else jar.set(name, value);
      }
      expect([...jar].join('; ').length).toBeLessThan(8192);
    }

    expect(jar.size).toBeGreaterThan(1);
    const last = requestWith([...jar].map((pair) => pair.join('=')).join('; '));
    expect(await transactions.take(last, '8')).toMatchObject({ state: '8' });
  });

  it('does not begin where the answer is on its way already', async () => {
    const transactions = new Transactions(sealer, { audience: 'app', secure: false, lifetime: 900 });

    await expect(transactions.begin({ headers: {} }, begun)).rejects.toMatchObject({ code: 'COGNITO_UNEXPECTED' });
  });
});

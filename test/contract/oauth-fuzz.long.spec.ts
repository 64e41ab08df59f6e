import { describe, expect, it } from 'vitest';
import { stateHash } from '../../lib/emulator/state/snapshot.js';
import { OAUTH_RECIPES, spoiled } from './fuzz/oauth-requests.js';
import { Random } from './fuzz/random.js';
import { CALLBACK, LOGOUT, type PageReply, type PageRequest, World } from './fuzz/world.js';

const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 3000);

/** What a request must not bring about, whatever it is. */
interface Misdeed {
  readonly what: string;
  readonly request: string;
  readonly reply: string;
}

describe('the pages and endpoints of the domain under 3,000 requests', () => {
  it(
    'serve the valid ones, send nobody elsewhere, repeat no secret and leave no trace of what they refuse',
    { timeout: 400_000 },
    async () => {
      const random = new Random(Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 32));
      console.log(`FUZZ_SEED=${random.seed}`);
      const world = await World.open();
      const misdeeds: Misdeed[] = [];
      const statuses = new Map<number, number>();
      const { accessToken, idToken, refreshToken } = await world.signIn();
      const names = Object.keys(OAUTH_RECIPES);
      for (let index = 0; index < REQUESTS; index += 1) {
        const name = names[index % names.length] ?? '';
        const recipe = OAUTH_RECIPES[name];
        if (recipe === undefined) throw new Error(`There is no recipe for ${name}.`);
        world.forgetTheOldest();
        const request = await recipe.request(world);
        const before = stateHash(world.pool);
        const isValid = index < names.length * 3;
        const sent = isValid ? request : spoiled(request, random, [accessToken, idToken, refreshToken]);
        const reply = await world.visit(sent);
        statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
        const found = faultsOf(reply, secretsOf(request), before !== stateHash(world.pool));
        if (isValid && reply.status !== recipe.succeeds) found.push('a valid request was refused');
        found.push(...world.faults.splice(0).map(String));
        const asSent = JSON.stringify({ name, ...sent }).slice(0, 2000);
        misdeeds.push(...found.map((what) => ({ what, request: asSent, reply: JSON.stringify(reply).slice(0, 2000) })));
      }
      await world.close();

      expect(misdeeds.slice(0, 3), `FUZZ_SEED=${random.seed}`).toEqual([]);
      expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 302, 400, 401, 403, 404]));
      console.log(`statuses: ${JSON.stringify([...statuses])}`);
    },
  );
});

function faultsOf(
  { status, location = '', body }: PageReply,
  secrets: readonly string[],
  hasChanged: boolean,
): string[] {
  const isElsewhere = location !== '' && !isKnown(location);
  const isRefused = status >= 400 || /[?&]error=/.test(location);
  return [
    ...(status < 200 || status >= 500 ? [`status ${status}`] : []),
    ...(isElsewhere ? ['a browser was sent elsewhere'] : []),
    ...(secrets.some((secret) => body.includes(secret) || location.includes(secret)) ? ['a secret came back'] : []),
    ...(isRefused && hasChanged ? ['a refusal left a trace'] : []),
    ...(/<img|<script/.test(body) && body.includes('<!doctype') ? ['a page shows markup'] : []),
  ];
}

function isKnown(location: string): boolean {
  const isCallback = location.startsWith(`${CALLBACK}?`) || location.startsWith(`${CALLBACK}#`);
  return isCallback || location === LOGOUT || /^\/(login|error)\?/.test(location);
}

/** What of a request must never be repeated. */
function secretsOf({ form = [], headers }: PageRequest): string[] {
  const named = /^(password|code|code_verifier|refresh_token|token|EMAIL_OTP_CODE)$/;
  const values = form.flatMap(([name, value]) => (named.test(name) && value !== '' ? [value] : []));
  const [, credential] = (headers['authorization'] ?? '').split(' ');
  return credential === undefined ? values : [...values, credential];
}

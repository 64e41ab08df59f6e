import { createHash, randomUUID } from 'node:crypto';
import type { User } from '../../../lib/emulator/state/users.js';
import type { Random } from './random.js';
import { CALLBACK, CLIENT, LOGOUT, PASSWORD, type PageRequest, SECRET, type World } from './world.js';

/** A request that succeeds, with the status that tells so. */
export interface Recipe {
  readonly succeeds: number;
  readonly request: (world: World) => PageRequest | Promise<PageRequest>;
}

const VERIFIER = 'v'.repeat(43);
const SCOPES = ['openid', 'email'];
const codeChallenge = createHash('sha256').update(VERIFIER).digest('base64url');
const BROWSER = 'b'.repeat(43);
const cookie = `XSRF-TOKEN-local_fuzzed=${BROWSER}`;

const asked: PageRequest['query'] = [
  ['response_type', 'code'],
  ['client_id', CLIENT],
  ['redirect_uri', CALLBACK],
  ['scope', SCOPES.join(' ')],
  ['state', 'a state'],
  ['nonce', 'a nonce'],
  ['code_challenge', codeChallenge],
  ['code_challenge_method', 'S256'],
];
const form = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}): PageRequest => ({
  method: 'POST',
  path,
  query: [],
  form: Object.entries(fields),
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
});
const visit = (path: string, query: PageRequest['query'], headers: Record<string, string> = {}): PageRequest => ({
  method: 'GET',
  path,
  query,
  form: undefined,
  headers,
});
const signInForm = (fields: Record<string, string>): PageRequest => ({
  ...form('/login', { _csrf: BROWSER, ...fields }, { cookie }),
  query: asked,
});

function codeFor({ pool }: World, user: User): string {
  const code = randomUUID();
  const session = { user, authenticatedAt: pool.clock.now() };
  const stood = { clientId: CLIENT, redirectUri: CALLBACK, namesRedirectUri: true, session, scopes: SCOPES };
  pool.authorizationCodes.put(code, { ...stood, nonce: 'a nonce', codeChallenge });
  return code;
}

async function accessTokenFor({ pool }: World, user: User): Promise<string> {
  const { client } = pool.settings;
  const { grant } = pool.grants.open(user, client, { authenticatedAt: pool.clock.now(), scopes: SCOPES });
  return (await pool.mint.mint(user, grant, client, { endpoint: { nonce: undefined } })).accessToken;
}

/** A valid request to each door of the domain. */
export const OAUTH_RECIPES: Readonly<Record<string, Recipe>> = {
  authorize: { succeeds: 302, request: () => visit('/oauth2/authorize', asked) },
  'the sign-in page': {
    succeeds: 200,
    request: () => visit('/login', [...asked, ['login_hint', 'alice']], { cookie }),
  },
  'a password': {
    succeeds: 302,
    request: (world) => signInForm({ username: world.newUser().username, password: PASSWORD }),
  },
  'a code by e-mail': {
    succeeds: 302,
    request: async (world) => {
      const user = world.newUser({ mfa: { totp: false, sms: false, email: true } });
      const { body } = await world.visit(signInForm({ username: user.username, password: PASSWORD }));
      const [, step = ''] = /name="step" value="([^"]+)"/.exec(body) ?? [];
      return signInForm({ step, EMAIL_OTP_CODE: world.codeOf(user) });
    },
  },
  'sign-out': {
    succeeds: 302,
    request: () =>
      visit('/logout', [
        ['client_id', CLIENT],
        ['logout_uri', LOGOUT],
      ]),
  },
  'the error page': { succeeds: 400, request: () => visit('/error', [['error', 'redirect_mismatch']]) },
  'a code': {
    succeeds: 200,
    request: (world) =>
      form('/oauth2/token', {
        grant_type: 'authorization_code',
        client_id: CLIENT,
        code: codeFor(world, world.newUser()),
        redirect_uri: CALLBACK,
        code_verifier: VERIFIER,
      }),
  },
  'a refresh token': {
    succeeds: 200,
    request: async (world) => {
      const { refreshToken } = await world.signIn();
      return form('/oauth2/token', { grant_type: 'refresh_token', client_id: CLIENT, refresh_token: refreshToken });
    },
  },
  'a machine': {
    succeeds: 200,
    request: () =>
      form(
        '/oauth2/token',
        { grant_type: 'client_credentials', scope: 'notes/read' },
        { authorization: `Basic ${Buffer.from(`machine:${SECRET}`).toString('base64')}` },
      ),
  },
  revocation: {
    succeeds: 200,
    request: async (world) => form('/oauth2/revoke', { client_id: CLIENT, token: (await world.signIn()).refreshToken }),
  },
  userInfo: {
    succeeds: 200,
    request: async (world) => {
      const authorization = `Bearer ${await accessTokenFor(world, world.newUser())}`;
      return visit('/oauth2/userInfo', [], { authorization });
    },
  },
};

const ODD = [
  '',
  ' ',
  '\u0000',
  'a\r\nSet-Cookie: x=y',
  '"><img src=x>',
  '\uD800',
  '__proto__',
  'https://evil.example/',
  '//evil.example',
  `${CALLBACK}/`,
  `${CALLBACK}#x`,
  `${CALLBACK}@evil.example`,
  'javascript:alert(1)',
  'other',
  'nobody',
  'none',
  'token',
  'openid notes/delete',
  'A'.repeat(5000),
];
const PATHS = [
  '/LOGIN',
  '/login/',
  '//login',
  '/oauth2/token',
  '/oauth2/revoke',
  '/oauth2/userInfo',
  '/logout',
  '/error',
];
const RAW = ['%', '%ff=%ff', '=', '&&&', 'a=b&a=b', '?', '#', '%00=%00', '__proto__=1', 'client_id', '+=+'];

/** A valid request, changed in one to three places. */
export function spoiled(request: PageRequest, random: Random, foreign: readonly string[]): PageRequest {
  let changed = request;
  for (let times = random.pick([1, 1, 1, 2, 3]); times > 0; times -= 1) changed = changedOnce(changed, random, foreign);
  return changed;
}

function changedOnce(request: PageRequest, random: Random, foreign: readonly string[]): PageRequest {
  const { form: fields, query, headers } = request;
  switch (random.below(12)) {
    case 0:
      return { ...request, method: random.pick(['GET', 'POST', 'PUT', 'HEAD', 'DELETE']) };
    case 1:
      return { ...request, path: random.pick(PATHS) };
    case 2:
      return { ...request, rawQuery: random.pick(RAW) };
    case 3:
      return { ...request, rawBody: random.pick([...RAW, '{}', 'A'.repeat(2 ** 20 + 1)]) };
    case 4:
    case 5:
      return { ...request, headers: changedHeaders(headers, random, foreign) };
    default:
      return fields !== undefined && random.chance(0.8)
        ? { ...request, form: changedFields(fields, random, foreign) }
        : { ...request, query: changedFields(query, random, foreign) };
  }
}

type Fields = PageRequest['query'];

function changedFields(fields: Fields, random: Random, foreign: readonly string[]): Fields {
  if (fields.length === 0)
    return [[random.pick(['client_id', 'state', '__proto__']), random.pick([...ODD, ...foreign])]];
  const at = random.below(fields.length);
  const [name = '', value = ''] = fields[at] ?? [];
  const rest = fields.filter((_, index) => index !== at);
  const letter = random.below(Math.max(1, value.length));
  return random.pick<Fields>([
    rest,
    [...fields, [name, value]],
    [...rest, [name.toUpperCase(), value]],
    [...rest, [name, random.pick(ODD)]],
    [...rest, [name, random.pick(foreign)]],
    [...rest, [name, `${value.slice(0, letter)}${random.pick(['', 'A', '-', ' '])}${value.slice(letter + 1)}`]],
  ]);
}

function changedHeaders(headers: PageRequest['headers'], random: Random, foreign: readonly string[]) {
  const name = random.pick(['authorization', 'cookie', 'content-type', 'origin', 'sec-fetch-site']);
  const token = random.pick(foreign);
  const value = random.pick([
    '',
    'x',
    `Bearer ${token}`,
    'Basic OjpY',
    'Basic %%%',
    `cognito-local_fuzzed=${token}`,
    'null',
  ]);
  return { ...headers, [name]: value };
}

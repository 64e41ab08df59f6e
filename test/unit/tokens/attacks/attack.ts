import { createHmac, sign } from 'node:crypto';
import type { CognitoErrorCode } from '../../../../lib/errors/catalogue.js';
import { encode, makeKey, signToken } from '../token-factory.js';

/** A token with one flaw, and the reason for which it has to be refused. */
export interface Attack {
  readonly name: string;
  readonly token: string;
  readonly code: CognitoErrorCode;
  /** The kind of token that the route wants; default `access`. */
  readonly use?: 'id';
}

export const issuer = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI';
export const clientId = '1example23456789';
/** The pool's key, which every attack is signed with that can be. */
export const key = makeKey('pool-key=');
const seconds = (offset = 0): number => Math.floor(Date.now() / 1000) + offset;

type Claims = Readonly<Record<string, unknown>>;

/** The claims of an access token that passes. */
export function accessClaims(changed: Claims = {}): Claims {
  return {
    sub: '34c84488-e0e1-70ae-d2ee-991ad1a898c8',
    'cognito:groups': ['readers'],
    iss: issuer,
    client_id: clientId,
    origin_jti: 'origin',
    event_id: 'event',
    token_use: 'access',
    scope: 'aws.cognito.signin.user.admin',
    auth_time: seconds(-60),
    exp: seconds(86_400),
    iat: seconds(-60),
    jti: 'jti',
    username: 'alice',
    ...changed,
  };
}

/** The claims of an id token that passes. */
export function idClaims(changed: Claims = {}): Claims {
  const { client_id: _client, scope: _scope, username: _username, ...common } = accessClaims();
  return { ...common, token_use: 'id', aud: clientId, 'cognito:username': 'alice', email_verified: true, ...changed };
}

export const header = { kid: key.kid, alg: 'RS256' };
const access = (changed: Claims): string => signToken(key, accessClaims(changed));
const withHeader = (changed: object, digest = 'sha256'): string =>
  signToken(key, accessClaims(), { ...header, ...changed }, digest);

/** Signs parts as they are written, so that they need be no JSON. */
export function signRaw(headerText: string | Buffer, payloadText: string | Buffer): string {
  const input = `${Buffer.from(headerText).toString('base64url')}.${Buffer.from(payloadText).toString('base64url')}`;
  return `${input}.${sign('sha256', Buffer.from(input), key.privateKey).toString('base64url')}`;
}

/** One attack for each way to write a flaw of the same sort. */
function each(
  sort: string,
  code: CognitoErrorCode,
  ways: readonly unknown[],
  make: (way: never) => string,
  use?: 'id',
): Attack[] {
  return ways.map((way) => ({
    name: `${sort}: ${JSON.stringify(way).slice(0, 60)}`,
    token: make(way as never),
    code,
    ...(use === undefined ? {} : { use }),
  }));
}

export function algorithmAttacks(): Attack[] {
  const refused = 'COGNITO_TOKEN_ALGORITHM_REFUSED';
  const strange = [
    'none',
    'None',
    'NONE',
    'nOnE',
    'HS256',
    'HS384',
    'HS512',
    'RS384',
    'RS512',
    'RS1',
    'PS256',
    'PS384',
  ];
  const others = ['PS512', 'ES256', 'ES384', 'ES512', 'ES256K', 'EdDSA', 'Ed25519', 'ML-DSA-65', 'RSA-OAEP', 'dir', ''];
  const spelled = ['rs256', 'Rs256', ' RS256', 'RS256 ', 'RS256\n', 'RS256\u0000', 'RS-256', 'RSA256', 'SHA256withRSA'];
  const publicKeys = (['spki', 'pkcs1'] as const).flatMap((type) => [
    key.publicKey.export({ format: 'pem', type }),
    key.publicKey.export({ format: 'der', type }),
  ]);
  const secrets = [...publicKeys, JSON.stringify(key.jwk), key.jwk.n, Buffer.from(key.jwk.n, 'base64url'), ''];
  const macs = (['sha256', 'sha384', 'sha512'] as const).flatMap((digest) =>
    secrets.map((secret, index) => ({ digest, secret, index })),
  );
  return [
    ...each('alg', refused, [...strange, ...others, ...spelled], (alg) => withHeader({ alg })),
    ...each('alg with its own digest', refused, ['384', '512'], (bits) =>
      withHeader({ alg: `RS${String(bits)}` }, `sha${String(bits)}`),
    ),
    { name: 'no alg', token: withHeader({ alg: undefined }), code: refused },
    ...each('alg of a wrong type', 'COGNITO_TOKEN_MALFORMED', [null, 256, true, ['RS256'], { a: 1 }], (alg) =>
      withHeader({ alg }),
    ),
    ...each('crit', refused, [['exp'], ['b64'], ['kid'], [], 'exp', null, true, { exp: 1 }], (crit) =>
      withHeader({ crit }),
    ),
    ...each('b64', refused, [false, true, null, 0, 'false'], (b64) => withHeader({ b64 })),
    ...macs.map(({ digest, secret, index }) => {
      const input = `${encode({ ...header, alg: `HS${digest.slice(3)}` })}.${encode(accessClaims())}`;
      const mac = createHmac(digest, secret).update(input).digest('base64url');
      return { name: `HMAC ${digest} under public value ${index}`, token: `${input}.${mac}`, code: refused } as const;
    }),
  ];
}

export function keyAttacks(): Attack[] {
  const unknown = 'COGNITO_TOKEN_KEY_UNKNOWN';
  const forger = makeKey('forger');
  const { jwk } = forger;
  const addresses = ['http://127.0.0.1:9/keys', 'file:///etc/passwd', `${issuer}/.well-known/jwks.json`];
  const kids = [
    '',
    ' ',
    `${key.kid} `,
    ` ${key.kid}`,
    key.kid.toUpperCase(),
    key.kid.slice(0, -1),
    `${key.kid}=`,
    'pool',
  ];
  const paths = ['../../etc/passwd', '/dev/null', '..\\..\\windows\\win.ini', ...addresses, '%2e%2e%2f', '\u0000', '*'];
  const names = [
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    "' OR '1'='1",
    '; ls',
    '$(id)',
    '{{7*7}}',
    'ḱey',
  ];
  const embedded = [
    { jwk },
    ...addresses.flatMap((url) => [{ jku: url }, { x5u: url }]),
    { x5c: ['MIIB'] },
    { x5t: 'AA' },
  ];
  return [
    ...each('kid', unknown, [...kids, ...paths, ...names, 'x'.repeat(4000)], (kid) => withHeader({ kid })),
    { name: 'no kid', token: withHeader({ kid: undefined }), code: unknown },
    ...each('kid of a wrong type', 'COGNITO_TOKEN_MALFORMED', [null, 7, true, [key.kid], { kid: key.kid }], (kid) =>
      withHeader({ kid }),
    ),
    ...each('a key that comes along, under a name of its own', unknown, embedded, (more: object) =>
      signToken(forger, accessClaims(), { kid: forger.kid, alg: 'RS256', ...more }),
    ),
    ...each(
      'a key that comes along, under the pool’s name',
      'COGNITO_TOKEN_SIGNATURE_INVALID',
      embedded,
      (more: object) => signToken(forger, accessClaims(), { ...header, ...more }),
    ),
  ];
}

export function shapeAttacks(): Attack[] {
  const malformed = 'COGNITO_TOKEN_MALFORMED';
  const good = signToken(key, accessClaims());
  const parts = good.split('.') as [string, string, string];
  const [first, second, third] = parts;
  const characters = [
    '=',
    '==',
    ' ',
    '\t',
    '\n',
    '\r\n',
    '+',
    '/',
    '%',
    '"',
    "'",
    '\u0000',
    ',',
    ';',
    '&',
    '*',
    '~',
    'é',
    '​',
  ];
  const inserted = parts.flatMap((part, index) =>
    characters.flatMap((character) => [
      { index, part: `${part}${character}` },
      { index, part: `${character}${part}` },
      { index, part: `${part.slice(0, 9)}${character}${part.slice(9)}` },
    ]),
  );
  const objects = ['null', '[]', '7', 'true', '"text"', '{', '', ' ', '{"a":1}{', "{'a':1}", '<a/>', '{"a":\u0000}'];
  const badBytes = [Buffer.from([0xff, 0xfe]), Buffer.from('7b22ff', 'hex'), Buffer.from('\ufefftext')];
  const text = JSON.stringify(accessClaims());
  return [
    ...each(
      'parts',
      malformed,
      ['', '.', '..', '...', first, `${first}.`, `${first}.${second}`, `${first}.${second}.`],
      (t) => t,
    ),
    ...each('no part', malformed, [`.${second}.${third}`, `${first}..${third}`, `..${third}`], (t) => t),
    ...each(
      'more parts',
      malformed,
      ['.', '.x', `.${third}`, `.${first}.${second}`, '.a.b.c.d'],
      (more) => `${good}${String(more)}`,
    ),
    ...each('twice', malformed, [' ', ',', ', Bearer ', '\n'], (between) => `${good}${String(between)}${good}`),
    ...inserted.map(
      ({ index, part }, number) =>
        ({
          name: `a strange character, ${number}`,
          token: parts.with(index, part).join('.'),
          code: malformed,
        }) as const,
    ),
    ...each(
      'cut',
      malformed,
      Array.from({ length: 20 }, (_, index) => index * 25 + 3),
      (end: number) => `${first}.${second}`.slice(0, end),
    ),
    ...each('a header that is none', malformed, objects, (part: string) => signRaw(part, text)),
    ...each('a payload that is none', malformed, objects, (part: string) => signRaw(JSON.stringify(header), part)),
    ...badBytes.flatMap((bytes, index) => [
      { name: `header bytes ${index}`, token: signRaw(bytes, text), code: malformed } as const,
      { name: `payload bytes ${index}`, token: signRaw(JSON.stringify(header), bytes), code: malformed } as const,
    ]),
    ...each('filler', malformed, [16_384, 100_000, 1_000_000], (length: number) =>
      access({ filler: 'x'.repeat(length) }),
    ),
    // The same signature in another spelling: what is remembered of a token must not depend on it.
    ...each('unused bits', malformed, otherSpellings(third), (signature: string) => `${first}.${second}.${signature}`),
  ];
}

/** What decodes to the same bytes: four bits of the last of 342 characters count for nothing. */
function otherSpellings(signature: string): string[] {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(signature.at(-1) ?? '');
  return Array.from({ length: 15 }, (_, bits) => signature.slice(0, -1) + alphabet[last + bits + 1]);
}

export function signatureAttacks(): Attack[] {
  const invalid = 'COGNITO_TOKEN_SIGNATURE_INVALID';
  const good = signToken(key, accessClaims());
  const [first = '', second = '', third = ''] = good.split('.');
  const bytes = Buffer.from(third, 'base64url');
  const flipped = (bit: number): string => {
    const copy = Buffer.from(bytes);
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    return copy.toString('base64url');
  };
  const others = [
    Buffer.alloc(256),
    Buffer.alloc(256, 255),
    Buffer.alloc(1),
    bytes.subarray(1),
    bytes.subarray(0, 255),
  ];
  const longer = [Buffer.concat([bytes, Buffer.alloc(1)]), Buffer.concat([Buffer.alloc(1), bytes]), bytes.toReversed()];
  const changed = [
    'sub',
    'username',
    'client_id',
    'token_use',
    'scope',
    'jti',
    'exp',
    'iat',
    'auth_time',
    'cognito:groups',
  ];
  const input = Buffer.from(`${first}.${second}`);
  return [
    ...each(
      'a bit',
      invalid,
      Array.from({ length: 64 }, (_, index) => index * 32),
      (bit: number) => `${first}.${second}.${flipped(bit)}`,
    ),
    ...[...others, ...longer].map(
      (signature, index) =>
        ({
          name: `another signature ${index}`,
          token: `${first}.${second}.${Buffer.from(signature).toString('base64url')}`,
          code: invalid,
        }) as const,
    ),
    ...each(
      'a signature of another token',
      invalid,
      [1, 2, 3],
      (jti) => `${first}.${second}.${access({ jti: String(jti) }).split('.')[2] ?? ''}`,
    ),
    ...each('a digest', invalid, ['sha1', 'sha384', 'sha512'], (digest) => withHeader({}, digest)),
    {
      name: 'PSS',
      token: `${first}.${second}.${sign('sha256', input, { key: key.privateKey, padding: 6 }).toString('base64url')}`,
      code: invalid,
    },
    ...each('a claim under the old signature', invalid, changed, (claim) => {
      const other = encode(
        accessClaims({ [claim]: claim === 'cognito:groups' ? ['admin'] : accessClaims()[claim], x: claim }),
      );
      return `${first}.${other}.${third}`;
    }),
    ...each('another key under the pool’s name', invalid, [2048, 3072, 1024], (bits: number) =>
      signToken(makeKey(key.kid, bits), accessClaims()),
    ),
  ];
}

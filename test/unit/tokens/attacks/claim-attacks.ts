import type { CognitoErrorCode } from '../../../../lib/errors/catalogue.js';
import { signToken } from '../token-factory.js';
import { accessClaims, type Attack, clientId, header, idClaims, issuer, key, signRaw } from './attack.js';

const seconds = (offset = 0): number => Math.floor(Date.now() / 1000) + offset;

/** Values of every type; which of them a claim may have is said with each claim. */
const values: readonly unknown[] = [
  null,
  true,
  false,
  7,
  -1.5,
  '',
  'text',
  '1e9',
  [],
  ['text'],
  ['text', 7],
  [['text']],
  {},
  { 0: 'text', length: 1 },
  undefined,
];

const invalid = 'COGNITO_TOKEN_CLAIMS_INVALID';
const malformed = 'COGNITO_TOKEN_MALFORMED';

interface Rule {
  readonly claim: string;
  /** The reason by the type of the value; without one the value is no flaw, or another one. */
  readonly refusal: (value: unknown) => CognitoErrorCode | undefined;
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

/** aws-jwt-verify calls a registered claim of a wrong type malformed; an absent or empty one is left to us. */
const registeredText = (value: unknown): CognitoErrorCode | undefined => {
  if (isText(value)) return undefined;
  return value === undefined || value === '' ? invalid : malformed;
};
const registeredTime = (value: unknown): CognitoErrorCode | undefined => {
  if (typeof value === 'number') return undefined;
  return value === undefined ? invalid : malformed;
};
const ownText = (value: unknown): CognitoErrorCode | undefined => (isText(value) ? undefined : invalid);
const optional =
  (refusal: Rule['refusal']): Rule['refusal'] =>
  (value) =>
    value === undefined ? undefined : refusal(value);

const common: readonly Rule[] = [
  { claim: 'sub', refusal: registeredText },
  { claim: 'exp', refusal: registeredTime },
  { claim: 'iat', refusal: registeredTime },
  { claim: 'nbf', refusal: optional(registeredTime) },
  { claim: 'jti', refusal: optional(registeredText) },
  { claim: 'origin_jti', refusal: optional(ownText) },
  { claim: 'auth_time', refusal: optional((value) => (typeof value === 'number' ? undefined : invalid)) },
  {
    claim: 'cognito:groups',
    refusal: optional((value) =>
      Array.isArray(value) && value.every((entry) => typeof entry === 'string') ? undefined : invalid,
    ),
  },
  {
    claim: 'token_use',
    refusal: () => 'COGNITO_TOKEN_WRONG_USE',
  },
  {
    claim: 'iss',
    refusal: (value) => (typeof value === 'string' || value === undefined ? 'COGNITO_TOKEN_WRONG_ISSUER' : malformed),
  },
];

const ofAccess: readonly Rule[] = [
  { claim: 'client_id', refusal: () => 'COGNITO_TOKEN_WRONG_CLIENT' },
  { claim: 'username', refusal: ownText },
  { claim: 'scope', refusal: optional((value) => (typeof value === 'string' ? undefined : malformed)) },
];

const isAudience = (value: unknown): boolean =>
  value === undefined ||
  typeof value === 'string' ||
  (Array.isArray(value) && value.every((entry) => typeof entry === 'string'));

const ofId: readonly Rule[] = [
  { claim: 'aud', refusal: (value) => (isAudience(value) ? 'COGNITO_TOKEN_WRONG_CLIENT' : malformed) },
  { claim: 'cognito:username', refusal: ownText },
];

export function typeAttacks(): Attack[] {
  const of = (rules: readonly Rule[], make: (changed: Record<string, unknown>) => object, use?: 'id'): Attack[] =>
    rules.flatMap(({ claim, refusal }) =>
      values.flatMap((value) => {
        const code = refusal(value);
        if (code === undefined) return [];
        const token = signToken(key, make({ [claim]: value }) as Record<string, unknown>);
        return [{ name: `${use ?? 'access'} ${claim} ${JSON.stringify(value)}`, token, code, ...(use && { use }) }];
      }),
    );
  return [...of([...common, ...ofAccess], accessClaims), ...of([...common, ...ofId], idClaims, 'id')];
}

function ways(
  sort: string,
  code: CognitoErrorCode,
  changes: readonly Readonly<Record<string, unknown>>[],
  use?: 'id',
): Attack[] {
  const make = use === 'id' ? idClaims : accessClaims;
  return changes.map((changed) => ({
    name: `${use ?? 'access'} ${sort} ${JSON.stringify(changed)}`,
    token: signToken(key, make(changed)),
    code,
    ...(use === undefined ? {} : { use }),
  }));
}

const poolId = 'eu-west-1_AbCdEfGhI';
const host = 'cognito-idp.eu-west-1.amazonaws.com';
const issuers = [
  `http://${host}/${poolId}`,
  `https://${host}/${poolId}/`,
  `https://${host}//${poolId}`,
  `https://${host}/${poolId}?`,
  `https://${host}/${poolId}#`,
  `https://${host}:443/${poolId}`,
  `https://${host}./${poolId}`,
  `https://user@${host}/${poolId}`,
  `https://evil.example/${poolId}`,
  `https://${host}.evil.example/${poolId}`,
  `https://evil.example/${host}/${poolId}`,
  `https://evil.example#${host}/${poolId}`,
  `https://${host}@evil.example/${poolId}`,
  `https://${host}/${poolId.toLowerCase()}`,
  `https://${host}/${poolId}X`,
  `https://${host}/eu-west-1_OtherPool`,
  `https://${host}/../${poolId}`,
  `https://${host}/%65u-west-1_AbCdEfGhI`,
  `https://cognito-idp.us-east-1.amazonaws.com/${poolId}`,
  `https://cognito-identity.amazonaws.com`,
  `HTTPS://${host}/${poolId}`,
  ` ${issuer}`,
  `${issuer} `,
  `${issuer}\n`,
  `${issuer}\u0000`,
  `//${host}/${poolId}`,
  `${host}/${poolId}`,
  poolId,
  'http://127.0.0.1:9/pool',
  'file:///etc/passwd',
  'https://accounts.google.com',
  '__proto__',
];
const clients = [
  `${clientId} `,
  ` ${clientId}`,
  clientId.toUpperCase(),
  clientId.slice(0, -1),
  `${clientId}0`,
  `${clientId}\u0000`,
  `${clientId},other`,
  '*',
  'other',
  '__proto__',
  'length',
  '0',
];
const ages = [1, 2, 10, 60, 600, 3600, 86_400, 1e6, 1e8, 1e9];

export function claimAttacks(): Attack[] {
  return [
    ...ways(
      'issuer',
      'COGNITO_TOKEN_WRONG_ISSUER',
      issuers.map((iss) => ({ iss })),
    ),
    ...ways(
      'client',
      'COGNITO_TOKEN_WRONG_CLIENT',
      clients.map((client) => ({ client_id: client })),
    ),
    ...ways(
      'audience',
      'COGNITO_TOKEN_WRONG_CLIENT',
      [...clients, [clientId], ['other'], []].map((aud) => ({ aud })),
    ),
    ...ways(
      'audience',
      'COGNITO_TOKEN_WRONG_CLIENT',
      [...clients, [clientId], [clientId, 'x']].map((aud) => ({ aud })),
      'id',
    ),
    ...ways('names its client as the other kind does', 'COGNITO_TOKEN_WRONG_CLIENT', [
      { client_id: undefined, aud: clientId },
    ]),
    ...ways(
      'names its client as the other kind does',
      'COGNITO_TOKEN_WRONG_CLIENT',
      [{ aud: undefined, client_id: clientId }],
      'id',
    ),
    ...ways(
      'expired',
      'COGNITO_TOKEN_EXPIRED',
      ages.map((age) => ({ exp: seconds(-age - 1) })),
    ),
    ...ways(
      'expired',
      'COGNITO_TOKEN_EXPIRED',
      ages.map((age) => ({ exp: seconds(-age - 1) })),
      'id',
    ),
    ...ways('expired', 'COGNITO_TOKEN_EXPIRED', [{ exp: 0 }, { exp: -1 }]),
    ...ways(
      'too early',
      'COGNITO_TOKEN_NOT_YET_VALID',
      ages.slice(2).map((age) => ({ nbf: seconds(age + 60) })),
    ),
    ...ways(
      'from the future',
      'COGNITO_TOKEN_NOT_YET_VALID',
      ages.slice(4).map((age) => ({ iat: seconds(age + 60) })),
    ),
    ...ways(
      'beyond all dates',
      invalid,
      ['exp', 'nbf', 'iat'].flatMap((claim) => [1e15, 1e300, -1e15].map((at) => ({ [claim]: at }))),
    ),
    ...ways(
      'use',
      'COGNITO_TOKEN_WRONG_USE',
      ['refresh', 'ID', 'Access', ' access', 'access ', 'id'].map((use) => ({ token_use: use })),
    ),
    ...ways(
      'use',
      'COGNITO_TOKEN_WRONG_USE',
      ['refresh', 'ID', 'Id', ' id', 'access'].map((use) => ({ token_use: use })),
      'id',
    ),
    { name: 'an id token for access', token: signToken(key, idClaims()), code: 'COGNITO_TOKEN_WRONG_USE' },
    {
      name: 'an access token for id',
      token: signToken(key, accessClaims()),
      code: 'COGNITO_TOKEN_WRONG_USE',
      use: 'id',
    },
    ...ways('no user and no machine', invalid, [
      { username: undefined, sub: `${clientId} ` },
      { username: undefined, sub: 'other' },
      { username: '', sub: clientId },
      { username: null, sub: clientId },
    ]),
    ...duplicates(),
  ];
}

/** A claim twice: the last counts (RFC 7519 section 4), here as everywhere, so that the bad one decides. */
function duplicates(): Attack[] {
  const cases: readonly (readonly [claim: string, value: unknown, code: CognitoErrorCode])[] = [
    ['iss', 'https://evil.example', 'COGNITO_TOKEN_WRONG_ISSUER'],
    ['exp', 1, 'COGNITO_TOKEN_EXPIRED'],
    ['client_id', 'other', 'COGNITO_TOKEN_WRONG_CLIENT'],
    ['token_use', 'id', 'COGNITO_TOKEN_WRONG_USE'],
    ['sub', '', invalid],
    ['cognito:groups', 'admin', invalid],
  ];
  return cases.map(([claim, value, code]) => ({ name: `${claim} twice`, token: twice(claim, value), code }));
}

function twice(claim: string, value: unknown): string {
  const text = `${JSON.stringify(accessClaims()).slice(0, -1)},${JSON.stringify(claim)}:${JSON.stringify(value)}}`;
  return signRaw(JSON.stringify(header), text);
}

import { CognitoError } from '../errors/cognito.error.js';
import type { ResolvedPool } from '../options/resolved-pool.js';
import type { AccessTokenClaims, IdTokenClaims, MachineTokenClaims, TokenUse, VerifiedToken } from './claims.js';

type Payload = Readonly<Record<string, unknown>>;

/** How far ahead of our clock a token may have been issued, in seconds, on top of the tolerance. */
const ISSUED_AHEAD = 300;

/**
 * Judges what the claims of a token whose signature is good say at all times, and which kind it is. Whoever remembers that asks
 * {@link assertNow} and {@link assertWanted} with every request.
 *
 * @param payload the token's claims, not yet typed
 * @param pool the pool that the route belongs to
 * @param use the kind of token that the route accepts: a token of the other kind has other claims, which are not judged then
 */
export function judgeClaims(
  payload: Payload,
  pool: ResolvedPool,
  use: TokenUse | 'either',
): Omit<VerifiedToken, 'kid'> {
  assertCommonClaims(payload);
  const tokenUse = payload['token_use'];
  if (tokenUse !== 'id' && tokenUse !== 'access') throw new CognitoError('COGNITO_TOKEN_WRONG_USE');
  assertUse(tokenUse, use);
  return tokenUse === 'id' ? judgeIdToken(payload, pool) : judgeAccessToken(payload, pool);
}

/**
 * Refuses a token that was issued in the future, or is not of the kind that a route accepts.
 *
 * @param clockTolerance seconds
 */
export function assertWanted(token: VerifiedToken, use: TokenUse | 'either', clockTolerance: number): void {
  if (!isIssued(token, clockTolerance)) throw new CognitoError('COGNITO_TOKEN_NOT_YET_VALID');
  assertUse(useOf(token), use);
}

function assertUse(tokenUse: TokenUse, use: TokenUse | 'either'): void {
  if (use === 'either' || use === tokenUse) return;
  const detail = `An ${use} token is wanted here, and an ${tokenUse} token was sent.`;
  throw new CognitoError('COGNITO_TOKEN_WRONG_USE', { detail });
}

/** Whether {@link assertWanted} has nothing against a token. */
export function isWanted(token: VerifiedToken, use: TokenUse | 'either', clockTolerance: number): boolean {
  return isIssued(token, clockTolerance) && (use === 'either' || use === useOf(token));
}

function isIssued({ claims }: VerifiedToken, clockTolerance: number): boolean {
  return claims.iat <= Date.now() / 1000 + clockTolerance + ISSUED_AHEAD;
}

function useOf({ kind }: VerifiedToken): TokenUse {
  return kind === 'id' ? 'id' : 'access';
}

/**
 * Judges `exp` and `nbf` by the clock, as aws-jwt-verify does it beside the signature: for claims whose signature is known.
 *
 * @param clockTolerance seconds
 */
export function assertNow(payload: Payload, clockTolerance: number): void {
  const now = Date.now() / 1000;
  if (hasEnded(payload, now - clockTolerance)) throw new CognitoError('COGNITO_TOKEN_EXPIRED');
  if (isToCome(payload, now + clockTolerance)) throw new CognitoError('COGNITO_TOKEN_NOT_YET_VALID');
}

/** Whether the time of a token has begun and not ended. */
export function isNow(payload: Payload, clockTolerance: number): boolean {
  const now = Date.now() / 1000;
  return !hasEnded(payload, now - clockTolerance) && !isToCome(payload, now + clockTolerance);
}

function hasEnded({ exp }: Payload, now: number): boolean {
  return isSeconds(exp) && exp < now;
}

function isToCome({ nbf }: Payload, now: number): boolean {
  return isSeconds(nbf) && nbf > now;
}

function assertCommonClaims(payload: Payload): void {
  const { sub, exp, iat, auth_time: authTime } = payload;
  const groups = payload['cognito:groups'];
  if (!isText(sub)) throw invalidClaim('sub');
  // aws-jwt-verify accepts a token without exp: it would never expire.
  if (!isSeconds(exp)) throw invalidClaim('exp');
  if (!isSeconds(iat)) throw invalidClaim('iat');
  if (authTime !== undefined && !isSeconds(authTime)) throw invalidClaim('auth_time');
  // A string would make `includes` match parts of a group's name.
  if (groups !== undefined && !isTexts(groups)) throw invalidClaim('cognito:groups');
  for (const claim of ['jti', 'origin_jti'] as const) {
    if (payload[claim] !== undefined && !isText(payload[claim])) throw invalidClaim(claim);
  }
}

function judgeIdToken(payload: Payload, pool: ResolvedPool): Omit<VerifiedToken, 'kid'> {
  const clientId = assertOurClient(payload['aud'], pool);
  if (!isText(payload['cognito:username'])) throw invalidClaim('cognito:username');
  return { kind: 'id', pool: pool.name, clientId, claims: payload as IdTokenClaims };
}

function judgeAccessToken(payload: Payload, pool: ResolvedPool): Omit<VerifiedToken, 'kid'> {
  const clientId = assertOurClient(payload['client_id'], pool);
  // Access tokens carry `aud` only when they are bound to a resource (RFC 8707); another's resource is not ours.
  if (payload['aud'] !== undefined) assertOurClient(payload['aud'], pool);
  if (payload['scope'] !== undefined && typeof payload['scope'] !== 'string') throw invalidClaim('scope');
  if (payload['username'] === undefined) return judgeMachineToken(payload, pool.name, clientId);
  if (!isText(payload['username'])) throw invalidClaim('username');
  return { kind: 'access', pool: pool.name, clientId, claims: payload as AccessTokenClaims };
}

function judgeMachineToken(payload: Payload, pool: string, clientId: string): Omit<VerifiedToken, 'kid'> {
  // Without this a user's token that lost its username would pass as a machine.
  if (payload['sub'] !== clientId) throw invalidClaim('username');
  return { kind: 'machine', pool, clientId, claims: payload as MachineTokenClaims };
}

function assertOurClient(value: unknown, pool: ResolvedPool): string {
  if (typeof value !== 'string' || !pool.clientIds.includes(value)) {
    throw new CognitoError('COGNITO_TOKEN_WRONG_CLIENT', {
      detail: 'The token was issued for an app client that is not in `clientId`.',
    });
  }
  return value;
}

function invalidClaim(claim: string): CognitoError {
  return new CognitoError('COGNITO_TOKEN_CLAIMS_INVALID', {
    detail: `The claim ${claim} is missing or of a wrong type.`,
  });
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

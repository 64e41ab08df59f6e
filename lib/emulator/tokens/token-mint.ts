import { createHash, randomUUID } from 'node:crypto';
import { CompactSign } from 'jose/jws/compact/sign';
import type { EmulatorHooks } from '../hooks.js';
import { type AppClient, mayRead } from '../state/app-clients.js';
import type { EmulatorClock } from '../state/clock.js';
import type { Grant } from '../state/grants.js';
import type { Groups } from '../state/groups.js';
import type { User } from '../state/users.js';
import { type GroupClaims, groupClaimsOf } from './group-claims.js';
import { identitiesClaim } from './identities.js';
import type { SigningKeys, TokenUse } from './keys.js';
import { type TokenChange, withChange, withScopes } from './token-change.js';

/** The scope of every access token that the API issues; user operations ask for it. */
export const API_SCOPE = 'aws.cognito.signin.user.admin';

/** How a test wants its tokens to differ from those of a sign-in. */
export interface MintOverrides {
  readonly groups?: readonly string[] | undefined;
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  /** The token that `claims` are written into; default both. */
  readonly tokenUse?: TokenUse | undefined;
  /** Seconds; a negative number makes a token that has already expired. */
  readonly expiresIn?: number | undefined;
  /** What a trigger changes. */
  readonly change?: TokenChange | undefined;
  /** Set for an answer of the OAuth endpoints, whose id tokens have `at_hash`, and the nonce of their request. */
  readonly endpoint?: { readonly nonce: string | undefined } | undefined;
}

/** The two tokens that are signed, and how long the access token lives (seconds). */
export interface SignedTokens {
  readonly accessToken: string;
  readonly idToken: string;
  readonly expiresIn: number;
}

type Claims = Record<string, unknown>;

/** Signs the tokens of the pool, RS256, with the claims of a sign-in through the API. */
export class TokenMint {
  constructor(
    private readonly issuer: string,
    private readonly keys: SigningKeys,
    private readonly clock: EmulatorClock,
    private readonly hooks: EmulatorHooks,
    private readonly groups: Groups,
  ) {}

  async mint(user: User, grant: Grant, client: AppClient, overrides: MintOverrides = {}): Promise<SignedTokens> {
    const expiresIn = overrides.expiresIn ?? client.accessTokenValidity;
    const access = this.accessClaims(user, grant, this.times(expiresIn, client.accessTokenValidity), overrides);
    const idValidity = overrides.expiresIn ?? client.idTokenValidity;
    const id = this.idClaims(
      { ...user, attributes: toldAttributes(user, client, grant.scopes) },
      grant,
      this.times(idValidity, client.idTokenValidity),
      overrides,
    );
    if (!overrides.endpoint) {
      const [accessToken, idToken] = await Promise.all([this.sign('access', access), this.sign('id', id)]);
      return { accessToken, idToken, expiresIn };
    }
    const accessToken = await this.sign('access', access);
    const idToken = await this.sign('id', { at_hash: hashClaimOf(accessToken), ...id });
    return { accessToken, idToken, expiresIn };
  }

  /** The access token of a client that acts for nobody but itself. @param scopes custom ones */
  async mintForMachine(client: AppClient, scopes: readonly string[]): Promise<Omit<SignedTokens, 'idToken'>> {
    const expiresIn = client.accessTokenValidity;
    const times = this.times(expiresIn, expiresIn);
    const accessToken = await this.sign('access', {
      sub: client.clientId,
      token_use: 'access',
      scope: scopes.join(' '),
      auth_time: times.iat,
      iss: this.issuer,
      ...times,
      version: 2,
      jti: randomUUID(),
      client_id: client.clientId,
    });
    return { accessToken, expiresIn };
  }

  private accessClaims(user: User, grant: Grant, times: Claims, overrides: MintOverrides): Claims {
    const { change } = overrides;
    const scope = grant.scopes?.join(' ') ?? API_SCOPE;
    const claims = {
      sub: user.sub,
      ...(grant.deviceKey !== undefined && { device_key: grant.deviceKey }),
      ...this.groupNames(user, overrides),
      iss: this.issuer,
      ...(grant.scopes && { version: 2 }),
      client_id: grant.clientId,
      ...originClaim(grant),
      event_id: grant.eventId,
      token_use: 'access',
      scope: change ? withScopes(scope, change) : scope,
      auth_time: grant.authTime,
      ...times,
      ...idClaim(grant),
      username: user.username,
    };
    return { ...(change ? withChange(claims, change.access) : claims), ...claimsFor('access', overrides) };
  }

  private idClaims(user: User, grant: Grant, times: Claims, overrides: MintOverrides): Claims {
    const { change } = overrides;
    const { email_verified, phone_number_verified, ...texts } = user.attributes;
    const claims = {
      sub: user.sub,
      ...this.groupNames(user, overrides),
      ...flagClaim('email_verified', email_verified),
      iss: this.issuer,
      ...flagClaim('phone_number_verified', phone_number_verified),
      'cognito:username': user.username,
      ...this.groupRoles(user, overrides),
      ...(overrides.endpoint?.nonce !== undefined && { nonce: overrides.endpoint.nonce }),
      ...originClaim(grant),
      aud: grant.clientId,
      ...identitiesClaim(user),
      event_id: grant.eventId,
      token_use: 'id',
      auth_time: grant.authTime,
      ...times,
      ...idClaim(grant),
      ...texts,
    };
    return { ...(change ? withChange(claims, change.id) : claims), ...claimsFor('id', overrides) };
  }

  private groupNames(user: User, overrides: MintOverrides): Claims {
    const { names } = this.groupsFor(user, overrides);
    return names.length > 0 ? { 'cognito:groups': names } : {};
  }

  private groupRoles(user: User, overrides: MintOverrides): Claims {
    const { roles, preferredRole } = this.groupsFor(user, overrides);
    return {
      ...(preferredRole !== undefined && { 'cognito:preferred_role': preferredRole }),
      ...(roles.length > 0 && { 'cognito:roles': roles }),
    };
  }

  private groupsFor(user: User, { groups, change }: MintOverrides): GroupClaims {
    const own = groupClaimsOf(this.groups, groups ?? change?.groups ?? user.groups);
    return {
      names: own.names,
      roles: change?.roles ?? own.roles,
      preferredRole: change?.preferredRole ?? own.preferredRole,
    };
  }

  // A token that has expired before it is handed out was issued one lifetime before its end.
  private times(expiresIn: number, validity: number): { exp: number; iat: number } {
    const now = Math.floor(this.clock.now() / 1000);
    const exp = now + expiresIn;
    return { exp, iat: expiresIn > 0 ? now : exp - validity };
  }

  private async sign(use: TokenUse, payload: Claims): Promise<string> {
    const { kid, privateKey } = await this.keys.of(use);
    const unsigned = this.hooks.token?.({ kid, alg: 'RS256' }, payload) ?? { header: { kid, alg: 'RS256' }, payload };
    if (typeof unsigned === 'string') return unsigned;
    return new CompactSign(Buffer.from(JSON.stringify(unsigned.payload), 'utf8'))
      .setProtectedHeader({ ...unsigned.header, alg: String(unsigned.header['alg']) })
      .sign(privateKey);
  }
}

/** What a client is told of a user: no more than it may read, and than the scopes of a sign-in at the pages open. */
export function toldAttributes(
  { attributes }: User,
  client: AppClient,
  scopes: readonly string[] = [],
): Record<string, string> {
  const told = Object.entries(attributes).filter(([name]) => mayRead(client, name) && isOpenedBy(scopes, name));
  return Object.fromEntries(told);
}

// `openid` alone opens everything, as `profile` does; `email` and `phone` narrow it down.
function isOpenedBy(scopes: readonly string[], attribute: string): boolean {
  const narrowing = (['email', 'phone'] as const).filter((scope) => scopes.includes(scope));
  if (narrowing.length === 0 || scopes.includes('profile')) return true;
  return narrowing.some((scope) => OPENED_BY[scope].includes(attribute));
}

const OPENED_BY: Readonly<Record<'email' | 'phone', readonly string[]>> = {
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
};

/** `at_hash`: the left half of the SHA-256 of an access token. */
function hashClaimOf(accessToken: string): string {
  return createHash('sha256').update(accessToken, 'ascii').digest().subarray(0, 16).toString('base64url');
}

function originClaim({ revocable, originJti }: Grant): Claims {
  return revocable ? { origin_jti: originJti } : {};
}

function idClaim({ revocable }: Grant): Claims {
  return revocable ? { jti: randomUUID() } : {};
}

function flagClaim(name: string, value: string | undefined): Claims {
  return value === undefined ? {} : { [name]: value === 'true' };
}

function claimsFor(use: TokenUse, { claims = {}, tokenUse = use }: MintOverrides): Claims {
  return tokenUse === use ? claims : {};
}

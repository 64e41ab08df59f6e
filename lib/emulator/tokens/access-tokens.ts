import { compactVerify } from 'jose/jws/compact/verify';
import type { EmulatorClock } from '../state/clock.js';
import type { Grant, Grants } from '../state/grants.js';
import type { User, Users } from '../state/users.js';
import { isRecord } from '../wire/members.js';
import { notAuthorized, userNotFound } from '../wire/wire-error.js';
import type { SigningKeys } from './keys.js';
import { API_SCOPE } from './token-mint.js';

/** Who calls with an access token, and from which sign-in it stems. */
export interface Bearer {
  readonly user: User;
  readonly grant: Grant;
  readonly scopes: readonly string[];
}

/** The pool's own judgement of an access token: unlike an offline check it knows of sign-outs and revocations. */
export class AccessTokens {
  constructor(
    private readonly issuer: string,
    private readonly keys: SigningKeys,
    private readonly clock: EmulatorClock,
    private readonly grants: Grants,
    private readonly users: Users,
  ) {}

  /** @param scope that the token must have; default the one that user operations ask for */
  async bearerOf(accessToken: string, scope = API_SCOPE): Promise<Bearer> {
    const claims = await this.claimsOf(accessToken);
    if (typeof claims['exp'] !== 'number' || claims['exp'] * 1000 <= this.clock.now()) {
      throw notAuthorized('Access Token has expired');
    }
    // Tokens of a client that does not revoke carry no origin, and the event stands for it.
    const grant = this.grants.byOriginJti(String(claims['origin_jti'] ?? claims['event_id']));
    if (!grant || grant.revoked) throw notAuthorized('Access Token has been revoked');
    const scopes = scopesOf(claims);
    if (!scopes.includes(scope)) throw notAuthorized('Access Token does not have required scopes');
    const user = this.users.byName(grant.username);
    if (!user) throw userNotFound();
    if (!user.enabled) throw notAuthorized('User is disabled.');
    return { user, grant, scopes };
  }

  private async claimsOf(accessToken: string): Promise<Record<string, unknown>> {
    const { publicKey } = await this.keys.of('access');
    const claims = await compactVerify(accessToken, publicKey, { algorithms: ['RS256'] }).then(
      ({ payload }) => parsed(payload),
      () => undefined,
    );
    if (claims?.['token_use'] !== 'access' || claims['iss'] !== this.issuer)
      throw notAuthorized('Invalid Access Token');
    return claims;
  }
}

function parsed(payload: Uint8Array): Record<string, unknown> | undefined {
  const value: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
  return isRecord(value) ? value : undefined;
}

function scopesOf(claims: Record<string, unknown>): string[] {
  return typeof claims['scope'] === 'string' ? claims['scope'].split(' ') : [];
}

import { Logger } from '@nestjs/common';
import { type CognitoUserPrincipal, tokenOf } from '../access/principal.js';
import { CognitoError, isCognitoError } from '../errors/cognito.error.js';
import type { CognitoService } from '../user-pool/cognito.service.js';
import type { ResolvedUserSyncOptions } from './user-sync.options.js';

/** Attributes by their Cognito name. */
export type AttributeValues = Readonly<Record<string, unknown>>;

/** Where the attributes of a user come from: the token, or Cognito itself. */
export class UserAttributes {
  readonly #logger = new Logger('UserSyncService');
  #hasWarned = false;

  /** @param mapped the attributes that are of interest */
  constructor(
    private readonly options: ResolvedUserSyncOptions,
    private readonly mapped: readonly string[],
    private readonly cognito: CognitoService,
  ) {}

  /**
   * Asks an administrator's view of the account, where the options say so.
   *
   * @returns its attributes; undefined when the options ask for another source
   * @throws {@link CognitoError} `COGNITO_LOCAL_USER_INACTIVE` for a disabled user and for one whose status is listed,
   * `COGNITO_LOCAL_USER_UNKNOWN` for one whom the pool does not have (any more)
   */
  async ofActiveAccount(principal: CognitoUserPrincipal): Promise<AttributeValues | undefined> {
    if (this.options.attributesFrom !== 'admin-get-user') return undefined;
    const account = await this.#account(principal);
    const isInactive = !account.enabled || this.options.inactiveStatuses.includes(account.status);
    if (isInactive && !this.options.allowInactiveUsers) {
      const reason = account.enabled ? `has the status ${account.status}` : 'is disabled';
      throw new CognitoError('COGNITO_LOCAL_USER_INACTIVE', { detail: `The user ${reason} at the user pool.` });
    }
    return account.attributes;
  }

  /** The attributes as the token and, where it has to be asked, GetUser tell them. */
  async of(principal: CognitoUserPrincipal, isNewUser: boolean): Promise<AttributeValues> {
    const claims = claimsOf(principal);
    if (!this.#needsGetUser(principal, claims, isNewUser)) return claims;
    return { ...claims, ...(await this.#profile(principal)) };
  }

  /** An id token tells every attribute that the app client may read; GetUser takes access tokens only. */
  #needsGetUser({ tokenUse }: CognitoUserPrincipal, claims: AttributeValues, isNewUser: boolean): boolean {
    if (tokenUse !== 'access') return false;
    if (this.options.attributesFrom === 'get-user') return true;
    const isIncomplete = this.mapped.some((attribute) => claims[attribute] === undefined);
    return this.options.attributesFrom === 'auto' && isNewUser && isIncomplete;
  }

  async #account(principal: CognitoUserPrincipal): ReturnType<CognitoService['users']['get']> {
    try {
      return await this.cognito.pool(principal.pool).users.get({ username: principal.username });
    } catch (thrown) {
      if (!isCognitoError(thrown, 'COGNITO_USER_NOT_FOUND')) throw thrown;
      throw new CognitoError('COGNITO_LOCAL_USER_UNKNOWN', { detail: 'The user pool does not have the user.' });
    }
  }

  async #profile(principal: CognitoUserPrincipal): Promise<AttributeValues> {
    const accessToken = tokenOf(principal);
    if (accessToken === undefined) return {};
    try {
      const profile = await this.cognito.pool(principal.pool).profile.get({ accessToken });
      return profile.attributes;
    } catch (thrown) {
      if (!isCognitoError(thrown, 'COGNITO_SCOPE_MISSING')) throw thrown;
      this.#warnOnce();
      return {};
    }
  }

  #warnOnce(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#logger.warn(
      'Access tokens without the scope aws.cognito.signin.user.admin do not tell attributes: these users keep what their rows have.',
    );
  }
}

function claimsOf({ claims, username }: CognitoUserPrincipal): AttributeValues {
  return { ...claims, username, 'cognito:username': username };
}

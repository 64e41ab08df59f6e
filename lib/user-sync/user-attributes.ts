import { Logger } from '@nestjs/common';
import { applicationFault } from '../access/application-fault.js';
import { type CognitoUserPrincipal, credentialOf } from '../access/principal.js';
import { CognitoError, isCognitoError } from '../errors/cognito.error.js';
import type { CognitoService } from '../user-pool/cognito.service.js';
import type { AttributeValues } from './cognito-user-store.js';
import type { AttributeSource, ResolvedUserSyncOptions } from './user-sync.options.js';

/** What is known already of the user whose attributes are wanted. */
export interface KnownSoFar {
  readonly isNew: boolean;
  /** Whether Cognito has to be asked again about a known user. */
  readonly isStale: boolean;
  /** When Cognito told about the user last (milliseconds since 1970): what an older token says is overtaken. */
  readonly toldAt: number | undefined;
}

/** What the token and, where it was asked, Cognito tell. */
export interface ToldAttributes {
  readonly attributes: AttributeValues;
  /** Epoch milliseconds; undefined where nobody was asked. */
  readonly askedAt: number | undefined;
  /** Whether an answer is among them: an access token without the scope gets none. */
  readonly isAnswered: boolean;
  /** Whether it can be told from them through which identity providers somebody came. */
  readonly tellOrigin: boolean;
  /** UserStatus, where AdminGetUser was asked. */
  readonly status: string | undefined;
}

interface Answer {
  readonly attributes: AttributeValues;
  readonly status?: string;
}

/** GetUser takes access tokens with this scope alone. */
const OWN_ACCOUNT = 'aws.cognito.signin.user.admin';

/** Where the attributes of a user come from: the token, Cognito itself, or a function of the application's. */
export class UserAttributes {
  readonly #logger = new Logger('UserSyncService');
  /** By what is asked with: many first requests of one user ask once. */
  readonly #underWay = new Map<string, Promise<Answer | undefined>>();
  #hasWarned = false;

  /** @param wanted the attributes that are of interest */
  constructor(
    private readonly options: ResolvedUserSyncOptions,
    private readonly wanted: readonly string[],
    private readonly cognito: CognitoService,
  ) {}

  /**
   * The attributes of a user, as the options say.
   *
   * @throws {@link CognitoError} `COGNITO_USER_INACTIVE` for a disabled user and for one whose status is listed,
   * `COGNITO_USER_UNKNOWN` for one whom the pool does not have (any more); and what GetUser or AdminGetUser throw
   */
  async of(principal: CognitoUserPrincipal, request: unknown, known: KnownSoFar): Promise<ToldAttributes> {
    const claims = claimsOf(principal, known.toldAt);
    const fromToken = { attributes: claims, isAnswered: false, tellOrigin: principal.tokenUse === 'id' };
    if (!this.#hasToAsk(principal, claims, known)) return { ...fromToken, askedAt: undefined, status: undefined };
    const askedAt = Date.now();
    const answer = await this.#ask(principal, request);
    if (answer === undefined) return { ...fromToken, askedAt, status: undefined };
    const attributes = { ...claims, ...answer.attributes };
    // A function of the application's need not tell of providers, and so tells no more about them than the token.
    const tellOrigin = fromToken.tellOrigin || typeof this.options.attributesFrom !== 'function';
    return { attributes, askedAt, isAnswered: true, tellOrigin, status: answer.status };
  }

  #hasToAsk(principal: CognitoUserPrincipal, claims: AttributeValues, { isNew, isStale }: KnownSoFar): boolean {
    const { attributesFrom, linkByVerifiedEmail } = this.options;
    if (attributesFrom === 'claims') return false;
    if (attributesFrom !== 'auto' || !isNew) return isNew || isStale;
    // An id token tells every attribute that the app client may read.
    if (principal.tokenUse === 'id') return isStale;
    return linkByVerifiedEmail !== undefined || this.wanted.some((attribute) => claims[attribute] === undefined);
  }

  async #ask(principal: CognitoUserPrincipal, request: unknown): Promise<Answer | undefined> {
    const { attributesFrom, allowInactiveUsers } = this.options;
    try {
      if (typeof attributesFrom === 'function') return await askApplication(attributesFrom, principal, request);
      if (attributesFrom === 'admin-get-user') return await this.#account(principal);
      return await this.#profile(principal);
    } catch (thrown) {
      if (isCognitoError(thrown, 'COGNITO_USER_NOT_FOUND')) {
        throw new CognitoError('COGNITO_USER_UNKNOWN', { detail: 'The user pool does not have the user.' });
      }
      if (!isCognitoError(thrown, 'COGNITO_USER_DISABLED')) throw thrown;
      if (allowInactiveUsers) return undefined;
      throw inactive('is disabled');
    }
  }

  async #account({ pool, username }: CognitoUserPrincipal): Promise<Answer> {
    const account = await this.cognito.pool(pool).users.get({ username });
    const isInactive = !account.enabled || this.options.inactiveStatuses.includes(account.status);
    if (isInactive && !this.options.allowInactiveUsers) {
      throw inactive(account.enabled ? `has the status ${account.status}` : 'is disabled');
    }
    return account;
  }

  async #profile(principal: CognitoUserPrincipal): Promise<Answer | undefined> {
    const accessToken = credentialOf(principal)?.tokens.accessToken;
    if (accessToken === undefined) return undefined;
    if (principal.tokenUse === 'access' && !principal.scopes.includes(OWN_ACCOUNT)) return this.#warnOnce();
    try {
      return await this.#once(`${principal.pool}\n${accessToken}`, () =>
        this.cognito.pool(principal.pool).profile.get({ accessToken }),
      );
    } catch (thrown) {
      if (!isCognitoError(thrown, 'COGNITO_SCOPE_MISSING')) throw thrown;
      return this.#warnOnce();
    }
  }

  async #once(name: string, ask: () => Promise<Answer>): Promise<Answer | undefined> {
    const underWay = this.#underWay.get(name);
    if (underWay !== undefined) return underWay;
    const answer = ask();
    this.#underWay.set(name, answer);
    try {
      return await answer;
    } finally {
      this.#underWay.delete(name);
    }
  }

  #warnOnce(): undefined {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#logger.warn(
      `Access tokens without the scope ${OWN_ACCOUNT} do not tell attributes, nor that a user was disabled: these users keep what their rows have.`,
    );
  }
}

async function askApplication(
  source: AttributeSource,
  principal: CognitoUserPrincipal,
  request: unknown,
): Promise<Answer | undefined> {
  try {
    const attributes = await source(principal, request);
    return attributes === undefined ? undefined : { attributes };
  } catch (thrown) {
    throw applicationFault(thrown, 'userSync.attributesFrom');
  }
}

/** What names the user stays true; attributes of a token that is older than what Cognito has told are overtaken. */
function claimsOf({ claims, sub, username }: CognitoUserPrincipal, toldAt: number | undefined): AttributeValues {
  const names = { sub, username, 'cognito:username': username };
  return isOlder(claims.iat, toldAt) ? names : { ...claims, ...names };
}

/** Tokens are dated in whole seconds. */
function isOlder(issuedAt: number, toldAt: number | undefined): boolean {
  return toldAt !== undefined && issuedAt < Math.floor(toldAt / 1000);
}

function inactive(reason: string): CognitoError {
  return new CognitoError('COGNITO_USER_INACTIVE', { detail: `The user ${reason} at the user pool.` });
}

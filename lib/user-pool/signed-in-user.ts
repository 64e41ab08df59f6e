import { inspect } from 'node:util';
import { CognitoError } from '../errors/cognito.error.js';
import type { CognitoTokenVerifier } from '../tokens/token-verifier.service.js';
import { AllowedOrigins } from './allowed-origins.js';
import { type BoundToUser, boundToUser } from './bound-to-user.js';
import type { DevicesService } from './devices.service.js';
import { LiveTokens, type UserTokens } from './live-tokens.js';
import type { MfaService } from './mfa.service.js';
import type { PasskeysService } from './passkeys.service.js';
import type { ProfileService } from './profile.service.js';
import type { RefreshedTokens } from './sign-in-result.js';
import { fetchWithToken, type TokenCarriage } from './token-fetch.js';
import type { TokensService } from './tokens.service.js';

/** How the tokens of a signed-in user are kept and used. */
export interface SignedInUserOptions {
  /**
   * How long before its end the access token is renewed, in seconds; at most half of its life. Default 60.
   */
  readonly renewBefore?: number | undefined;
  /** The key of the device that signed in; Cognito wants it with each renewal where the pool tracks devices. */
  readonly deviceKey?: string | undefined;
  /**
   * Is given the new tokens after each renewal, for storing: with rotation the old refresh token is no longer good. Who waits
   * for the renewal waits for this too, and gets what it throws.
   */
  readonly onRenewed?: ((tokens: RefreshedTokens) => void | Promise<void>) | undefined;
  /** Where {@link SignedInUser.fetch} may send the token: `https://api.example.com`. Default: nowhere. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** The header of {@link SignedInUser.fetch} that carries the token. Default `Authorization`. */
  readonly header?: string | undefined;
  /** What stands before the token in that header, with a blank between. Default `Bearer`. */
  readonly prefix?: string | undefined;
}

/** What a signed-in user works with. */
interface Workplace {
  readonly tokens: TokensService;
  readonly verifier: CognitoTokenVerifier;
  readonly pool: string;
  readonly profile: ProfileService;
  readonly mfa: MfaService;
  readonly devices: DevicesService;
  readonly passkeys: PasskeysService;
}

/**
 * A user and the tokens of their sign-in, which are verified before their first use and renewed before they expire, once however
 * many calls wait for it. Every method of it throws `COGNITO_SIGNED_OUT` after {@link signOut}, and besides its own codes those
 * of a renewal: `COGNITO_REFRESH_TOKEN_INVALID`, `COGNITO_REFRESH_TOKEN_REUSED`, `COGNITO_TOKEN_…` for tokens that are not good.
 *
 * It holds secrets and shows none of them when it is printed; it belongs to one user and is not shared between requests.
 */
export class SignedInUser {
  /** Reads the profile: {@link ProfileService.get}. */
  readonly get: BoundToUser<ProfileService>['get'];
  /** Writes attributes: {@link ProfileService.updateAttributes}. */
  readonly updateAttributes: BoundToUser<ProfileService>['updateAttributes'];
  /** Removes attributes: {@link ProfileService.deleteAttributes}. */
  readonly deleteAttributes: BoundToUser<ProfileService>['deleteAttributes'];
  /** Sends a code to an address: {@link ProfileService.getAttributeVerificationCode}. */
  readonly getAttributeVerificationCode: BoundToUser<ProfileService>['getAttributeVerificationCode'];
  /** Verifies an address: {@link ProfileService.verifyAttribute}. */
  readonly verifyAttribute: BoundToUser<ProfileService>['verifyAttribute'];
  /** Changes the password: {@link ProfileService.changePassword}. */
  readonly changePassword: BoundToUser<ProfileService>['changePassword'];
  /** Deletes the account: {@link ProfileService.deleteUser}. */
  readonly deleteUser: BoundToUser<ProfileService>['deleteUser'];
  /** The user's second factors. */
  readonly mfa: BoundToUser<MfaService>;
  /** The user's devices. */
  readonly devices: BoundToUser<DevicesService>;
  /** The user's passkeys. */
  readonly passkeys: BoundToUser<PasskeysService>;

  readonly #tokens: LiveTokens;
  readonly #carriage: TokenCarriage;

  /** @internal Built by {@link CognitoService.asUser}. */
  constructor(tokens: UserTokens, options: SignedInUserOptions, workplace: Workplace) {
    const { renewBefore = 60, deviceKey, onRenewed } = options;
    const { tokens: service, verifier, pool } = workplace;
    requireSeconds(renewBefore);
    this.#carriage = carriageOf(options);
    this.#tokens = new LiveTokens(tokens, { service, verifier, pool, renewBefore, deviceKey, onRenewed });
    const accessToken = async (): Promise<string> => this.#tokens.accessToken();
    const own: BoundToUser<ProfileService> = boundToUser(workplace.profile, profileMethods, accessToken);
    this.get = own.get;
    this.updateAttributes = own.updateAttributes;
    this.deleteAttributes = own.deleteAttributes;
    this.getAttributeVerificationCode = own.getAttributeVerificationCode;
    this.verifyAttribute = own.verifyAttribute;
    this.changePassword = own.changePassword;
    this.deleteUser = own.deleteUser;
    this.mfa = boundToUser(workplace.mfa, mfaMethods, accessToken);
    this.devices = boundToUser(workplace.devices, deviceMethods, accessToken);
    this.passkeys = boundToUser(workplace.passkeys, passkeyMethods, accessToken);
  }

  /** The tokens as they are now, for keeping them elsewhere. */
  get tokens(): UserTokens {
    return this.#tokens.current;
  }

  /**
   * Tells whether the access token had expired or was about to, and renews it if so.
   *
   * @param input `renew: false` only looks. Default true.
   */
  async checkToken({ renew = true }: { readonly renew?: boolean | undefined } = {}): Promise<boolean> {
    const due = await this.#tokens.isDue();
    if (due && renew) await this.#tokens.renew();
    return due;
  }

  /**
   * `fetch` with the access token in a header, to the origins that were allowed and to no other: redirects (five at most) are
   * followed one by one and each is held against them. A token that the server calls invalid (401, `invalid_token`) is renewed
   * and the request sent once more, unless its body is a stream.
   *
   * @param url an absolute address
   * @param init as of `fetch`; without a header for the token or `Authorization`
   * @throws {@link CognitoError} `COGNITO_ORIGIN_REFUSED` before anything is sent to an origin that is not allowed,
   * `COGNITO_PARAMETER_INVALID`, `COGNITO_UNAVAILABLE` for too many redirects
   */
  async fetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
    this.#tokens.assertGoing();
    return fetchWithToken(this.#tokens, this.#carriage, url, init);
  }

  /**
   * Signs the user out, of this sign-in (RevokeToken) or of all (GlobalSignOut), and forgets the tokens. A renewal under way
   * does not bring them back. When Cognito cannot be told, the error says so, nothing else works any more, and signing out may be
   * tried again; once it is done, it does nothing.
   *
   * @param input default `local`
   */
  async signOut({ scope = 'local' }: { readonly scope?: 'local' | 'global' | undefined } = {}): Promise<void> {
    await this.#tokens.end(scope);
  }

  /** What is printed of it: with `getters` and `showHidden` a debugger would read {@link tokens}. */
  [inspect.custom](): string {
    return 'SignedInUser {}';
  }
}

const profileMethods = {
  get: 'once',
  updateAttributes: 'once',
  deleteAttributes: 'once',
  getAttributeVerificationCode: 'once',
  verifyAttribute: 'once',
  changePassword: 'once',
  deleteUser: 'once',
} as const;

const mfaMethods = {
  associateSoftwareToken: 'once',
  verifySoftwareToken: 'once',
  setPreference: 'once',
  getAuthFactors: 'once',
} as const;

const deviceMethods = {
  confirm: 'once',
  get: 'once',
  list: 'once',
  iterate: 'entries',
  updateStatus: 'once',
  forget: 'once',
} as const;

const passkeyMethods = {
  startRegistration: 'once',
  completeRegistration: 'once',
  list: 'once',
  iterate: 'entries',
  delete: 'once',
} as const;

/** With what is no number no token would ever be due. */
function requireSeconds(renewBefore: unknown): void {
  if (typeof renewBefore === 'number' && renewBefore >= 0) return;
  throw new CognitoError('COGNITO_OPTIONS_INVALID', { detail: 'renewBefore: is a number of seconds, 0 or more' });
}

function carriageOf({
  allowedOrigins = [],
  header = 'Authorization',
  prefix = 'Bearer',
}: SignedInUserOptions): TokenCarriage {
  try {
    new Headers().set(header, `${prefix} token`);
  } catch {
    throw new CognitoError('COGNITO_OPTIONS_INVALID', { detail: 'header, prefix: no header can be made of them' });
  }
  return { origins: new AllowedOrigins(allowedOrigins), header, prefix };
}

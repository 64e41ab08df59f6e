import { CognitoError } from '../errors/cognito.error.js';
import { everyItem } from './every-item.js';
import type { IterationInput, PageInput } from './groups.service.js';
import type { OperationInput, OperationOutput } from './operations.js';
import type { OwnCall } from './own-call.js';
import type { UserPoolClient } from './user-pool-client.js';

/** What a browser needs to make a passkey: `PublicKeyCredentialCreationOptionsJSON` of WebAuthn Level 3. */
export interface PasskeyCreationOptions {
  /** The domain that the passkey will belong to. */
  readonly rp: { readonly id?: string | undefined; readonly name: string };
  /** Whom the authenticator keeps it for; `id` is base64url. */
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  /** Base64url. */
  readonly challenge: string;
  readonly pubKeyCredParams: readonly { readonly type: 'public-key'; readonly alg: number }[];
  /** Milliseconds. */
  readonly timeout?: number | undefined;
  /** Passkeys that the user has already. */
  readonly excludeCredentials?:
    | readonly {
        readonly id: string;
        readonly type: 'public-key';
        readonly transports?: readonly string[] | undefined;
      }[]
    | undefined;
  readonly authenticatorSelection?: Readonly<Record<string, unknown>> | undefined;
  readonly attestation?: string | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** What a browser made: `RegistrationResponseJSON` of WebAuthn Level 3, `credential.toJSON()` in the browser. */
export interface PasskeyRegistration {
  /** Base64url; so is everything that is not a list. */
  readonly id: string;
  readonly rawId: string;
  readonly type: string;
  readonly response: {
    readonly clientDataJSON: string;
    readonly attestationObject: string;
    readonly transports?: readonly string[] | undefined;
  };
  readonly authenticatorAttachment?: string | null | undefined;
  readonly clientExtensionResults?: object | undefined;
}

/** A passkey of a user. */
export interface Passkey {
  /** Base64url. */
  readonly credentialId: string;
  /** Made up by Cognito. */
  readonly name: string;
  /** The domain that it belongs to. */
  readonly relyingPartyId: string;
  /** `platform`, `cross-platform`, or unknown. */
  readonly authenticatorAttachment: string | undefined;
  /** `internal`, `hybrid`, `usb`, … */
  readonly transports: readonly string[];
  readonly createdAt: Date | undefined;
}

/** A page of passkeys. */
export interface PasskeyPage {
  readonly passkeys: readonly Passkey[];
  /** Opens the next page; `undefined` on the last. */
  readonly nextToken: string | undefined;
}

/**
 * The passkeys of a signed-in user.
 *
 * Besides the codes that are named with each, every call may end with `COGNITO_TOKEN_EXPIRED`, `COGNITO_TOKEN_REVOKED` or
 * `COGNITO_SCOPE_MISSING`, and with `COGNITO_CLIENT_MISCONFIGURED` for a pool without passkeys.
 */
export class PasskeysService {
  readonly #client: UserPoolClient;

  /** @internal Built by {@link CognitoService}. */
  constructor(client: UserPoolClient) {
    this.#client = client;
  }

  /**
   * Begins to register a passkey (StartWebAuthnRegistration). The options go to the browser:
   * `navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })`.
   *
   * @throws {@link CognitoError} `COGNITO_QUOTA_EXCEEDED` for a user who has 20 passkeys
   */
  async startRegistration({ accessToken }: OwnCall): Promise<PasskeyCreationOptions> {
    const output = await this.#client.send('StartWebAuthnRegistration', { AccessToken: accessToken });
    const options: unknown = output.CredentialCreationOptions;
    if (!isCreationOptions(options)) {
      throw new CognitoError('COGNITO_UNEXPECTED', { detail: 'Cognito gave no options for a new passkey.' });
    }
    return options;
  }

  /**
   * Registers the passkey that the browser made (CompleteWebAuthnRegistration).
   *
   * @param input `credential` as the browser gave it
   * @throws {@link CognitoError} `COGNITO_PASSKEY_REFUSED` for one of another challenge, origin, domain or app client, and for
   * an answer that came before; `COGNITO_QUOTA_EXCEEDED`, `COGNITO_PARAMETER_INVALID`
   */
  async completeRegistration({
    accessToken,
    credential,
  }: OwnCall & { readonly credential: PasskeyRegistration }): Promise<void> {
    await this.#client.send('CompleteWebAuthnRegistration', {
      AccessToken: accessToken,
      Credential: documentOf(credential),
    });
  }

  /**
   * Lists passkeys by the page (ListWebAuthnCredentials).
   *
   * @param input at most 20 on a page
   */
  async list({ accessToken, limit, nextToken }: OwnCall & PageInput): Promise<PasskeyPage> {
    const output = await this.#client.send('ListWebAuthnCredentials', {
      AccessToken: accessToken,
      MaxResults: limit,
      NextToken: nextToken,
    });
    return { passkeys: (output.Credentials ?? []).map(passkeyOf), nextToken: output.NextToken };
  }

  /** Goes through all passkeys (ListWebAuthnCredentials), each page asked for when the one before is used up. */
  iterate({ accessToken, pageSize, signal }: OwnCall & IterationInput): AsyncGenerator<Passkey, void, undefined> {
    return everyItem(async (token) => {
      const page = await this.list({ accessToken, limit: pageSize, nextToken: token });
      return { items: page.passkeys, next: page.nextToken };
    }, signal);
  }

  /**
   * Deletes a passkey (DeleteWebAuthnCredential).
   *
   * @throws {@link CognitoError} `COGNITO_PASSKEY_NOT_FOUND` for one that is not the user's
   */
  async delete({ accessToken, credentialId }: OwnCall & { readonly credentialId: string }): Promise<void> {
    await this.#client.send('DeleteWebAuthnCredential', { AccessToken: accessToken, CredentialId: credentialId });
  }
}

type Document = OperationInput<'CompleteWebAuthnRegistration'>['Credential'];
type CredentialDescription = NonNullable<OperationOutput<'ListWebAuthnCredentials'>['Credentials']>[number];

// A JSON document knows no `undefined`, and the SDK's type none of ours.
function documentOf(credential: PasskeyRegistration): Document {
  const document: Document = JSON.parse(JSON.stringify(credential));
  return document;
}

function isCreationOptions(options: unknown): options is PasskeyCreationOptions {
  if (typeof options !== 'object' || options === null) return false;
  return 'challenge' in options && typeof options.challenge === 'string' && 'rp' in options && 'user' in options;
}

function passkeyOf(description: CredentialDescription): Passkey {
  return {
    credentialId: description.CredentialId ?? '',
    name: description.FriendlyCredentialName ?? '',
    relyingPartyId: description.RelyingPartyId ?? '',
    authenticatorAttachment: description.AuthenticatorAttachment,
    transports: description.AuthenticatorTransports ?? [],
    createdAt: description.CreatedAt,
  };
}

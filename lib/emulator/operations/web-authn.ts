import { EmulatorError } from '../emulator-error.js';
import { isRecord, Members, type TextRule } from '../wire/members.js';
import { invalidParameter, webAuthnRefusal } from '../wire/wire-error.js';

/** COSE's numbers of the algorithms that the service takes: ES256 and RS256. */
export const ALGORITHMS = [-7, -257];

/** What an answer of an authenticator has to fit. */
export interface Expectation {
  /** Base64url. */
  readonly challenge: string;
  /** One that was found to be allowed. */
  readonly origin: string;
  readonly relyingPartyId: string;
  readonly userVerification: 'required' | 'preferred';
}

/** What a browser says about an answer: the part that the authenticator signs in its name. */
export interface ClientData {
  readonly challenge: string;
  readonly origin: string;
}

/** RegistrationResponseJSON, as far as it is looked at. */
export interface Registration {
  readonly id: string;
  readonly clientDataJSON: string;
  readonly attestationObject: string;
  readonly transports: readonly string[];
  readonly authenticatorAttachment: string | undefined;
}

/** AuthenticationResponseJSON, as far as it is looked at. */
export interface Assertion {
  readonly id: string;
  readonly clientDataJSON: string;
  readonly authenticatorData: string;
  readonly signature: string;
  readonly userHandle: string | undefined;
}

/** What is kept of a registration that was right. */
export interface RegisteredCredential {
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly counter: number;
}

const BASE64URL = /^[A-Za-z0-9_-]+$/;
const CREDENTIAL_ID: TextRule = { min: 1, max: 1364, pattern: BASE64URL, sensitive: true };
const ENCODED: TextRule = { min: 1, max: 32_768, pattern: BASE64URL, sensitive: true };
const SHORT: TextRule = { min: 1, max: 32, sensitive: true };

/** Reads what `navigator.credentials.create` gave. */
export function readRegistration(credential: Members): Registration {
  const response = credential.structure('response');
  return {
    id: idOf(credential),
    clientDataJSON: response.text('clientDataJSON', ENCODED),
    attestationObject: response.text('attestationObject', ENCODED),
    transports: response.optionalTexts('transports', SHORT) ?? [],
    authenticatorAttachment: credential.optionalText('authenticatorAttachment', SHORT),
  };
}

/** Reads what `navigator.credentials.get` gave, as a JSON document. */
export function readAssertion(document: string): Assertion {
  const credential = new Members(parsedRecord(document));
  const response = credential.structure('response');
  return {
    id: idOf(credential),
    clientDataJSON: response.text('clientDataJSON', ENCODED),
    authenticatorData: response.text('authenticatorData', ENCODED),
    signature: response.text('signature', ENCODED),
    userHandle: response.optionalText('userHandle', ENCODED),
  };
}

/** Reads what the browser says about an answer. */
export function readClientData({ clientDataJSON }: { readonly clientDataJSON: string }): ClientData {
  const clientData = new Members(parsedRecord(Buffer.from(clientDataJSON, 'base64url').toString('utf8')));
  return {
    challenge: clientData.text('challenge', ENCODED),
    origin: clientData.text('origin', { min: 1, max: 2048, sensitive: true }),
  };
}

/**
 * Judges a registration.
 *
 * @throws WireError `WebAuthnRelyingPartyMismatchException`, `WebAuthnCredentialNotSupportedException`
 */
export async function judgeRegistration(
  { challenge, origin, relyingPartyId, userVerification }: Expectation,
  { id, clientDataJSON, attestationObject }: Registration,
): Promise<RegisteredCredential> {
  const { verifyRegistrationResponse } = await loadWebAuthn();
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response: { ...credentialOf(id), response: { clientDataJSON, attestationObject } },
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: relyingPartyId,
    requireUserVerification: userVerification === 'required',
    supportedAlgorithmIDs: ALGORITHMS,
  }).catch((thrown: unknown) => {
    throw isWrongRelyingParty(thrown) ? wrongRelyingParty() : unsupportedCredential();
  });
  if (!verified || registrationInfo.credential.id !== id) throw unsupportedCredential();
  const { publicKey, counter } = registrationInfo.credential;
  return { publicKey, counter };
}

/** Judges an assertion. @returns the new counter; `undefined` for one that proves nothing */
export async function judgeAssertion(
  { challenge, origin, relyingPartyId, userVerification }: Expectation,
  { id, clientDataJSON, authenticatorData, signature }: Assertion,
  { publicKey, counter }: RegisteredCredential,
): Promise<number | undefined> {
  const { verifyAuthenticationResponse } = await loadWebAuthn();
  const judged = await verifyAuthenticationResponse({
    response: { ...credentialOf(id), response: { clientDataJSON, authenticatorData, signature } },
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: relyingPartyId,
    credential: { id, publicKey, counter },
    requireUserVerification: userVerification === 'required',
  }).catch(() => undefined);
  return judged?.verified ? judged.authenticationInfo.newCounter : undefined;
}

/**
 * Loads the package that judges passkeys. It is an optional peer: only a pool with passkeys needs it, and asks for it when it
 * starts, for what an operation says of it many clients would drop.
 *
 * @param load for tests
 * @throws EmulatorError `EMULATOR_OPTIONS_INVALID`, which names the package, where it is not installed
 */
export async function loadWebAuthn(load = async () => import('@simplewebauthn/server')) {
  try {
    return await load();
  } catch (thrown) {
    const missing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_MODULE_NOT_FOUND';
    if (!missing) throw thrown;
    const message =
      'The emulator cannot start with these options: allowedFirstAuthFactors: WEB_AUTHN takes a package that checks passkeys: npm install --save-dev @simplewebauthn/server';
    throw new EmulatorError('EMULATOR_OPTIONS_INVALID', message, { cause: thrown });
  }
}

function credentialOf(id: string) {
  return { id, rawId: id, type: 'public-key' as const, clientExtensionResults: {} };
}

function idOf(credential: Members): string {
  const id = credential.text('id', CREDENTIAL_ID);
  const isWhole = credential.text('rawId', CREDENTIAL_ID) === id && credential.text('type', SHORT) === 'public-key';
  if (!isWhole) throw invalidParameter('The credential is not a public key credential.');
  return id;
}

function parsedRecord(document: string): Record<string, unknown> {
  const parsed = parsedJson(document);
  if (!isRecord(parsed)) throw invalidParameter('The credential is not a JSON object.');
  return parsed;
}

function parsedJson(document: string): unknown {
  try {
    return JSON.parse(document);
  } catch {
    throw invalidParameter('The credential is not valid JSON.');
  }
}

function isWrongRelyingParty(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'UnexpectedRPIDHash';
}

function wrongRelyingParty(): Error {
  return webAuthnRefusal('WebAuthnRelyingPartyMismatchException', 'The credential is for another relying party.');
}

function unsupportedCredential(): Error {
  return webAuthnRefusal('WebAuthnCredentialNotSupportedException', 'The credential is not supported.');
}

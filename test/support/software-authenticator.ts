import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** The part of PublicKeyCredentialCreationOptionsJSON that an authenticator looks at. */
export interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id?: string | undefined };
  readonly user: { readonly id: string };
  readonly excludeCredentials?: readonly { readonly id: string }[] | undefined;
}

/** The part of PublicKeyCredentialRequestOptionsJSON that an authenticator looks at. */
export interface RequestOptions {
  readonly challenge: string;
  readonly rpId?: string | undefined;
  readonly allowCredentials?: readonly { readonly id: string }[] | undefined;
}

/** What may be other than it should. */
export interface Spoilt {
  readonly origin?: string;
  readonly challenge?: string;
  readonly rpId?: string;
  readonly type?: string;
  readonly userHandle?: string;
  /** In place of a new one: 32 bytes, base64url. */
  readonly credentialId?: string;
  /** Whether the authenticator says that it has checked the person; default true. */
  readonly userVerified?: boolean;
  readonly userPresent?: boolean;
  /** In place of a counter that goes up by one with each use. */
  readonly counter?: number;
}

/** What a browser hands out: RegistrationResponseJSON. */
export interface RegistrationJson {
  id: string;
  rawId: string;
  type: string;
  authenticatorAttachment: string;
  clientExtensionResults: object;
  response: { clientDataJSON: string; attestationObject: string; transports: string[] };
}

/** What a browser hands out: AuthenticationResponseJSON. */
export interface AssertionJson {
  id: string;
  rawId: string;
  type: string;
  clientExtensionResults: object;
  response: { clientDataJSON: string; authenticatorData: string; signature: string; userHandle: string };
}

type Algorithm = 'ES256' | 'RS256' | 'EdDSA';

interface Credential {
  readonly id: Buffer;
  readonly privateKey: KeyObject;
  readonly coseKey: Buffer;
  readonly userHandle: string;
}

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const WITH_CREDENTIAL = 0x40;

/** A browser with an authenticator in it: real keys, real CBOR, attestation `none`; one passkey at a time. */
export class SoftwareAuthenticator {
  private credential: Credential | undefined;
  private counter = 0;

  constructor(
    private readonly origin: string,
    private readonly algorithm: Algorithm = 'ES256',
  ) {}

  /** `navigator.credentials.create`. */
  create({ challenge, rp, user }: CreationOptions, spoilt: Spoilt = {}): RegistrationJson {
    const { privateKey, coseKey } = createKey(this.algorithm);
    const { credentialId } = spoilt;
    const id = credentialId === undefined ? randomBytes(32) : Buffer.from(credentialId, 'base64url');
    this.credential = { id, privateKey, coseKey, userHandle: user.id };
    const attested = Buffer.concat([Buffer.alloc(16), twoBytes(32), this.credential.id, coseKey]);
    const authData = Buffer.concat([this.authenticatorData(rp.id, WITH_CREDENTIAL, spoilt), attested]);
    const attestation = new Map<string, Cbor>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', authData],
    ]);
    return {
      ...identified(this.credential.id),
      authenticatorAttachment: 'platform',
      response: {
        clientDataJSON: this.clientData('webauthn.create', challenge, spoilt).toString('base64url'),
        attestationObject: encode(attestation).toString('base64url'),
        transports: ['internal', 'hybrid'],
      },
    };
  }

  /** `navigator.credentials.get`. */
  get({ challenge, rpId }: RequestOptions, spoilt: Spoilt = {}): AssertionJson {
    if (!this.credential) throw new Error('There is no passkey yet.');
    const { id, privateKey, userHandle } = this.credential;
    this.counter += 1;
    const authenticatorData = this.authenticatorData(rpId, 0, spoilt);
    const clientData = this.clientData('webauthn.get', challenge, spoilt);
    const signed = Buffer.concat([authenticatorData, sha256(clientData)]);
    return {
      ...identified(id),
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        signature: this.signatureOf(signed, privateKey).toString('base64url'),
        userHandle: spoilt.userHandle ?? userHandle,
      },
    };
  }

  private clientData(type: string, challenge: string, spoilt: Spoilt): Buffer {
    const data = { type, challenge, origin: this.origin, crossOrigin: false };
    const { type: otherType = type, challenge: otherChallenge = challenge, origin = this.origin } = spoilt;
    return Buffer.from(JSON.stringify({ ...data, type: otherType, challenge: otherChallenge, origin }), 'utf8');
  }

  private authenticatorData(rpId: string | undefined, flags: number, spoilt: Spoilt): Buffer {
    const present = spoilt.userPresent === false ? 0 : USER_PRESENT;
    const verified = spoilt.userVerified === false ? 0 : USER_VERIFIED;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(spoilt.counter ?? this.counter);
    const relyingParty = spoilt.rpId ?? rpId ?? new URL(this.origin).hostname;
    return Buffer.concat([sha256(Buffer.from(relyingParty, 'utf8')), Buffer.of(flags | present | verified), counter]);
  }

  private signatureOf(data: Buffer, key: KeyObject): Buffer {
    return this.algorithm === 'EdDSA' ? sign(null, data, key) : createSign('sha256').update(data).sign(key);
  }
}

function identified(id: Buffer) {
  const text = id.toString('base64url');
  return { id: text, rawId: text, type: 'public-key', clientExtensionResults: {} };
}

/** A key pair, the public half as COSE has it. */
function createKey(algorithm: Algorithm): { privateKey: KeyObject; coseKey: Buffer } {
  const { publicKey, privateKey } = keyPair(algorithm);
  const jwk = publicKey.export({ format: 'jwk' });
  const bytes = (part: unknown) => Buffer.from(String(part), 'base64url');
  const entries: Record<Algorithm, [number, Cbor][]> = {
    ES256: [
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, bytes(jwk['x'])],
      [-3, bytes(jwk['y'])],
    ],
    RS256: [
      [1, 3],
      [3, -257],
      [-1, bytes(jwk['n'])],
      [-2, bytes(jwk['e'])],
    ],
    EdDSA: [
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, bytes(jwk['x'])],
    ],
  };
  return { privateKey, coseKey: encode(new Map(entries[algorithm])) };
}

function keyPair(algorithm: Algorithm) {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  if (algorithm === 'RS256') return generateKeyPairSync('rsa', { modulusLength: 2048 });
  return generateKeyPairSync('ed25519');
}

type Cbor = number | string | Buffer | Map<Cbor, Cbor> | Map<string, Cbor> | Map<number, Cbor>;

/** CBOR (RFC 8949), as far as an authenticator speaks it. */
function encode(value: Cbor): Buffer {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value, 'utf8')]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  const entries: [Cbor, Cbor][] = [...value.entries()];
  return Buffer.concat([head(5, entries.length), ...entries.flatMap(([key, entry]) => [encode(key), encode(entry)])]);
}

function head(majorType: number, size: number): Buffer {
  const type = majorType << 5;
  if (size < 24) return Buffer.of(type | size);
  if (size < 0x100) return Buffer.of(type | 24, size);
  return Buffer.concat([Buffer.of(type | 25), twoBytes(size)]);
}

function twoBytes(integer: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(integer);
  return bytes;
}

function sha256(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}

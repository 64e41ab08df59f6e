import { createHash, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { exportJWK } from 'jose/key/export';

/** What a token says that it is: a key signs tokens of one use only. */
export type TokenUse = 'access' | 'id';

/** A key pair and the id under which its public half is published. */
export interface SigningKey {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** A public key as the pool publishes it. */
export interface PublishedKey {
  readonly alg: 'RS256';
  readonly e: string;
  readonly kid: string;
  readonly kty: 'RSA';
  readonly n: string;
  readonly use: 'sig';
}

const generate = promisify(generateKeyPair);

/** The pool's two keys, made anew at each start: no token outlives the process, and no private key is ever shipped. */
export class SigningKeys {
  private readonly pairs: Promise<Record<TokenUse, SigningKey>>;

  constructor() {
    this.pairs = createPairs();
    // The first to need a key meets the failure; until then it must not end the process.
    this.pairs.catch(() => undefined);
  }

  async of(use: TokenUse): Promise<SigningKey> {
    return (await this.pairs)[use];
  }

  /** The body of jwks.json. */
  async keySet(): Promise<{ keys: PublishedKey[] }> {
    const { id, access } = await this.pairs;
    return { keys: await Promise.all([id, access].map(publish)) };
  }
}

async function createPairs(): Promise<Record<TokenUse, SigningKey>> {
  const [id, access] = await Promise.all([createPair(), createPair()]);
  return { id, access };
}

async function createPair(): Promise<SigningKey> {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 });
  const kid = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
  return { kid, publicKey, privateKey };
}

async function publish({ kid, publicKey }: SigningKey): Promise<PublishedKey> {
  const { e = '', n = '' } = await exportJWK(publicKey);
  return { alg: 'RS256', e, kid, kty: 'RSA', n, use: 'sig' };
}

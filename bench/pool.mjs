import { createHash, createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { promisify } from 'node:util';

const signLater = promisify(sign);

/** A user pool's identity and one signing key: what verifying takes, without a pool behind it. */
export class TokenIssuer {
  userPoolId = 'eu-west-1_BenchPool';
  clientId = '1example23456789';
  issuer = `https://cognito-idp.eu-west-1.amazonaws.com/${this.userPoolId}`;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.publicKey = publicKey;
    this.privateKey = createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    this.kid = createHash('sha256')
      .update(publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64');
    this.jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: this.kid, alg: 'RS256', use: 'sig' }] };
    this.header = encode({ kid: this.kid, alg: 'RS256' });
  }

  /** An access token as Cognito makes them, of a user of its own. */
  async token(sub = randomUUID()) {
    const input = `${this.header}.${encode(this.#claims(sub))}`;
    const signature = await signLater('sha256', Buffer.from(input), this.privateKey);
    return `${input}.${signature.toString('base64url')}`;
  }

  /** Many of them, signed on the threads of the pool. */
  async tokens(count) {
    const made = [];
    while (made.length < count) {
      const batch = Array.from({ length: Math.min(256, count - made.length) }, () => this.token());
      made.push(...(await Promise.all(batch)));
    }
    return made;
  }

  #claims(sub) {
    const now = Math.floor(Date.now() / 1000);
    return {
      sub,
      'cognito:groups': ['readers', 'writers'],
      iss: this.issuer,
      client_id: this.clientId,
      origin_jti: randomUUID(),
      event_id: randomUUID(),
      token_use: 'access',
      scope: 'aws.cognito.signin.user.admin',
      auth_time: now,
      exp: now + 86_400,
      iat: now,
      jti: randomUUID(),
      username: sub,
    };
  }
}

/** Tokens one after the other, from the first again after the last. */
export function inRotation(tokens) {
  let next = 0;
  return () => {
    const token = tokens[next];
    next = next + 1 === tokens.length ? 0 : next + 1;
    return token;
  };
}

function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

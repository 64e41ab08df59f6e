import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { CognitoEmulator } from '../../../lib/emulator/index.js';
import { g, N } from '../../../lib/srp/group.js';
import { modularPower } from '../../../lib/srp/modular-power.js';
import { pad } from '../../../lib/srp/pad.js';

export interface Reply {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/** Calls an operation in the wire protocol, with no SDK in between. */
export async function call(pool: CognitoEmulator, operation: string, members: object): Promise<Reply> {
  const response = await fetch(pool.options.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify({ ClientId: pool.options.clientId, ...members }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

/** The error of a refused call, as `Name: message`. */
export async function refusal(reply: Promise<Reply>): Promise<string> {
  const { status, body } = await reply;
  if (status === 200) throw new Error('The call was not refused.');
  return `${String(body['__type'])}: ${String(body['message'])}`;
}

/** The tokens of a call that completed a sign-in. */
export async function tokensOf(reply: Promise<Reply>): Promise<Record<string, string>> {
  const { body } = await reply;
  if (!body['AuthenticationResult']) throw new Error(`No tokens: ${JSON.stringify(body)}`);
  return body['AuthenticationResult'] as Record<string, string>;
}

/** Header and payload of a token, unverified. */
export function decoded(token = ''): { header: Record<string, unknown>; payload: Record<string, unknown> } {
  const [header = '', payload = ''] = token.split('.');
  const parse = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  return { header: parse(header), payload: parse(payload) };
}

export interface Challenge {
  name: string;
  parameters: Record<string, string>;
  session: string;
}

export function challengeOf({ body }: Reply): Challenge {
  if (!body['ChallengeName']) throw new Error(`No challenge: ${JSON.stringify(body)}`);
  return {
    name: body['ChallengeName'] as string,
    parameters: body['ChallengeParameters'] as Record<string, string>,
    session: body['Session'] as string,
  };
}

export interface AnswerChanges {
  clientId?: string;
  username?: string;
  timestamp?: string;
  session?: string | undefined;
  signature?: (right: Buffer) => Buffer;
  secretBlock?: string;
  secretHash?: string;
}

/** A client of its own for SRP sign-in, so that each step can be spoiled. */
export class SrpSignIn {
  readonly secret = integerOf(randomBytes(32));
  readonly publicValue = modularPower(g, this.secret);

  constructor(
    private readonly pool: CognitoEmulator,
    private readonly username: string,
    private readonly password: string,
  ) {}

  async begin(changes: { srpA?: string; secretHash?: string } = {}): Promise<Reply> {
    return call(this.pool, 'InitiateAuth', {
      AuthFlow: 'USER_SRP_AUTH',
      AuthParameters: {
        USERNAME: this.username,
        SRP_A: changes.srpA ?? this.publicValue.toString(16),
        ...(changes.secretHash && { SECRET_HASH: changes.secretHash }),
      },
    });
  }

  async answer({ parameters, session }: Challenge, changes: AnswerChanges = {}): Promise<Reply> {
    const timestamp = changes.timestamp ?? timestampOf(Date.now());
    const right = this.signatureOf(parameters, timestamp);
    return call(this.pool, 'RespondToAuthChallenge', {
      ...(changes.clientId && { ClientId: changes.clientId }),
      ChallengeName: 'PASSWORD_VERIFIER',
      Session: 'session' in changes ? changes.session : session,
      ChallengeResponses: {
        USERNAME: changes.username ?? parameters['USER_ID_FOR_SRP'],
        PASSWORD_CLAIM_SECRET_BLOCK: changes.secretBlock ?? parameters['SECRET_BLOCK'],
        PASSWORD_CLAIM_SIGNATURE: (changes.signature?.(right) ?? right).toString('base64'),
        TIMESTAMP: timestamp,
        ...(changes.secretHash && { SECRET_HASH: changes.secretHash }),
      },
    });
  }

  async run(changes: AnswerChanges = {}): Promise<Reply> {
    return this.answer(challengeOf(await this.begin()), changes);
  }

  /** PASSWORD_CLAIM_SIGNATURE. */
  signatureOf(parameters: Record<string, string>, timestamp: string): Buffer {
    const block = Buffer.from(parameters['SECRET_BLOCK'] ?? '', 'base64');
    return hmac(this.proofKey(parameters), this.identity(parameters), block, timestamp);
  }

  identity(parameters: Record<string, string>): string {
    const { userPoolId } = this.pool.options;
    return `${userPoolId.slice(userPoolId.indexOf('_') + 1)}${parameters['USER_ID_FOR_SRP']}`;
  }

  private proofKey(parameters: Record<string, string>): Buffer {
    const B = BigInt(`0x${parameters['SRP_B']}`);
    const k = integerOf(sha256(pad(N), pad(g)));
    const u = integerOf(sha256(pad(this.publicValue), pad(B)));
    const inner = sha256(`${this.identity(parameters)}:${this.password}`);
    const x = integerOf(sha256(pad(BigInt(`0x${parameters['SALT']}`)), inner));
    const base = (((B - k * modularPower(g, x)) % N) + N) % N;
    return deriveKey(u, modularPower(base, this.secret + u * x));
  }
}

/** The key under which a password claim is signed. */
export function deriveKey(u: bigint, S: bigint): Buffer {
  return hmac(hmac(pad(u), pad(S)), 'Caldera Derived Key\x01').subarray(0, 16);
}

export function timestampOf(time: number): string {
  const [weekday = '', day, month, year, clock] = new Date(time).toUTCString().split(' ');
  return `${weekday.replace(',', '')} ${month} ${Number(day)} ${clock} UTC ${year}`;
}

export function secretHashOf(secret: string, username: string, clientId: string): string {
  return hmac(Buffer.from(secret), `${username}${clientId}`).toString('base64');
}

export function sha256(...parts: (Buffer | string)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

export function hmac(key: Buffer, ...parts: (Buffer | string)[]): Buffer {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

export function integerOf(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

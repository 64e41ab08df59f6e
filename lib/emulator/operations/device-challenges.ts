import { createServerEphemeral, provesPassword } from '../srp-verifier.js';
import { createSecretBlock, type DeviceExchange, type SignInAttempt } from '../state/challenges.js';
import type { ConfirmedDevice } from '../state/devices.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { deviceNotFound, notAuthorized } from '../wire/wire-error.js';
import { type Answers, type ChallengeAnswer, required, type Texts } from './challenge-answer.js';
import { complete } from './complete-sign-in.js';
import { knownDevice } from './known-device.js';
import { parsePublicValue } from './public-value.js';
import { demand, demandSecondFactor, type HalfSignIn } from './second-factors.js';
import { requireFreshTimestamp } from './srp-timestamp.js';
import { waitingFactor } from './waiting-factor.js';

/** Who judges the proof of a remembered device. */
export const deviceAnswers = {
  DEVICE_SRP_AUTH: answerPublicValue,
  DEVICE_PASSWORD_VERIFIER: answerDeviceProof,
} satisfies Answers;

/** Asks a remembered device for its proof; `undefined` when the sign-in names no device, or one that is not remembered. */
export function demandDeviceProof(pool: Pool, half: HalfSignIn): object | undefined {
  const device = knownDevice(pool, half.user, half.attempt);
  return device?.remembered ? demand(pool, half, 'DEVICE_SRP_AUTH', {}, {}) : undefined;
}

async function answerPublicValue(answer: ChallengeAnswer): Promise<object> {
  const { pool, client, responses } = answer;
  const { user, attempt } = waitingFactor(answer, 'DEVICE_SRP_AUTH');
  required(responses, 'DEVICE_KEY');
  const device = rememberedDevice(pool, user, attempt);
  const clientPublicValue = parsePublicValue(required(responses, 'SRP_A'));
  const ephemeral = createServerEphemeral(device.verifier.verifier);
  const secretBlock = createSecretBlock();
  pool.sessions.spend(answer.session ?? '');
  const exchange: DeviceExchange = { deviceKey: device.key, clientPublicValue, ephemeral, secretBlock };
  return demand(
    pool,
    { client, user, attempt },
    'DEVICE_PASSWORD_VERIFIER',
    { exchange },
    {
      SALT: device.verifier.salt.toString(16),
      SRP_B: ephemeral.publicValue.toString(16),
      SECRET_BLOCK: secretBlock,
      USERNAME: user.username,
      DEVICE_KEY: device.key,
    },
  );
}

async function answerDeviceProof(answer: ChallengeAnswer): Promise<object> {
  const { pool, client, responses } = answer;
  const { user, attempt, memory } = waitingFactor(answer, 'DEVICE_PASSWORD_VERIFIER');
  const proof = readProof(responses);
  // The device that was asked, whatever key the answer names: that has to be the same.
  const device = rememberedDevice(pool, user, memory.exchange);
  requireFreshTimestamp(pool, proof.timestamp);
  // One key agreement is good for one proof, right or wrong.
  pool.sessions.spend(answer.session ?? '');
  if (!isProven(device, memory.exchange, proof)) {
    pool.lockout.recordFailure(pool.users.canonical(user.username));
    throw notAuthorized();
  }
  return afterDeviceProof(pool, { client, user, attempt });
}

interface DeviceProof {
  readonly deviceKey: string;
  readonly secretBlock: string;
  readonly signature: string;
  readonly timestamp: string;
}

function readProof(responses: Texts): DeviceProof {
  return {
    deviceKey: required(responses, 'DEVICE_KEY'),
    secretBlock: required(responses, 'PASSWORD_CLAIM_SECRET_BLOCK'),
    signature: required(responses, 'PASSWORD_CLAIM_SIGNATURE'),
    timestamp: required(responses, 'TIMESTAMP'),
  };
}

/** The device itself, which may have been forgotten since it was asked. */
function rememberedDevice(pool: Pool, user: User, named: Pick<SignInAttempt, 'deviceKey'>): ConfirmedDevice {
  const device = knownDevice(pool, user, named);
  if (!device?.remembered) throw deviceNotFound();
  return device;
}

function isProven(device: ConfirmedDevice, exchange: DeviceExchange, proof: DeviceProof): boolean {
  if (proof.deviceKey !== exchange.deviceKey || proof.secretBlock !== exchange.secretBlock) return false;
  const claim = {
    identity: `${device.groupKey}${device.key}`,
    secretBlock: Buffer.from(proof.secretBlock, 'base64'),
    timestamp: proof.timestamp,
  };
  const signature = Buffer.from(proof.signature, 'base64');
  return provesPassword(exchange.clientPublicValue, exchange.ephemeral, device.verifier.verifier, claim, signature);
}

async function afterDeviceProof(pool: Pool, half: HalfSignIn): Promise<object> {
  const { client, user, attempt } = half;
  const replacesSecondFactor = pool.settings.deviceConfiguration?.challengeRequiredOnNewDevice ?? false;
  // A custom sign-in asks for no second factor, so there is none to replace.
  const isDone = replacesSecondFactor || attempt.flow === 'CUSTOM_AUTH';
  const challenge = isDone ? undefined : await demandSecondFactor(pool, half);
  return challenge ?? complete(pool, client, user, attempt);
}

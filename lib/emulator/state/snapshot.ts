import { createHash } from 'node:crypto';
import { z } from 'zod';
import { EmulatorError } from '../emulator-error.js';
import { FURTHEST } from './clock.js';
import { CODE_PURPOSES, type Code } from './codes.js';
import type { Device } from './devices.js';
import type { Grant, KeptGrant } from './grants.js';
import type { Group } from './groups.js';
import type { Passkey } from './passkeys.js';
import type { Pool } from './pool.js';
import {
  CONTACTS,
  type Identity,
  MFA_TYPES,
  type SoftwareToken,
  type User,
  type UserMfa,
  USER_STATUSES,
} from './users.js';

const FORMAT = 'nest-cognito-pool';
const VERSION = 1;

/** What of a pool outlives its process. Sign-ins that wait for an answer, lock-outs, messages and keys do not. */
export interface PoolSnapshot {
  readonly userPoolId: string;
  /** The main app client: refresh tokens are bound to their client. */
  readonly clientId: string;
  /** How far the pool's clock is ahead of real time, in seconds. */
  readonly clockOffset: number;
  readonly users: readonly User[];
  readonly groups: readonly Group[];
  readonly devices: readonly Device[];
  readonly passkeys: readonly Passkey[];
  readonly grants: readonly KeptGrant[];
  readonly codes: readonly Code[];
}

/** A text that is not the snapshot of a pool; the message says why and repeats nothing of it. */
export class SnapshotUnreadable extends Error {
  override readonly name = 'SnapshotUnreadable';
}

/** The pool as it is now. */
export function snapshotOf(pool: Pool): PoolSnapshot {
  return {
    userPoolId: pool.settings.userPoolId,
    clientId: pool.settings.client.clientId,
    clockOffset: Math.round((pool.clock.now() - Date.now()) / 1000),
    users: [...pool.users.all()],
    groups: pool.groups.all(),
    devices: pool.devices.all(),
    passkeys: pool.passkeys.all(),
    grants: pool.grants.kept(),
    codes: pool.codes.all(),
  };
}

/**
 * Puts a snapshot into a pool that is still empty.
 *
 * @throws EmulatorError `EMULATOR_DATA_MISMATCH` for two users who are one under the pool's way to compare names
 */
export function restore(pool: Pool, snapshot: PoolSnapshot): void {
  for (const user of snapshot.users) addAlone(pool, user);
  for (const group of snapshot.groups) pool.groups.add(group);
  for (const device of snapshot.devices) pool.devices.add(device);
  for (const passkey of snapshot.passkeys) pool.passkeys.add(passkey);
  for (const code of snapshot.codes) pool.codes.add(code);
  pool.grants.restore(snapshot.grants);
}

// The second would take the place of the first, whom the next writing of the file would lose for good.
function addAlone({ users }: Pool, user: User): void {
  if (users.byName(user.username)) {
    const message =
      'The data file has two users of the same name: set usernameCaseSensitive as it was when the file was written.';
    throw new EmulatorError('EMULATOR_DATA_MISMATCH', message);
  }
  users.add(user);
}

/** As JSON: integers of a proof in hexadecimal, bytes in base64url. */
export function stringify(snapshot: PoolSnapshot): string {
  return JSON.stringify({ format: FORMAT, version: VERSION, ...snapshot }, encode, 1);
}

/**
 * The snapshot behind a text.
 *
 * @throws SnapshotUnreadable for a text that is damaged, of something else, or of a later version
 */
export function parse(text: string): PoolSnapshot {
  const { format, version, ...snapshot } = headed(parseJson(text));
  if (format !== FORMAT) throw new SnapshotUnreadable('it is not the state of a local user pool');
  if (version !== VERSION) {
    throw new SnapshotUnreadable(`it is of version ${version}, and this version of nest-cognito reads ${VERSION}`);
  }
  const result = snapshotSchema.safeParse(snapshot);
  if (result.success) return result.data;
  const [problem] = result.error.issues;
  throw new SnapshotUnreadable(`it is damaged at ${problem?.path.join('.') || 'its top'}`);
}

/** A hash of everything that operations may change: equal before and after a request that was refused. */
export function stateHash(pool: Pool): string {
  return createHash('sha256')
    .update(stringify({ ...snapshotOf(pool), clockOffset: 0 }))
    .digest('hex');
}

// Not an arrow: what a value was before its own toJSON is found on the object that holds it.
function encode(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const original = this[key];
  if (typeof original === 'bigint') return original.toString(16);
  return original instanceof Uint8Array ? Buffer.from(original).toString('base64url') : value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SnapshotUnreadable('it is not valid JSON');
  }
}

function headed(value: unknown): { format?: unknown; version?: number } {
  const result = z.looseObject({ format: z.string(), version: z.int() }).safeParse(value);
  return result.success ? result.data : {};
}

// `satisfies` holds the shapes against the types of the state: a new member that is forgotten here does not compile.
const time = z.number();
const integer = z
  .string()
  .regex(/^[0-9a-f]+$/)
  .transform((hex) => BigInt(`0x${hex}`));
const bytes = z
  .string()
  .regex(/^[\w-]+$/)
  .transform((text) => Uint8Array.from(Buffer.from(text, 'base64url')));

const base32 = z.string().regex(/^[A-Z2-7]+$/);

const passwordVerifier = z.strictObject({ salt: integer, verifier: integer });

const mfa = z.strictObject({
  softwareToken: z
    .strictObject({
      secret: base32,
      friendlyName: z.string(),
      lastStep: z.int().optional(),
    } satisfies Record<keyof SoftwareToken, z.ZodType>)
    .optional(),
  pendingSecret: base32.optional(),
  totp: z.boolean(),
  sms: z.boolean(),
  email: z.boolean(),
  preferred: z.enum(MFA_TYPES).optional(),
} satisfies Record<keyof UserMfa, z.ZodType>);

const identity = z.strictObject({
  providerName: z.string(),
  userId: z.string(),
  linkedAt: time,
} satisfies Record<keyof Identity, z.ZodType>);

const user = z.strictObject({
  username: z.string().min(1),
  sub: z.string().min(1),
  attributes: z.record(z.string(), z.string()),
  groups: z.array(z.string()),
  status: z.enum(USER_STATUSES),
  enabled: z.boolean(),
  password: passwordVerifier.optional(),
  passwordHistory: z.array(passwordVerifier),
  mfa,
  identities: z.array(identity),
  pendingContacts: z.partialRecord(z.enum(CONTACTS), z.string()),
  passwordSetAt: time,
  createdAt: time,
  modifiedAt: time,
} satisfies Record<keyof User, z.ZodType>);

const group = z.strictObject({
  name: z.string().min(1),
  description: z.string().optional(),
  precedence: z.int().optional(),
  roleArn: z.string().optional(),
  createdAt: time,
  modifiedAt: time,
} satisfies Record<keyof Group, z.ZodType>);

const device = z.strictObject({
  key: z.string().min(1),
  groupKey: z.string(),
  username: z.string(),
  name: z.string(),
  verifier: passwordVerifier.optional(),
  remembered: z.boolean(),
  createdAt: time,
  modifiedAt: time,
  lastAuthenticatedAt: time,
} satisfies Record<keyof Device, z.ZodType>);

const passkey = z.strictObject({
  credentialId: z.string().min(1),
  username: z.string(),
  publicKey: bytes,
  counter: z.int(),
  transports: z.array(z.string()),
  friendlyName: z.string(),
  relyingPartyId: z.string(),
  authenticatorAttachment: z.string().optional(),
  createdAt: time,
} satisfies Record<keyof Passkey, z.ZodType>);

const grant = z.strictObject({
  originJti: z.string().min(1),
  eventId: z.string(),
  username: z.string(),
  clientId: z.string(),
  authTime: time,
  expiresAt: time,
  lastActiveAt: time,
  revoked: z.boolean(),
  revocable: z.boolean(),
  deviceKey: z.string().optional(),
  scopes: z.array(z.string()).optional(),
} satisfies Record<keyof Grant, z.ZodType>);

const keptGrant = z.strictObject({
  grant,
  refreshTokens: z.array(z.strictObject({ hash: z.string(), servesUntil: time.optional() })),
  endsAt: time,
} satisfies Record<keyof KeptGrant, z.ZodType>);

const code = z.strictObject({
  purpose: z.enum(CODE_PURPOSES),
  username: z.string(),
  digest: bytes.transform((digest) => Buffer.from(digest)),
  contact: z.enum(CONTACTS),
  destination: z.string(),
  expiresAt: time,
} satisfies Record<keyof Code, z.ZodType>);

const snapshotSchema = z.strictObject({
  userPoolId: z.string().min(1),
  clientId: z.string().min(1),
  clockOffset: z
    .number()
    .min(-FURTHEST / 1000)
    .max(FURTHEST / 1000),
  users: z.array(user),
  groups: z.array(group),
  devices: z.array(device),
  passkeys: z.array(passkey),
  grants: z.array(keptGrant),
  codes: z.array(code),
} satisfies Record<keyof PoolSnapshot, z.ZodType>);

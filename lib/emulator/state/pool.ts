import { createHmac, randomBytes } from 'node:crypto';
import type { ResolvedEmulatorOptions } from '../emulator.options.js';
import type { EmulatorHooks } from '../hooks.js';
import type { EmulatorTriggers } from '../triggers.js';
import { AccessTokens } from '../tokens/access-tokens.js';
import { SigningKeys } from '../tokens/keys.js';
import { TokenMint } from '../tokens/token-mint.js';
import type { AppClient } from './app-clients.js';
import type { ChallengeSession, SrpExchange } from './challenges.js';
import type { EmulatorClock } from './clock.js';
import { Codes } from './codes.js';
import { Devices } from './devices.js';
import { Grants } from './grants.js';
import { Groups } from './groups.js';
import { HourlyLimits } from './hourly-limits.js';
import { Inbox } from './inbox.js';
import { Lockout } from './lockout.js';
import { OneTimeStore } from './one-time-store.js';
import {
  type AuthorizationCode,
  CODE_LIFETIME,
  PAGE_SESSION_LIFETIME,
  type PageSession,
  type PageStep,
  STEP_LIFETIME,
} from './page-sign-ins.js';
import { type PasskeyRegistration, Passkeys } from './passkeys.js';
import { Users } from './users.js';

const SESSION_LIFETIME = 3 * 60 * 1000;

/** The state of one running pool: what the operations work on. */
export class Pool {
  readonly keys = new SigningKeys();
  readonly inbox = new Inbox();
  readonly users: Users;
  readonly groups = new Groups();
  readonly devices = new Devices();
  readonly passkeys = new Passkeys();
  readonly passkeyRegistrations: OneTimeStore<PasskeyRegistration>;
  readonly grants: Grants;
  readonly codes: Codes;
  readonly lockout: Lockout;
  readonly limits: HourlyLimits;
  readonly exchanges: OneTimeStore<SrpExchange>;
  readonly sessions: OneTimeStore<ChallengeSession>;
  readonly authorizationCodes: OneTimeStore<AuthorizationCode>;
  readonly pageSessions: OneTimeStore<PageSession>;
  readonly pageSteps: OneTimeStore<PageStep>;
  readonly mint: TokenMint;
  readonly accessTokens: AccessTokens;
  private readonly clients: ReadonlyMap<string, AppClient>;
  private readonly disguise = randomBytes(32);

  constructor(
    readonly settings: ResolvedEmulatorOptions,
    readonly issuer: string,
    readonly clock: EmulatorClock,
    readonly hooks: EmulatorHooks,
    readonly triggers: EmulatorTriggers,
  ) {
    this.clients = new Map(settings.clients.map((client) => [client.clientId, client]));
    this.users = new Users(settings);
    this.grants = new Grants(clock);
    this.codes = new Codes(clock);
    this.lockout = new Lockout(clock);
    this.limits = new HourlyLimits(clock);
    this.passkeyRegistrations = new OneTimeStore(clock, SESSION_LIFETIME);
    this.exchanges = new OneTimeStore(clock, SESSION_LIFETIME);
    this.sessions = new OneTimeStore(clock, SESSION_LIFETIME);
    this.authorizationCodes = new OneTimeStore(clock, CODE_LIFETIME);
    this.pageSessions = new OneTimeStore(clock, PAGE_SESSION_LIFETIME);
    this.pageSteps = new OneTimeStore(clock, STEP_LIFETIME);
    this.mint = new TokenMint(issuer, this.keys, clock, hooks, this.groups);
    this.accessTokens = new AccessTokens(issuer, this.keys, clock, this.grants, this.users);
  }

  client(clientId: string): AppClient | undefined {
    return this.clients.get(clientId);
  }

  /** What a password proof is bound to: the pool name and the user id, one after the other. */
  identityOf(userId: string): string {
    const { userPoolId } = this.settings;
    return `${userPoolId.slice(userPoolId.indexOf('_') + 1)}${userId}`;
  }

  /** Bytes that look random but are always the same for the same name: what an unknown user is made of. */
  disguiseOf(aspect: string, name: string): Buffer {
    return createHmac('sha256', this.disguise).update(`${aspect}:${name}`).digest();
  }
}

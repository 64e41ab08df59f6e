import { DataFile, readDataFile } from './data-file.js';
import { EmulatorError } from './emulator-error.js';
import { resolveOptions } from './emulator.options.js';
import type { EmulatorOptions, EmulatorSeed } from './emulator-seed.js';
import type { EmulatorHooks } from './hooks.js';
import { operationsOf } from './operations/operations.js';
import { loadWebAuthn } from './operations/web-authn.js';
import { OAuthEndpoints } from './oauth/oauth-endpoints.js';
import { seedGroups, seedUsers } from './seed.js';
import type { AppClient } from './state/app-clients.js';
import { OffsetClock, type EmulatorClock } from './state/clock.js';
import type { Inbox } from './state/inbox.js';
import { Pool } from './state/pool.js';
import { type PoolSnapshot, restore } from './state/snapshot.js';
import type { TokenUse } from './tokens/keys.js';
import type { EmulatorTriggers } from './triggers.js';
import { ControlEndpoints } from './wire/control-endpoints.js';
import { EmulatorServer } from './wire/server.js';
import { UserPoolApi } from './wire/user-pool-api.js';
import { WellKnown } from './wire/well-known.js';

/** Where a running emulator is reached: goes as it is into `CognitoModule.forRoot`. */
export interface EmulatorConnection {
  readonly userPoolId: string;
  readonly clientId: string;
  /** Present when the main app client has a secret. */
  readonly clientSecret?: string;
  readonly region: 'local';
  /** Origin of the API, for example `http://127.0.0.1:9229`. */
  readonly endpoint: string;
  /** The `iss` of every token: the endpoint and the pool id. */
  readonly issuer: string;
  /** Host and port of the OAuth pages: the same server. */
  readonly domain: string;
  /** Signed operations want some credentials; the pool accepts any signature. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** How tokens made for a test differ from those of a sign-in. */
export interface TokensForOptions {
  /** The token that `claims` are written into; default both. */
  tokenUse?: TokenUse | undefined;
  /** In place of the user's own groups. */
  groups?: readonly string[] | undefined;
  /** Written over the claims; `undefined` as a value leaves a claim out. */
  claims?: Readonly<Record<string, unknown>> | undefined;
  /** Life in seconds from now, default the client's; a negative number makes tokens that have expired. */
  expiresIn?: number | undefined;
  /** Default the main client; a name that the pool does not know makes tokens of a foreign client. */
  clientId?: string | undefined;
}

/** Tokens as a sign-in would have given them. */
export interface EmulatorTokens {
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/**
 * A user pool in one process: real JSON-1.1 protocol, real SRP check, RS256 tokens under keys made at each start.
 *
 * It is made for development and tests. It listens on the loopback interface, keeps everything in memory unless
 * `dataFile` names a place, and knows no throttling but Cognito's own lock-out.
 */
export class CognitoEmulator {
  /** Hand these to the module or client that shall talk to this pool. */
  readonly options: EmulatorConnection;
  /** The codes that a real pool would have sent out. */
  readonly inbox: Inbox;
  /** The time of tokens, codes, sessions and lock-outs. */
  readonly clock: EmulatorClock;
  /** Where a test may put its hand in. */
  readonly hooks: EmulatorHooks;
  /** Lambda triggers as plain functions; they may be set while the pool runs, and cannot be reached over HTTP. */
  readonly triggers: EmulatorTriggers;
  /** Opens `/_emulator/inbox` and `/_emulator/clock` to another process, as a bearer token. */
  readonly controlToken: string;

  protected constructor(
    private readonly pool: Pool,
    private readonly server: EmulatorServer,
    private readonly dataFile: DataFile | undefined,
    control: ControlEndpoints,
    endpoint: string,
  ) {
    this.options = connectionTo(pool, endpoint);
    this.inbox = pool.inbox;
    this.clock = pool.clock;
    this.hooks = pool.hooks;
    this.triggers = pool.triggers;
    this.controlToken = control.token;
  }

  /**
   * Starts a pool and listens; the signing keys are still being made when it returns, which only a first token waits for.
   *
   * @param options every one has a default: a free port on 127.0.0.1, random ids, no users
   * @throws EmulatorError `EMULATOR_OPTIONS_INVALID` naming every bad or unknown key, or the package that passkeys
   *   take, `EMULATOR_PORT_IN_USE`,
   *   `EMULATOR_HOST_UNAVAILABLE`; with `dataFile` also `EMULATOR_DATA_INVALID` for a file that cannot be read,
   *   `EMULATOR_DATA_UNWRITABLE`, and `EMULATOR_DATA_MISMATCH` for one of another pool than `userPoolId`, or
   *   with two users whom `usernameCaseSensitive` would make one
   */
  static async start(options: EmulatorOptions = {}): Promise<CognitoEmulator> {
    const { clock, triggers = {}, dataFile, ...seed } = options;
    resolveOptions(seed);
    if (dataFile !== undefined) requirePath(dataFile);
    const kept = dataFile === undefined ? undefined : await readDataFile(dataFile);
    const settings = resolveOptions({ ...seed, ...idsOf(kept, seed) });
    if (settings.allowedFirstAuthFactors.includes('WEB_AUTHN')) await loadWebAuthn();
    const server = new EmulatorServer(settings.host, settings.corsOrigins);
    const endpoint = await server.listen(settings.port);
    try {
      const ownClock = clock ?? this.newClock();
      const pool = new Pool(settings, `${endpoint}/${settings.userPoolId}`, ownClock, {}, { ...triggers });
      fill(pool, kept);
      if (kept && clock === undefined) ownClock.advance({ seconds: kept.clockOffset });
      const file = dataFile === undefined ? undefined : new DataFile(dataFile, pool);
      await file?.save();
      return this.furnish(pool, server, file, endpoint);
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  private static furnish(
    pool: Pool,
    server: EmulatorServer,
    file: DataFile | undefined,
    endpoint: string,
  ): CognitoEmulator {
    const control = new ControlEndpoints(pool.inbox, pool.clock);
    const operations = operationsOf(pool);
    server.open({
      api: new UserPoolApi(file?.following(operations) ?? operations, pool.hooks),
      wellKnown: new WellKnown(pool.issuer, pool.settings.pages ? endpoint : undefined, pool.keys),
      control,
      oauth: pool.settings.pages ? new OAuthEndpoints(pool, () => file?.changed()) : undefined,
    });
    return new this(pool, server, file, control, endpoint);
  }

  /** The clock of a pool that was started without one. */
  protected static newClock(): EmulatorClock {
    return new OffsetClock();
  }

  /**
   * Makes tokens for a user without a sign-in, whatever the state of the account.
   *
   * @param name user name or sign-in address
   * @throws EmulatorError `EMULATOR_USER_UNKNOWN`
   */
  async tokensFor(name: string, options: TokensForOptions = {}): Promise<EmulatorTokens> {
    const user = this.pool.users.bySignInName(name);
    if (!user) {
      const message = `The pool has no user ${JSON.stringify(name)}: add it to the users option, or sign it up first.`;
      throw new EmulatorError('EMULATOR_USER_UNKNOWN', message);
    }
    const client = this.clientFor(options.clientId);
    const past = Math.min(options.expiresIn ?? 0, 0) * 1000;
    const issuedAt = this.clock.now() + (past < 0 ? past - client.accessTokenValidity * 1000 : 0);
    const { grant, refreshToken } = this.pool.grants.open(user, client, { authenticatedAt: issuedAt });
    this.dataFile?.changed();
    return { ...(await this.pool.mint.mint(user, grant, client, options)), refreshToken };
  }

  /**
   * Stops listening, ends every connection and writes the data file, if there is one; a second call does nothing.
   *
   * @throws EmulatorError `EMULATOR_DATA_UNWRITABLE`
   */
  async stop(): Promise<void> {
    await this.server.close();
    await this.dataFile?.close();
  }

  private clientFor(clientId = this.options.clientId): AppClient {
    return this.pool.client(clientId) ?? { ...this.pool.settings.client, clientId };
  }
}

function fill(pool: Pool, kept: PoolSnapshot | undefined): void {
  if (kept) return restore(pool, kept);
  seedGroups(pool);
  seedUsers(pool);
}

// Whoever writes JavaScript may have written anything; a number would be taken for an open file.
function requirePath(dataFile: unknown): void {
  if (typeof dataFile === 'string' && dataFile !== '') return;
  const message = 'The emulator cannot start with these options: dataFile: must be the path of a file';
  throw new EmulatorError('EMULATOR_OPTIONS_INVALID', message);
}

// Password verifiers are bound to the name of their pool, refresh tokens to their app client.
function idsOf(kept: PoolSnapshot | undefined, seed: EmulatorSeed): Pick<EmulatorSeed, 'userPoolId' | 'clientId'> {
  if (!kept) return {};
  if (seed.userPoolId !== undefined && seed.userPoolId !== kept.userPoolId) {
    const message = `The data file is of the pool ${kept.userPoolId}, and userPoolId names ${seed.userPoolId}: leave one of them out.`;
    throw new EmulatorError('EMULATOR_DATA_MISMATCH', message);
  }
  return { userPoolId: kept.userPoolId, clientId: seed.clientId ?? kept.clientId };
}

function connectionTo({ settings: { userPoolId, client }, issuer }: Pool, endpoint: string): EmulatorConnection {
  return Object.freeze({
    userPoolId,
    clientId: client.clientId,
    ...(client.clientSecret !== undefined && { clientSecret: client.clientSecret }),
    region: 'local',
    endpoint,
    issuer,
    domain: new URL(endpoint).host,
    credentials: Object.freeze({ accessKeyId: 'local', secretAccessKey: 'local' }),
  });
}

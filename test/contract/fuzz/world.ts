import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request as ask } from 'node:http';
import { text } from 'node:stream/consumers';
import { resolveOptions } from '../../../lib/emulator/emulator.options.js';
import { setPassword } from '../../../lib/emulator/operations/password-check.js';
import { OAuthEndpoints } from '../../../lib/emulator/oauth/oauth-endpoints.js';
import { operationsOf } from '../../../lib/emulator/operations/operations.js';
import { removeUser } from '../../../lib/emulator/operations/remove-user.js';
import { OffsetClock } from '../../../lib/emulator/state/clock.js';
import type { Grant } from '../../../lib/emulator/state/grants.js';
import { Pool } from '../../../lib/emulator/state/pool.js';
import { createSub, createUser, type User } from '../../../lib/emulator/state/users.js';
import type { EmulatorTriggers } from '../../../lib/emulator/triggers.js';
import { ControlEndpoints } from '../../../lib/emulator/wire/control-endpoints.js';
import { EmulatorServer } from '../../../lib/emulator/wire/server.js';
import { UserPoolApi } from '../../../lib/emulator/wire/user-pool-api.js';
import { WellKnown } from '../../../lib/emulator/wire/well-known.js';

export const PASSWORD = 'Passw0rd!';
export const CLIENT = 'fuzzed';
export const POOL = 'local_fuzzed';
export const RIGHT_ANSWER = 'right answer';
export const SECRET = 'a secret of the machine';
export const CALLBACK = 'http://localhost:3000/callback';
export const LOGOUT = 'http://localhost:3000/bye';

const TARGET = 'AWSCognitoIdentityProviderService.';
/** In milliseconds: whatever takes longer hangs. */
const LONGEST_WAIT = 20_000;
const MOST_KEPT = 30;

/** A request as it goes over the wire; what is no text or absent is what a mutation made of it. */
export interface WireRequest {
  readonly target: string | undefined;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

/** A request to a page or an endpoint of the domain. */
export interface PageRequest {
  readonly method: string;
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly form: readonly (readonly [string, string])[] | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** In the place of what the fields would be written as. */
  readonly rawQuery?: string;
  readonly rawBody?: string;
}

/** What a page or an endpoint answers. */
export interface PageReply {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
}

export interface WireReply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Everything that a sign-in gave. */
export interface SignedIn {
  readonly user: User;
  readonly grant: Grant;
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken: string;
}

// Custom sign-in takes one right answer.
const triggers: EmulatorTriggers = {
  defineAuthChallenge: ({ request: { session = [] } }) =>
    session.some(({ challengeResult }) => challengeResult)
      ? { issueTokens: true }
      : { challengeName: 'CUSTOM_CHALLENGE', failAuthentication: session.length > 2 },
  createAuthChallenge: () => ({ privateChallengeParameters: { answer: RIGHT_ANSWER } }),
  verifyAuthChallengeResponse: ({ request }) => ({ answerCorrect: request.challengeAnswer === RIGHT_ANSWER }),
};

/** A pool whose state can be looked at from within, behind the server that everybody meets. */
export class World {
  /** Faults inside the emulator: there must be none. */
  readonly faults: unknown[] = [];
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });
  private users = 30_000_000;

  private constructor(
    readonly pool: Pool,
    private readonly server: EmulatorServer,
    private readonly endpoint: string,
  ) {
    pool.hooks.fault = (error) => this.faults.push(error);
  }

  static async open(): Promise<World> {
    const settings = resolveOptions({
      userPoolId: POOL,
      clientId: CLIENT,
      clients: [
        { clientId: 'other', clientSecret: 'a secret of the other client' },
        { clientId: 'machine', clientSecret: SECRET, allowedOAuthFlows: ['client_credentials'] },
      ],
      callbackUrls: [CALLBACK],
      logoutUrls: [LOGOUT],
      resourceServers: [{ identifier: 'notes', scopes: ['read'] }],
      mfaConfiguration: 'OPTIONAL',
      deviceConfiguration: { challengeRequiredOnNewDevice: true },
      allowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP', 'SMS_OTP', 'WEB_AUTHN'],
      identityProviders: ['Google'],
    });
    const server = new EmulatorServer('127.0.0.1');
    const endpoint = await server.listen(0);
    const pool = new Pool(settings, `${endpoint}/${POOL}`, new OffsetClock(), {}, triggers);
    server.open({
      api: new UserPoolApi(operationsOf(pool), pool.hooks),
      wellKnown: new WellKnown(pool.issuer, endpoint, pool.keys),
      control: new ControlEndpoints(pool.inbox, pool.clock),
      oauth: new OAuthEndpoints(pool),
    });
    return new World(pool, server, endpoint);
  }

  async close(): Promise<void> {
    this.agent.destroy();
    await this.server.close();
  }

  async send({ target, body }: WireRequest): Promise<WireReply> {
    const headers = target === undefined ? {} : { 'x-amz-target': target };
    const outgoing = ask(this.endpoint, {
      method: 'POST',
      headers,
      agent: this.agent,
      signal: AbortSignal.timeout(LONGEST_WAIT),
    });
    outgoing.end(body);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return { status: response.statusCode ?? 0, body: JSON.parse(await text(response)) as Record<string, unknown> };
  }

  /** Sends a request to the domain. */
  async visit({ method, path, query, form, headers, rawQuery, rawBody }: PageRequest): Promise<PageReply> {
    const search = rawQuery ?? textOf(query);
    const outgoing = ask(`${this.endpoint}${path}${search === '' ? '' : `?${search}`}`, {
      method,
      headers,
      agent: this.agent,
      signal: AbortSignal.timeout(LONGEST_WAIT),
    });
    outgoing.end(rawBody ?? (form === undefined ? undefined : textOf(form)));
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return { status: response.statusCode ?? 0, location: response.headers.location, body: await text(response) };
  }

  /** Lets go of all but the newest, so that a look at the state stays cheap. */
  forgetTheOldest(): void {
    const { users, groups } = this.pool;
    for (const user of [...users.all()].slice(0, -MOST_KEPT)) removeUser(this.pool, user);
    const byAge = groups.all().toSorted((one, other) => one.createdAt - other.createdAt);
    for (const { name } of byAge.slice(0, -MOST_KEPT)) groups.remove(name);
  }

  /** A call that has to succeed: the way to a valid request. */
  async call(operation: string, body: object): Promise<Readonly<Record<string, unknown>>> {
    const reply = await this.send({ target: targetOf(operation), body: JSON.stringify(body) });
    if (reply.status !== 200) throw new Error(`${operation} was refused: ${JSON.stringify(reply.body)}`);
    return reply.body;
  }

  newUser(changes: Partial<User> = {}): User {
    const name = `user-${randomUUID()}`;
    const attributes = {
      email: `${name}@example.com`,
      email_verified: 'true',
      phone_number: `+49${(this.users += 1)}`,
      phone_number_verified: 'true',
    };
    const account = { username: name, sub: createSub(), attributes, status: 'CONFIRMED' as const };
    const user = Object.assign(createUser(account, this.pool.clock.now()), changes);
    setPassword(this.pool, user, PASSWORD);
    this.pool.users.add(user);
    return user;
  }

  async signIn(user = this.newUser()): Promise<SignedIn> {
    const client = this.pool.settings.client;
    const { grant, refreshToken } = this.pool.grants.open(user, client);
    const { accessToken, idToken } = await this.pool.mint.mint(user, grant, client);
    return { user, grant, accessToken, idToken, refreshToken };
  }

  newGroup(): string {
    const name = `group-${randomUUID()}`;
    const now = this.pool.clock.now();
    this.pool.groups.add({ name, createdAt: now, modifiedAt: now });
    return name;
  }

  /** The newest code that went to a user. */
  codeOf({ username }: User): string {
    return this.pool.inbox.last(username)?.code ?? '';
  }
}

function textOf(fields: PageRequest['query']): string {
  return new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString();
}

export function targetOf(operation: string): string {
  return `${TARGET}${operation}`;
}

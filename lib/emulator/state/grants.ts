import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { AppClient } from './app-clients.js';
import type { EmulatorClock } from './clock.js';
import { ExpiringMap } from './expiring-map.js';
import type { User } from './users.js';

/** One sign-in: what its access, id and refresh tokens have in common. */
export interface Grant {
  readonly originJti: string;
  /** The same as `originJti` where tokens do not carry that: they name their sign-in all the same. */
  readonly eventId: string;
  /** Whether its tokens carry `origin_jti` and `jti`, and the refresh token can be revoked by itself. */
  readonly revocable: boolean;
  readonly username: string;
  readonly clientId: string;
  /** Seconds since the epoch. */
  readonly authTime: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** The sign-in or its last refresh, in milliseconds since the epoch. */
  lastActiveAt: number;
  revoked: boolean;
  /** The device that signed in: its refresh tokens are good together with this key only. */
  readonly deviceKey?: string | undefined;
  /** What was granted at the pages, which also shapes the claims; `undefined` for a sign-in through the API. */
  readonly scopes?: readonly string[] | undefined;
}

/** A refresh token: the first of a sign-in, or one that came after it by rotation. */
interface RefreshToken {
  readonly grant: Grant;
  /** Once it is rotated away: how long it serves still, in milliseconds since the epoch. */
  servesUntil?: number | undefined;
}

/** A sign-in and its refresh tokens as they outlive the process. */
export interface KeptGrant {
  readonly grant: Grant;
  readonly refreshTokens: ReadonlyArray<{
    /** SHA-256 of the refresh token, base64. */
    readonly hash: string;
    readonly servesUntil?: number | undefined;
  }>;
  /** When its last access token ends, in milliseconds since the epoch. */
  readonly endsAt: number;
}

/** How a sign-in came about. */
interface Circumstances {
  /** Milliseconds since the epoch, default now. */
  readonly authenticatedAt?: number | undefined;
  readonly deviceKey?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
}

const REFRESH_TOKEN_HEADER = base64url(Buffer.from('{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}', 'utf8'));
// Encrypted key, initialisation vector, cipher text and tag: the lengths that a real token has.
const REFRESH_TOKEN_PARTS = [256, 12, 1000, 16];

/** The sign-ins of the pool; refresh tokens are kept as hashes only. */
export class Grants {
  private readonly byHash: ExpiringMap<RefreshToken>;
  private readonly byOrigin: ExpiringMap<Grant>;

  constructor(private readonly clock: EmulatorClock) {
    this.byHash = new ExpiringMap(clock);
    this.byOrigin = new ExpiringMap(clock);
  }

  /** How many sign-ins are kept, ended or not. */
  get size(): number {
    return Math.max(this.byHash.size, this.byOrigin.size);
  }

  /** Begins a sign-in. */
  open(
    user: User,
    client: AppClient,
    { authenticatedAt = this.clock.now(), deviceKey, scopes }: Circumstances = {},
  ): { grant: Grant; refreshToken: string } {
    const originJti = randomUUID();
    const revocable = client.enableTokenRevocation || client.rotationGrace !== undefined;
    const grant: Grant = {
      originJti,
      eventId: revocable ? randomUUID() : originJti,
      revocable,
      username: user.username,
      clientId: client.clientId,
      authTime: Math.floor(authenticatedAt / 1000),
      expiresAt: this.clock.now() + client.refreshTokenValidity * 1000,
      lastActiveAt: authenticatedAt,
      revoked: false,
      deviceKey,
      scopes,
    };
    // The last moment of the refresh token may have brought one more access token.
    this.byOrigin.set(grant.originJti, grant, grant.expiresAt + client.accessTokenValidity * 1000);
    return { grant, refreshToken: this.issueRefreshToken(grant) };
  }

  byRefreshToken(refreshToken: string): Grant | undefined {
    return this.byHash.get(hashOf(refreshToken))?.grant;
  }

  /** Whether a refresh token was rotated away and may not be used once more. */
  isSpent(refreshToken: string): boolean {
    const { servesUntil = Infinity } = this.byHash.get(hashOf(refreshToken)) ?? {};
    return servesUntil <= this.clock.now();
  }

  /**
   * A new refresh token of the same sign-in, which ends when the first one would have ended.
   *
   * @param grace seconds for which the old one still serves, counted from its first use
   */
  rotate(refreshToken: string, grace: number): string {
    const used = this.byHash.get(hashOf(refreshToken));
    if (!used) throw new TypeError('Only a known refresh token is rotated.');
    used.servesUntil ??= this.clock.now() + grace * 1000;
    return this.issueRefreshToken(used.grant);
  }

  byOriginJti(originJti: string): Grant | undefined {
    return this.byOrigin.get(originJti);
  }

  /** The user's sign-ins whose time is not over, revoked ones too. */
  of(user: User): Grant[] {
    const now = this.clock.now();
    return [...this.byOrigin.values()].filter(
      ({ username, expiresAt }) => username === user.username && expiresAt > now,
    );
  }

  /** What outlives the process: of the refresh tokens, their hashes. */
  kept(): KeptGrant[] {
    const tokens = new Map<Grant, KeptGrant['refreshTokens'][number][]>();
    for (const { key, value } of this.byHash.all()) {
      const { grant, servesUntil } = value;
      tokens.set(grant, [...(tokens.get(grant) ?? []), { hash: key, servesUntil }]);
    }
    return [...tokens].map(([grant, refreshTokens]) => ({
      grant,
      refreshTokens,
      endsAt: this.byOrigin.endOf(grant.originJti) ?? grant.expiresAt,
    }));
  }

  restore(kept: readonly KeptGrant[]): void {
    for (const { grant, refreshTokens, endsAt } of kept) {
      for (const { hash, servesUntil } of refreshTokens) {
        this.byHash.set(hash, { grant, servesUntil }, grant.expiresAt);
      }
      this.byOrigin.set(grant.originJti, grant, endsAt);
    }
  }

  revokeAllOf(user: User): void {
    for (const grant of this.byOrigin.values()) if (grant.username === user.username) grant.revoked = true;
  }

  private issueRefreshToken(grant: Grant): string {
    const refreshToken = createRefreshToken();
    this.byHash.set(hashOf(refreshToken), { grant }, grant.expiresAt);
    return refreshToken;
  }
}

function createRefreshToken(): string {
  return [REFRESH_TOKEN_HEADER, ...REFRESH_TOKEN_PARTS.map((length) => base64url(randomBytes(length)))].join('.');
}

function hashOf(refreshToken: string): string {
  return createHash('sha256').update(refreshToken).digest('base64');
}

function base64url(bytes: Buffer): string {
  return bytes.toString('base64url');
}

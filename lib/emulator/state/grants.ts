import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { AppClient } from './app-clients.js';
import type { EmulatorClock } from './clock.js';
import { ExpiringMap } from './expiring-map.js';
import type { User } from './users.js';

/** One sign-in: what its access, id and refresh tokens have in common. */
export interface Grant {
  readonly originJti: string;
  readonly eventId: string;
  readonly username: string;
  readonly clientId: string;
  /** Seconds since the epoch. */
  readonly authTime: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** The sign-in or its last refresh, in milliseconds since the epoch. */
  lastActiveAt: number;
  revoked: boolean;
}

/** A sign-in and its refresh token as they outlive the process. */
export interface KeptGrant {
  readonly grant: Grant;
  /** SHA-256 of the refresh token, base64. */
  readonly refreshTokenHash: string;
  /** When its last access token ends, in milliseconds since the epoch. */
  readonly endsAt: number;
}

const REFRESH_TOKEN_HEADER = base64url(Buffer.from('{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}', 'utf8'));
// Encrypted key, initialisation vector, cipher text and tag: the lengths that a real token has.
const REFRESH_TOKEN_PARTS = [256, 12, 1000, 16];

/** The sign-ins of the pool; refresh tokens are kept as hashes only. */
export class Grants {
  private readonly byHash: ExpiringMap<Grant>;
  private readonly byOrigin: ExpiringMap<Grant>;

  constructor(private readonly clock: EmulatorClock) {
    this.byHash = new ExpiringMap(clock);
    this.byOrigin = new ExpiringMap(clock);
  }

  /** How many sign-ins are kept, ended or not. */
  get size(): number {
    return Math.max(this.byHash.size, this.byOrigin.size);
  }

  /** @param authenticatedAt milliseconds since the epoch, default now */
  open(user: User, client: AppClient, authenticatedAt = this.clock.now()): { grant: Grant; refreshToken: string } {
    const refreshToken = createRefreshToken();
    const grant: Grant = {
      originJti: randomUUID(),
      eventId: randomUUID(),
      username: user.username,
      clientId: client.clientId,
      authTime: Math.floor(authenticatedAt / 1000),
      expiresAt: this.clock.now() + client.refreshTokenValidity * 1000,
      lastActiveAt: authenticatedAt,
      revoked: false,
    };
    this.byHash.set(hashOf(refreshToken), grant, grant.expiresAt);
    // The last moment of the refresh token may have brought one more access token.
    this.byOrigin.set(grant.originJti, grant, grant.expiresAt + client.accessTokenValidity * 1000);
    return { grant, refreshToken };
  }

  byRefreshToken(refreshToken: string): Grant | undefined {
    return this.byHash.get(hashOf(refreshToken));
  }

  byOriginJti(originJti: string): Grant | undefined {
    return this.byOrigin.get(originJti);
  }

  /** The user's sign-ins that are neither revoked nor over. */
  of(user: User): Grant[] {
    const now = this.clock.now();
    return [...this.byOrigin.values()].filter(
      ({ username, revoked, expiresAt }) => username === user.username && !revoked && expiresAt > now,
    );
  }

  /** What outlives the process: of the refresh tokens, their hashes. */
  kept(): KeptGrant[] {
    return [...this.byHash.all()].map(({ key, value: grant }) => ({
      grant,
      refreshTokenHash: key,
      endsAt: this.byOrigin.endOf(grant.originJti) ?? grant.expiresAt,
    }));
  }

  restore(kept: readonly KeptGrant[]): void {
    for (const { grant, refreshTokenHash, endsAt } of kept) {
      this.byHash.set(refreshTokenHash, grant, grant.expiresAt);
      this.byOrigin.set(grant.originJti, grant, endsAt);
    }
  }

  revokeAllOf(user: User): void {
    for (const grant of this.byOrigin.values()) if (grant.username === user.username) grant.revoked = true;
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

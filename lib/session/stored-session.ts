import { z } from 'zod';

/** What is kept of a session, wherever it is kept; always sealed. Times are epoch seconds. */
export interface StoredSession {
  /** Random, new at each sign-in. */
  readonly id: string;
  /** `default`, or a key under `pools`. */
  readonly pool: string;
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken: string;
  readonly deviceKey?: string | undefined;
  readonly startedAt: number;
  /** When the browser was last seen, to within a tenth of the idle time. */
  readonly seenAt: number;
}

/** What has been opened is ours, and may be of another version of this package. */
export const storedSessionSchema = z.object({
  id: z.string(),
  pool: z.string(),
  accessToken: z.string(),
  idToken: z.string(),
  refreshToken: z.string(),
  deviceKey: z.string().optional(),
  startedAt: z.number(),
  seenAt: z.number(),
});

/** What a renewal brings. */
export type RenewedTokens = Pick<StoredSession, 'accessToken' | 'idToken' | 'refreshToken'>;

export const renewedTokensSchema = storedSessionSchema.pick({ accessToken: true, idToken: true, refreshToken: true });

/** Epoch seconds. */
export function now(): number {
  return Math.floor(Date.now() / 1000);
}

/** How long sessions last, in seconds. */
export interface SessionLife {
  readonly lifetime: number;
  readonly idleTimeout: number;
}

/** Seconds until a session ends if its browser is not seen again; 0 or less when it has. */
export function remainingLife({ startedAt, seenAt }: StoredSession, { lifetime, idleTimeout }: SessionLife): number {
  return Math.min(startedAt + lifetime, seenAt + idleTimeout) - now();
}

import type { UserContext } from './user-context.js';

/** What may accompany any call about an account that nobody is signed in to. */
export interface AccountDetails {
  /** Handed to the pool's Lambda triggers. */
  readonly clientMetadata?: Readonly<Record<string, string>> | undefined;
  /** Where the user comes from, for threat protection. */
  readonly userContext?: UserContext | undefined;
}

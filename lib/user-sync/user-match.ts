/** How a pool user and a local row are told to be the same. */
export type UserMatchOptions = (
  | {
      /** `sub` (default), or Cognito's own `username` (`cognito:username` means the same): nobody but Cognito writes them. */
      claim?: 'sub' | 'username' | 'cognito:username' | undefined;
      unsafeMatch?: false | undefined;
    }
  | {
      /** A claim that users may be able to write: whoever writes another's value into it is them. */
      claim: string;
      unsafeMatch: true;
    }
) & {
  /** The property that holds the claim; unique in the database. Default: the name of the claim. */
  property?: string | undefined;
  /**
   * The property that holds the pool's name, unique together with `property`. Required with more than one pool; default: none.
   */
  poolProperty?: string | undefined;
};

/** {@link UserMatchOptions} as the room reads them. */
export interface ResolvedUserMatch {
  /** `sub`, `username`, or with `unsafeMatch` another claim. */
  readonly claim: string;
  readonly property: string;
  readonly poolProperty: string | undefined;
}

/** Fills in the defaults. */
export function resolveMatch({
  claim: written = 'sub',
  property,
  poolProperty,
}: UserMatchOptions = {}): ResolvedUserMatch {
  const claim = canonicalClaim(written);
  return Object.freeze({ claim, property: property ?? claim, poolProperty });
}

/** Whether nobody but Cognito can write a claim, and nobody can ever change it. */
export function isImmutableClaim(claim: string): boolean {
  return ['sub', 'username', 'cognito:username'].includes(claim);
}

/** Access tokens and id tokens write the same name differently. */
export function canonicalClaim(claim: string): string {
  return claim === 'cognito:username' ? 'username' : claim;
}

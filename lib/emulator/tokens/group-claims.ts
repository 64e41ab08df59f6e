import type { Group, Groups } from '../state/groups.js';

/** What tokens say about groups; the id token has all of it, the access token the names alone. */
export interface GroupClaims {
  /** `cognito:groups`, those that come first by precedence first. */
  readonly names: readonly string[];
  /** `cognito:roles`, in the same order. */
  readonly roles: readonly string[];
  /** `cognito:preferred_role`; two groups that come first with different roles leave it open. */
  readonly preferredRole: string | undefined;
}

/** @param names of the groups; one that the pool does not know comes last and has no role */
export function groupClaimsOf(groups: Groups, names: readonly string[]): GroupClaims {
  const ranked = names.map((name) => ({ name, group: groups.find(name) })).toSorted((a, b) => rank(a) - rank(b));
  const withRole = ranked.flatMap(({ group }) =>
    group?.roleArn === undefined ? [] : [{ group, role: group.roleArn }],
  );
  const first = withRole.filter((entry) => rank(entry) === rank(withRole[0] ?? {}));
  const [preferred, ...others] = new Set(first.map(({ role }) => role));
  return {
    names: ranked.map(({ name }) => name),
    roles: [...new Set(withRole.map(({ role }) => role))],
    preferredRole: others.length === 0 ? preferred : undefined,
  };
}

// Larger than any precedence that a group may have, so that those without come last; Infinity would not subtract.
const LAST = Number.MAX_SAFE_INTEGER;

function rank({ group }: { readonly group?: Group | undefined }): number {
  return group?.precedence ?? LAST;
}

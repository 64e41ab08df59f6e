/** Claims of one token that are written over, and names of those that are left out. */
export interface ClaimsChange {
  readonly written: Readonly<Record<string, unknown>>;
  readonly removed: readonly string[];
}

/** What a pre-token-generation trigger changes in the tokens of a sign-in. */
export interface TokenChange {
  readonly id: ClaimsChange;
  readonly access: ClaimsChange;
  readonly scopesToAdd: readonly string[];
  readonly scopesToSuppress: readonly string[];
  /** In place of the user's own; `undefined` leaves them. */
  readonly groups?: readonly string[] | undefined;
  /** In place of the roles of the groups. */
  readonly roles?: readonly string[] | undefined;
  readonly preferredRole?: string | undefined;
}

/** What says who the token is for, by whom and for how long: no trigger changes it. */
const RESERVED = new Set([
  'acr',
  'amr',
  'at_hash',
  'aud',
  'auth_time',
  'azp',
  'c_hash',
  'client_id',
  'cognito:username',
  'device_key',
  'event_id',
  'exp',
  'iat',
  'identities',
  'iss',
  'jti',
  'nbf',
  'nonce',
  'origin_jti',
  's_hash',
  'scope',
  'sub',
  'token_use',
  'username',
  'version',
]);

/** Writes a change into claims; what is reserved stays as it is, in silence, as with the service. */
export function withChange(
  claims: Readonly<Record<string, unknown>>,
  { written, removed }: ClaimsChange,
): Record<string, unknown> {
  const kept = Object.entries(claims).filter(([name]) => isReserved(name) || !removed.includes(name));
  const added = Object.entries(written).filter(([name]) => !isReserved(name) && !removed.includes(name));
  return Object.fromEntries([...kept, ...added]);
}

/** The scopes of an access token after a change, one beside the other. */
export function withScopes(scope: string, { scopesToAdd, scopesToSuppress }: TokenChange): string {
  const scopes = new Set([...scope.split(' '), ...scopesToAdd]);
  for (const suppressed of scopesToSuppress) scopes.delete(suppressed);
  return [...scopes].join(' ');
}

function isReserved(name: string): boolean {
  return RESERVED.has(name) || name.startsWith('dev:');
}

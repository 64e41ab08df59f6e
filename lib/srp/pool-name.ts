/** The part of a pool id that enters the mathematics: what follows its first underscore. */
export function poolNameOf(userPoolId: string): string {
  return userPoolId.slice(userPoolId.indexOf('_') + 1);
}

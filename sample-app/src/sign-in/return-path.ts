/** Where a visitor wanted to go before they had to sign in. Only pages of this application are known; all else is its start. */
export function returnPath(wanted: string | undefined): string {
  return wanted !== undefined && /^\/(notes|profile|admin)(\/[\w-]+)*$/.test(wanted) ? wanted : '/notes';
}

/** How much longer than a token the text may be that it was cut out of: room for the name of a scheme. */
const MOST_AROUND = 64;

/**
 * A token that was cut out of a text, as a text of its own: a part keeps the whole in memory, here for as long as the token is
 * remembered. One that is nearly the whole is left as it is.
 */
export function ownText(cut: string, whole: string): string {
  return whole.length - cut.length <= MOST_AROUND ? cut : Buffer.from(cut).toString();
}

/** Whether a text is a token in the sense of RFC 9110 section 5.6.2: what a scheme, a header and a cookie may be called. */
export function isToken(text: unknown): text is string {
  return typeof text === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(text);
}

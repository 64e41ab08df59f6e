import type { CognitoRequest } from './cognito-request.js';

/** A header as it was sent: once, not at all, or so often that nobody can say which one is meant. */
export type SentHeader = { readonly value: string } | 'absent' | 'ambiguous';

/**
 * Reads one header. Node keeps the first `Authorization` of several and drops the others; a proxy in front may have judged by
 * the last. So the headers as they came over the wire are counted.
 *
 * @param name in lower case
 */
export function sentHeader(request: CognitoRequest, name: string): SentHeader {
  const value = request.headers[name];
  if (value === undefined) return 'absent';
  const isRepeated = timesSent(request, name) > 1 || (Array.isArray(value) && value.length !== 1);
  return isRepeated ? 'ambiguous' : { value: String(value) };
}

/** Names stand at even places, values at odd ones: on the request itself, or on Node's own below Fastify's. */
function timesSent(request: CognitoRequest, name: string): number {
  const lines = request.rawHeaders ?? request.raw?.rawHeaders ?? [];
  let times = 0;
  for (let index = 0; index < lines.length; index += 2) {
    const line = lines[index];
    if (line?.length === name.length && line.toLowerCase() === name) times += 1;
  }
  return times;
}

/** Headers by their names in lower case; one that was sent more than once keeps every value, so that it is seen to be ambiguous. */
export function collected(sent: readonly (readonly [name: string, value: string])[]): CognitoRequest['headers'] {
  const values = new Map<string, readonly string[]>();
  for (const [name, value] of sent) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries([...values].map(([name, all]) => [name, all.length === 1 ? all[0] : [...all]]));
}

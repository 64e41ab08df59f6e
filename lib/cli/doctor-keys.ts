import type { ResolvedPool } from '../options/resolved-pool.js';
import type { Finding } from './doctor-finding.js';

/** Milliseconds until an answer is given up. */
const TIMEOUT = 5_000;
/** Seconds: the Date header is that coarse, and tokens bear a little. */
const UNREMARKABLE_SKEW = 5;
/** Seconds: AWS refuses signatures and password proofs that are older. */
const LARGEST_SKEW = 300;

/** Whether the public keys of the pool can be had from here, and what time it is there. */
export async function checkKeys({ issuers }: ResolvedPool): Promise<Finding[]> {
  const [source] = issuers.flatMap(({ keys }) => (keys.from === 'uri' ? [keys.uri] : []));
  if (source === undefined) return [{ verdict: 'ok', about: 'keys', told: 'written in the options' }];
  try {
    const answer = await fetch(source, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT) });
    return [keysIn(source, answer.status, await answer.text()), clockBy(answer.headers.get('date'))];
  } catch (thrown) {
    const label = thrown instanceof Error ? thrown.name : 'no error';
    const mend = 'check the network, userPoolId and region: without keys every request is 503';
    return [{ verdict: 'fail', about: 'keys', told: `${source} does not answer (${label})`, mend }];
  }
}

function keysIn(source: string, status: number, body: string): Finding {
  const keys = status === 200 ? keysOf(body) : [];
  if (keys.length > 0) return { verdict: 'ok', about: 'keys', told: `${keys.length} at ${source}` };
  const mend = 'check userPoolId and region';
  return { verdict: 'fail', about: 'keys', told: `${source} answers ${status} and no keys`, mend };
}

function keysOf(body: string): readonly unknown[] {
  try {
    const { keys } = JSON.parse(body) as { readonly keys?: unknown };
    return Array.isArray(keys) ? keys : [];
  } catch {
    return [];
  }
}

function clockBy(date: string | null): Finding {
  const skew = Math.round((Date.now() - Date.parse(date ?? '')) / 1000);
  if (Number.isNaN(skew)) return { verdict: 'warn', about: 'clock', told: 'the server does not say what time it is' };
  if (Math.abs(skew) <= UNREMARKABLE_SKEW) return { verdict: 'ok', about: 'clock', told: 'right' };
  const told = `${Math.abs(skew)} s ${skew > 0 ? 'fast' : 'slow'}`;
  const verdict = Math.abs(skew) < LARGEST_SKEW ? 'warn' : 'fail';
  return { verdict, about: 'clock', told, mend: 'set it by NTP: tokens, signatures and password proofs have times' };
}

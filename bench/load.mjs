import autocannon from 'autocannon';

/** The slowest percentage of requests begins here. @typedef {{ perSecond: number, p99: number }} Load */

/**
 * As many requests as a server answers.
 *
 * @param {string} url
 * @param {{ seconds: number, connections?: number, token: string | (() => string) }} settings a function is asked for each request
 * @returns {Promise<Load>} `p99` in milliseconds
 */
export async function load(url, { seconds, connections = 20, token }) {
  const authorized = (request) => ({ ...request, headers: { ...request.headers, authorization: `Bearer ${token()}` } });
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    sampleInt: 100,
    ...(typeof token === 'string'
      ? { headers: { authorization: `Bearer ${token}` } }
      : { requests: [{ setupRequest: authorized }] }),
  });
  const refused = result.non2xx + result.errors + result.timeouts;
  if (refused > 0) throw new Error(`${url}: ${refused} requests of ${result.requests.total} were not answered well.`);
  return { perSecond: result['2xx'] / result.duration, p99: result.latency.p99 };
}

/** What became of a request that was not answered properly. */
export type TransportFault =
  /** It did not leave, or reached nobody: refused, no such host, no trust in the certificate. */
  | 'not-sent'
  /** It left, and no answer of Cognito came back: whether it was carried out is not known. */
  | 'answer-lost'
  /** Something before Cognito limits the rate; the request was not passed on. */
  | 'throttled';

const neverConnected =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|UND_ERR_CONNECT_TIMEOUT)$/;
const tlsRefused = /^(CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|HOSTNAME_MISMATCH|ERR_TLS_CERT|ERR_SSL_)/;
const connectionLost = /^(ECONN|ETIMEDOUT|EPIPE|UND_ERR|ERR_STREAM|ERR_HTTP2)/;

/** The network's own code of a failure, such as `ECONNRESET`. */
export function networkCodeOf(thrown: unknown): string | undefined {
  const code = memberOf(thrown, 'code');
  const isKnown =
    typeof code === 'string' && [neverConnected, tlsRefused, connectionLost].some((codes) => codes.test(code));
  return isKnown ? code : undefined;
}

/** How far a request came; undefined for what is no fault of the way. */
export function transportFaultOf(thrown: unknown): TransportFault | undefined {
  if (neverLeft(thrown)) return 'not-sent';
  if (networkCodeOf(thrown) !== undefined || isTimeout(thrown) || isUnreadable(thrown)) return 'answer-lost';
  const status = memberOf(memberOf(thrown, '$metadata'), 'httpStatusCode');
  if (typeof status !== 'number') return undefined;
  if (status === 429) return 'throttled';
  return status >= 500 ? 'answer-lost' : undefined;
}

function neverLeft(thrown: unknown): boolean {
  const code = networkCodeOf(thrown);
  if (code !== undefined && (neverConnected.test(code) || tlsRefused.test(code))) return true;
  return memberOf(thrown, 'syscall') === 'connect' || isConnectTimeout(thrown);
}

function isTimeout(thrown: unknown): boolean {
  const name = memberOf(thrown, 'name');
  return name === 'TimeoutError' || name === 'AbortError';
}

// The SDK says it in words only.
function isConnectTimeout(thrown: unknown): boolean {
  return isTimeout(thrown) && /establish a connection/.test(String(memberOf(thrown, 'message')));
}

/** The SDK could not read the answer at all. */
function isUnreadable(thrown: unknown): boolean {
  return memberOf(thrown, 'name') === 'SyntaxError' && memberOf(thrown, '$response') !== undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

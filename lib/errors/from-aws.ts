import { codeOfAwsException } from './aws-exceptions.js';
import type { CognitoErrorCode } from './catalogue.js';
import { CognitoError } from './cognito.error.js';
import { mends } from './mends.js';
import { networkCodeOf, transportFaultOf } from './transport-fault.js';

/**
 * What is kept of an AWS error: enough to find it in AWS's own logs. Its message is dropped, because AWS messages repeat
 * what the user typed.
 */
export interface AwsFault {
  readonly operation: string;
  /** The exception's name, or the network's code where nobody answered. */
  readonly exception: string;
  readonly requestId: string | undefined;
}

/**
 * Turns whatever the AWS SDK threw into a {@link CognitoError}. Statuses decide only where no exception of Cognito came back,
 * since Cognito answers 400 for nearly everything.
 *
 * @param thrown the caught value; a CognitoError passes unchanged
 * @param operation the AWS operation, such as `InitiateAuth`
 * @param sentOnce whether it must not be carried out twice: a lost answer is then `COGNITO_OUTCOME_UNKNOWN`. Default false.
 */
export function fromAwsError(thrown: unknown, operation: string, sentOnce = false): CognitoError {
  if (thrown instanceof CognitoError) return thrown;
  const fault = faultOf(thrown, operation);
  const code =
    codeOfAwsException(fault.exception, messageOf(thrown), operation) ??
    codeOfTransport(thrown, sentOnce) ??
    'COGNITO_UNEXPECTED';
  const mend = mends[code];
  return new CognitoError(code, {
    detail: `${operation} failed: ${fault.exception}${mend === undefined ? '' : ` (${mend})`}.`,
    cause: fault,
    ...(code === 'COGNITO_THROTTLED' ? { retryAfter: 1 } : {}),
  });
}

/** No answer, or none that came from Cognito: the network, a proxy, TLS, a time-out. */
function codeOfTransport(thrown: unknown, sentOnce: boolean): CognitoErrorCode | undefined {
  switch (transportFaultOf(thrown)) {
    case 'not-sent':
      return 'COGNITO_UNAVAILABLE';
    case 'answer-lost':
      return sentOnce ? 'COGNITO_OUTCOME_UNKNOWN' : 'COGNITO_UNAVAILABLE';
    case 'throttled':
      return 'COGNITO_THROTTLED';
    case undefined:
      return undefined;
  }
}

function faultOf(thrown: unknown, operation: string): AwsFault {
  const metadata = isRecord(thrown) ? thrown['$metadata'] : undefined;
  const requestId = isRecord(metadata) ? metadata['requestId'] : undefined;
  const name = networkCodeOf(thrown) ?? (isRecord(thrown) ? thrown['name'] : undefined);
  return {
    operation,
    exception: typeof name === 'string' && /^\w{1,100}$/.test(name) ? name : 'unknown error',
    requestId: typeof requestId === 'string' ? requestId : undefined,
  };
}

function messageOf(thrown: unknown): string {
  const message = isRecord(thrown) ? thrown['message'] : undefined;
  return typeof message === 'string' ? message : '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

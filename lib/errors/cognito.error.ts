import { type CognitoErrorCode, type CognitoErrorKind, errorCatalogue } from './catalogue.js';

/** What may accompany a {@link CognitoError}. */
export interface CognitoErrorContext {
  /**
   * What happened and what to do, for the developer and the log. Never holds a token, password, code, secret or session.
   * Default: the sentence of the catalogue.
   */
  readonly detail?: string | undefined;
  /** The error underneath, free of values that came from a user. */
  readonly cause?: unknown;
  /** Seconds after which another attempt makes sense; for 429 and 503. */
  readonly retryAfter?: number | undefined;
}

/**
 * The one error of this package's services. Switch on {@link CognitoError.code}; `docs/errors.md` lists every code.
 *
 * In a Nest application {@link CognitoExceptionFilter} turns it into the right HTTP answer.
 */
export class CognitoError<Code extends CognitoErrorCode = CognitoErrorCode> extends Error {
  override readonly name = 'CognitoError';
  /** The stable code, such as `COGNITO_CODE_MISMATCH`. */
  readonly code: Code;
  /** What sort of failure it is, for code that does not care for particulars: `authentication`, `conflict`, … */
  readonly kind: CognitoErrorKind;
  /** The HTTP status that answers this error. */
  readonly status: number;
  /** What the caller of the application may read. */
  readonly publicMessage: string;
  /** Seconds after which another attempt makes sense. */
  readonly retryAfter: number | undefined;

  constructor(code: Code, context: CognitoErrorContext = {}) {
    const { kind, message, status } = errorCatalogue[code];
    super(context.detail ?? message, context.cause === undefined ? undefined : { cause: context.cause });
    this.code = code;
    this.kind = kind;
    this.status = status;
    this.publicMessage = message;
    this.retryAfter = context.retryAfter;
  }
}

/** Tells whether a thrown value is a {@link CognitoError}, of one of the given codes if any are given. */
export function isCognitoError<Code extends CognitoErrorCode = CognitoErrorCode>(
  value: unknown,
  ...codes: Code[]
): value is CognitoError<Code> {
  return value instanceof CognitoError && (codes.length === 0 || codes.includes(value.code));
}

import { CognitoError } from '../errors/cognito.error.js';

/** What is kept of a driver's error: its message and parameters repeat what users typed. */
export interface DatabaseFault {
  readonly error: string;
  readonly code: string;
}

/** Tells whether a statement failed because a row with such a value is there already. */
export function isUniqueViolation(thrown: unknown): boolean {
  if (nameOf(thrown) !== 'QueryFailedError') return false;
  const fault = driverErrorOf(thrown);
  const codes = ['23505', 'ER_DUP_ENTRY', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY'];
  // sql.js knows no codes.
  return codes.includes(codeOf(fault)) || messageOf(fault).startsWith('UNIQUE constraint failed');
}

/**
 * Turns what the database threw into a {@link CognitoError} without values; errors of the application's own (of a
 * subscriber, for instance) come back as they are.
 *
 * @param isClosed true when the application has closed its DataSource: each driver says that in words of its own
 */
export function fromDatabaseError(thrown: unknown, isClosed: boolean): unknown {
  if (thrown instanceof CognitoError) return thrown;
  const driverError = driverErrorOf(thrown);
  const fault: DatabaseFault = { error: nameOf(thrown), code: codeOf(driverError) };
  const label = fault.code === '' ? fault.error : fault.code;
  if (isClosed || isOutOfReach(driverError)) {
    const detail = `The database cannot be reached (${label}).`;
    return new CognitoError('COGNITO_DATABASE_UNAVAILABLE', { detail, cause: fault, retryAfter: 1 });
  }
  if (isUniqueViolation(thrown)) {
    const detail = 'The row of the user would repeat a value that is unique and belongs to another row.';
    return new CognitoError('COGNITO_USER_CONFLICT', { detail, cause: fault });
  }
  if (fault.error !== 'QueryFailedError') return thrown;
  const where = [label, ...identifiersOf(driverError)].join(', ');
  const detail = `The database refused a statement of user sync (${where}): is the schema migrated, and has every required column that user sync does not write a default?`;
  return new CognitoError('COGNITO_UNEXPECTED', { detail, cause: fault });
}

/** Which table or column it is about, where the driver says so in names alone; its sentences hold values. */
function identifiersOf(driverError: unknown): string[] {
  const { table, column } = isRecord(driverError) ? driverError : {};
  const named = [table, column].filter((name) => typeof name === 'string' && /^\w{1,63}$/.test(name)).join('.');
  const told = /^(?:NOT NULL constraint failed|no such table|table \w+ has no column named): ?([\w.]{1,127})$/;
  return [named, told.exec(messageOf(driverError))?.[1] ?? ''].filter((name) => name !== '');
}

/** Codes of the network, and what a driver or server says that cannot serve now but may later (deadlocks included). */
const outOfReachCodes = new Set(
  [
    'ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH',
    // PostgreSQL: shutting down, crashed, starting, too many connections, deadlock, serialisation.
    '57P01 57P02 57P03 53300 40P01 40001',
    'PROTOCOL_CONNECTION_LOST PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR PROTOCOL_ENQUEUE_AFTER_QUIT POOL_CLOSED',
    'ER_CON_COUNT_ERROR ER_SERVER_SHUTDOWN ER_LOCK_DEADLOCK ER_LOCK_WAIT_TIMEOUT',
    'SQLITE_BUSY SQLITE_LOCKED SQLITE_CANTOPEN SQLITE_IOERR',
  ].flatMap((codes) => codes.split(' ')),
);

/** What pg says without a code. */
const outOfReachMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end)/;

function isOutOfReach(driverError: unknown): boolean {
  const code = codeOf(driverError);
  // Class 08 is the SQL standard's for connections.
  if (outOfReachCodes.has(code) || /^08\w{3}$/.test(code)) return true;
  return outOfReachMessages.test(messageOf(driverError));
}

function driverErrorOf(thrown: unknown): unknown {
  return isRecord(thrown) && isRecord(thrown['driverError']) ? thrown['driverError'] : thrown;
}

function codeOf(error: unknown): string {
  const code = isRecord(error) ? error['code'] : undefined;
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : '';
}

function nameOf(error: unknown): string {
  const name = isRecord(error) ? error['name'] : undefined;
  return typeof name === 'string' && /^\w{1,60}$/.test(name) ? name : 'unknown error';
}

function messageOf(error: unknown): string {
  const message = isRecord(error) ? error['message'] : undefined;
  return typeof message === 'string' ? message : '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

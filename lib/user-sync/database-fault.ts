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
  // A connection that broke leaves its transaction with a query runner that was released.
  const isCutOff = fault.error === 'QueryRunnerAlreadyReleasedError';
  if (isClosed || isCutOff || isOutOfReach(driverError)) {
    const detail = `The database cannot be reached (${label}).`;
    return new CognitoError('COGNITO_USER_STORE_UNAVAILABLE', { detail, cause: fault, retryAfter: 1 });
  }
  if (isUniqueViolation(thrown)) {
    const detail = 'The row of the user would repeat a value that is unique and belongs to another row.';
    return new CognitoError('COGNITO_USER_CONFLICT', { detail, cause: fault });
  }
  if (fault.error !== 'QueryFailedError') return thrown;
  if (isUnfitValue(driverError)) {
    const detail = `A value of the user does not fit its column (${[label, ...identifiersOf(driverError)].join(', ')}).`;
    return new CognitoError('COGNITO_USER_NOT_STORABLE', { detail, cause: fault });
  }
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

/** Tells whether the database took back a statement because another one was in its way: asked again, it may go through. */
export function isDeadlock(thrown: unknown): boolean {
  return ['40P01', 'ER_LOCK_DEADLOCK'].includes(codeOf(driverErrorOf(thrown)));
}

/** Codes of the network, and what a driver or server says that cannot serve now but may later (deadlocks included). */
const outOfReachCodes = new Set(
  [
    'ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH',
    // PostgreSQL: shutting down, crashed, starting, deadlock, serialisation, cancelled, locked, a standby that only reads.
    '57P01 57P02 57P03 40P01 40001 57014 55P03 25006',
    'PROTOCOL_CONNECTION_LOST PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR PROTOCOL_ENQUEUE_AFTER_QUIT POOL_CLOSED',
    'ER_CON_COUNT_ERROR ER_TOO_MANY_USER_CONNECTIONS ER_SERVER_SHUTDOWN ER_CONNECTION_KILLED ER_QUERY_INTERRUPTED',
    'ER_LOCK_DEADLOCK ER_LOCK_WAIT_TIMEOUT ER_OPTION_PREVENTS_STATEMENT ER_CHECKREAD',
  ].flatMap((codes) => codes.split(' ')),
);

/** Families: the SQL standard's class for connections, PostgreSQL's for resources, SQLite's files. */
const outOfReachFamilies = /^(08\w{3}|53\w{3}|SQLITE_(BUSY|LOCKED|CANTOPEN|IOERR|FULL|READONLY)\w*)$/;

/** What drivers say without a code. */
const outOfReachMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end|Queue limit reached|No connections available|Pool is closed|Can't add new command when connection is in closed state|Query read timeout)/;

function isOutOfReach(driverError: unknown): boolean {
  const code = codeOf(driverError);
  if (outOfReachCodes.has(code) || outOfReachFamilies.test(code)) return true;
  return outOfReachMessages.test(messageOf(driverError));
}

/** Class 22 is the SQL standard's for data, 23514 a CHECK. */
const unfitCodes =
  /^(22\w{3}|23514|ER_DATA_TOO_LONG|ER_WARN_DATA_OUT_OF_RANGE|ER_TRUNCATED_WRONG_VALUE\w*|WARN_DATA_TRUNCATED|ER_CONSTRAINT_FAILED|ER_CHECK_CONSTRAINT_VIOLATED|SQLITE_CONSTRAINT_CHECK)$/;

function isUnfitValue(driverError: unknown): boolean {
  return unfitCodes.test(codeOf(driverError)) || messageOf(driverError).startsWith('CHECK constraint failed');
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

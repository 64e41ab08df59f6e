import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { CognitoEmulator, EmulatorError, resolveOptions, type EmulatorSeed } from '../emulator/index.js';
import { UsageError, type CommandIo } from './command.js';

interface EmulatorArguments {
  readonly port: number | undefined;
  readonly host: string | undefined;
  readonly seed: string | undefined;
  readonly data: string | undefined;
  /** Origins whose pages may read answers too. */
  readonly cors: readonly string[];
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1']);

/** `nest-cognito emulator`: a local user pool until SIGINT or SIGTERM; its address is the first line of the output. */
export async function emulatorCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { port, host, seed, data, cors } = readArguments(args);
  const fromFile: EmulatorSeed = seed === undefined ? {} : await readSeed(seed);
  const options = {
    ...fromFile,
    ...(port !== undefined && { port }),
    ...(host !== undefined && { host }),
    ...(data !== undefined && { dataFile: data }),
    ...(cors.length > 0 && { corsOrigins: [...(fromFile.corsOrigins ?? []), ...cors] }),
  };
  // Asked for first: a signal that comes during the start must end in a clean stop too.
  const stopped = io.untilStopped();
  const pool = await CognitoEmulator.start(options);
  pool.hooks.fault = (error, operation) => io.err(`Fault in ${operation}: ${describeFault(error)}`);
  announce(pool, options.host, io);
  await stopped;
  await pool.stop();
  return 0;
}

function readArguments(args: readonly string[]): EmulatorArguments {
  const { port, host, seed, data, cors = [] } = parse(args);
  if (port !== undefined && !/^\d{1,5}$/.test(port)) throw new UsageError('--port must be a number from 0 to 65535.');
  const number = port === undefined ? undefined : Number(port);
  if (number !== undefined && number > 65_535) throw new UsageError('--port must be a number from 0 to 65535.');
  if (data === '') throw new UsageError('--data must name a file.');
  return { port: number, host, seed, data, cors };
}

function parse(args: readonly string[]): {
  port?: string;
  host?: string;
  seed?: string;
  data?: string;
  cors?: string[];
} {
  const options = {
    port: { type: 'string' },
    host: { type: 'string' },
    seed: { type: 'string' },
    data: { type: 'string' },
    cors: { type: 'string', multiple: true },
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'The arguments cannot be read.');
  }
}

async function readSeed(path: string): Promise<EmulatorSeed> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw seedInvalid(path, `it cannot be read (${error.code ?? error.name})`);
  });
  const seed = parseJson(path, text);
  resolveOptions(seed, 'EMULATOR_SEED_INVALID');
  return seed as EmulatorSeed;
}

// The parser's own message quotes the text, and with it perhaps a password.
function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw seedInvalid(path, 'it is not valid JSON');
  }
}

function seedInvalid(path: string, problem: string): EmulatorError {
  return new EmulatorError('EMULATOR_SEED_INVALID', `The seed file ${path} is of no use: ${problem}.`);
}

function announce({ options, controlToken }: CognitoEmulator, host: string | undefined, io: CommandIo): void {
  const { endpoint, userPoolId, clientId, clientSecret = null, domain } = options;
  io.out(JSON.stringify({ endpoint, userPoolId, clientId, clientSecret, domain }));
  io.err(`A local user pool listens on ${endpoint}. Stop it with Ctrl+C.`);
  io.err(`Codes: curl -H 'Authorization: Bearer ${controlToken}' ${endpoint}/_emulator/inbox`);
  if (host !== undefined && !LOOPBACK.has(host)) {
    io.err(
      `Warning: ${host} is not a loopback address, so the network can reach this pool. It is made for tests only.`,
    );
  }
}

function describeFault(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
}

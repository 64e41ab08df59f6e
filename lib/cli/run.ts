import { UsageError, type Command, type CommandIo } from './command.js';
import { emulatorCommand } from './emulator.js';

const USAGE = `Usage: nest-cognito <command>

Commands:
  emulator [--port N] [--host H] [--seed pool.json] [--data state.json]

    Starts a local user pool and runs until it is stopped (Ctrl+C).
    --port N           default 0: any free port
    --host H           default 127.0.0.1
    --seed pool.json   settings, app clients, groups and users of the pool
    --data state.json  keeps users, groups, devices, passkeys, refresh tokens and codes across restarts; made with the
                       first start (mode 0600), after which users and groups of the seed no longer count. It holds
                       verifiers, not passwords, but the secrets of authenticator apps as they are.`;

const COMMANDS: Readonly<Record<string, Command>> = { emulator: emulatorCommand };

/**
 * Runs one command of `nest-cognito`.
 *
 * @param argv what follows the name of the program
 * @returns the exit code: 0 done, 1 failed with a coded message, 2 wrong usage
 */
export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const [name, ...args] = argv;
  if ([name, args[0]].some((word) => word === '--help' || word === '-h')) {
    io.out(USAGE);
    return 0;
  }
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    io.err(name === undefined ? USAGE : `There is no command ${JSON.stringify(name)}.\n\n${USAGE}`);
    return 2;
  }
  return command(args, io).catch((error: unknown) => report(error, io));
}

// Nobody who runs a command is helped by a stack.
function report(error: unknown, io: CommandIo): number {
  if (error instanceof UsageError) {
    io.err(`${error.message}\n\n${USAGE}`);
    return 2;
  }
  const { code, message } = described(error);
  io.err(`${code}: ${message}`);
  return 1;
}

function described(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: 'UNEXPECTED', message: String(error) };
  return { code: 'code' in error ? String(error.code) : 'UNEXPECTED', message: error.message };
}

import { UsageError, type Command, type CommandIo } from './command.js';
import { doctorCommand } from './doctor.js';
import { emulatorCommand } from './emulator.js';
import { importCommand } from './import.js';

const USAGE = `Usage: nest-cognito <command>

Commands:
  emulator [--port N] [--host H] [--seed pool.json] [--data state.json] [--cors ORIGIN]...

    Starts a local user pool and runs until it is stopped (Ctrl+C).
    --port N           default 0: any free port
    --host H           default 127.0.0.1
    --seed pool.json   settings, app clients, groups and users of the pool
    --data state.json  keeps users, groups, devices, passkeys, refresh tokens and codes across restarts; made with the
                       first start (mode 0600), after which users and groups of the seed no longer count. It holds
                       verifiers, not passwords, but the secrets of authenticator apps as they are.
    --cors ORIGIN      an origin beside those of this machine whose pages may call it, but never administration

  import (--database URL --entity FILE | --data-source FILE --entity NAME) [options]

    Brings the users of a pool into the application's table of users (ListUsers). What is there already is not made twice.
    The pool and its credentials come from the environment, as cognitoOptionsFromEnv and the AWS credential chain read it.
    --pool ID --region R --endpoint URL  the pool, where the environment does not say
    --database URL         postgres://, mysql://, mariadb:// or sqlite: with the path of a file
    --data-source FILE     compiled JavaScript that exports a DataSource of TypeORM
    --entity FILE[#NAME]   with --database: compiled JavaScript that exports the entity class; what its static userSync
                           says counts
    --entity NAME          with --data-source: the entity, default User
    --mapping A=P,...      Cognito attribute to property
    --match CLAIM=P        default sub=sub
    --active P             the boolean property that lets users in
    --pool-property P --pool-name N  where one table has users of several pools
    --batch N              users in one statement, 1 to 500, default 300
    --concurrency N        rows changed at the same time, default 4
    --rate N               requests to Cognito per second at most, default 15
    --resume TOKEN|FILE    goes on where a run was stopped; a file keeps the place by itself
    --deactivate-missing   then shuts out users who are gone from the pool; refused above a tenth of them without --force
    --dry-run              counts, and writes nothing
    Ends with 0; 3 when some users could not be brought in; 130 when it was stopped (Ctrl+C), and says how to go on.

  doctor [--pool ID --client ID --region R --endpoint URL]

    Looks at the keys of the pool, the clock of this machine and, where AWS credentials allow (DescribeUserPoolClient), at
    the app client; each line is ok, warn or fail, with what to do. Ends with 1 when something fails.`;

const COMMANDS: Readonly<Record<string, Command>> = {
  emulator: emulatorCommand,
  import: importCommand,
  doctor: doctorCommand,
};

/**
 * Runs one command of `nest-cognito`.
 *
 * @param argv what follows the name of the program
 * @returns the exit code: 0 done, 1 failed with a coded message, 2 wrong usage; `import` has 3 and 130 besides
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

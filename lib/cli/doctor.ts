import { parseArgs } from 'node:util';
import type { Environment } from '../options/environment.js';
import { type CommandIo, UsageError } from './command.js';
import { checkAppClient } from './doctor-app-client.js';
import type { Finding } from './doctor-finding.js';
import { checkKeys } from './doctor-keys.js';
import { clientOf, poolArguments, poolOptionsOf, resolvedPool } from './pool-access.js';

/** `nest-cognito doctor`: looks at pool, app client and clock from where the application runs; 1 when something is broken. */
export async function doctorCommand(
  args: readonly string[],
  io: CommandIo,
  environment: Environment = process.env,
): Promise<number> {
  const { client: clientId, ...asked } = parsed(args);
  const fromEnv = poolOptionsOf(asked, environment);
  const written = clientId === undefined ? fromEnv : { ...fromEnv, clientId };
  const pool = resolvedPool(written, 'default');
  if (pool.clientId === '') throw new UsageError('Which app client? Give --client, or set COGNITO_CLIENT_ID.');
  const client = clientOf(pool, written);
  try {
    const findings = [...(await checkKeys(pool)), ...(await checkAppClient(client))];
    for (const finding of findings) io.out(lineOf(finding));
    return findings.some(({ verdict }) => verdict === 'fail') ? 1 : 0;
  } finally {
    await client.close();
  }
}

function parsed(args: readonly string[]) {
  try {
    const options = { ...poolArguments, client: { type: 'string' } } as const;
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'The arguments cannot be read.');
  }
}

function lineOf({ verdict, about, told, mend }: Finding): string {
  return `${verdict.padEnd(4)}  ${about}: ${told}${mend === undefined ? '' : ` - ${mend}`}`;
}

import { parseArgs } from 'node:util';
import { Demo } from './demo.js';
import type { Sabotage } from './stage.js';
import { runSteps } from './steps.js';

const USAGE = `Usage: npm run demo [-- --sabotage srp-check]

  --sabotage srp-check   let the user pool accept every password proof: the demo then has to fail`;

/** Undefined for arguments that are not understood. */
function readSabotage(args: string[]): { readonly sabotage: Sabotage } | undefined {
  try {
    const { sabotage } = parseArgs({ args, options: { sabotage: { type: 'string' } } }).values;
    return sabotage === undefined || sabotage === 'srp-check' ? { sabotage } : undefined;
  } catch {
    return undefined;
  }
}

const wanted = readSabotage(process.argv.slice(2));
if (wanted === undefined) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  const demo = new Demo(wanted.sabotage);
  const { steps, failed } = await runSteps(demo.steps, demo.last, (line) => console.log(line));
  console.log(`demo: ${steps} steps, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

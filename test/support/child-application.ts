import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A Nest application in a process of its own. */
export interface ChildApplication {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Runs a program that prints its address when it listens.
 *
 * @param program the path of a JavaScript file
 * @param environment what it finds in `process.env` besides what this process has
 */
export async function startChild(
  program: string,
  environment: Readonly<Record<string, string>>,
): Promise<ChildApplication> {
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { url: await firstLineOf(child), stop: () => stopped(child) };
}

function firstLineOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The application ended with ${code} before it listened.`)));
  });
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}

import { fork } from 'node:child_process';
import { once } from 'node:events';

/** A process of its own, which says by a first message that it is ready, and answers each later one with one. */
export class Child {
  /** @type {import('node:child_process').ChildProcess} */
  #process;
  /** What it said when it was ready. @type {any} */
  ready;

  constructor(child, ready) {
    this.#process = child;
    this.ready = ready;
  }

  /**
   * @param {string} file from this folder
   * @param {object} settings handed over as JSON
   * @param {string[]} execArgv flags of Node
   */
  static async start(file, settings = {}, execArgv = []) {
    const child = fork(new URL(file, import.meta.url), [JSON.stringify(settings)], {
      execArgv,
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    });
    const left = once(child, 'exit').then(([code]) => {
      throw new Error(`${file} ended with ${code} before it was ready`);
    });
    left.catch(() => undefined);
    const [ready] = await Promise.race([once(child, 'message'), left]);
    return new Child(child, ready);
  }

  /** @returns {Promise<any>} */
  async ask(question) {
    const answer = once(this.#process, 'message');
    this.#process.send(question);
    return (await answer)[0];
  }

  async stop() {
    if (this.#process.exitCode === null && this.#process.kill()) await once(this.#process, 'exit');
  }
}

/** The child's side: what it was handed over. It does not outlive whoever started it. */
export function settingsOfChild() {
  process.on('disconnect', () => process.exit());
  return JSON.parse(process.argv[2] ?? '{}');
}

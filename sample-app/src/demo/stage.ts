import { CognitoService, type SignInTokens } from 'nest-cognito';
import { readSettings } from '../pool/settings.js';
import { type SampleApp, startSampleApp } from '../sample-app.js';
import { Browser, type Seen } from './browser.js';
import { expectSeen, Unexpected } from './steps.js';

/** What the demo breaks on purpose, to show that it can fail. */
export type Sabotage = 'srp-check' | undefined;

/** Where the demo plays: the running application, its pool and a browser. */
export class Stage {
  #app: SampleApp | undefined;
  #browser: Browser | undefined;

  constructor(private readonly sabotage: Sabotage) {}

  async start(): Promise<string> {
    // An empty environment but for NODE_ENV: whatever pool the shell is set up for, the demo makes its own.
    this.#app = await startSampleApp(readSettings({ NODE_ENV: process.env['NODE_ENV'], PORT: '0' }));
    this.#browser = new Browser(this.#app.origin);
    if (this.sabotage === 'srp-check') this.pool.hooks.srpProof = () => 'accept';
    return `${expectSeen(await this.browser.open('/'), { status: 200 })} from ${this.#app.origin}`;
  }

  async stop(): Promise<string> {
    if (this.#app === undefined) return 'nothing had started';
    await this.#app.stop();
    const answers = await fetch(this.#app.origin).then(
      () => true,
      () => false,
    );
    if (answers) throw new Unexpected('the application still answers');
    return 'no answer any more';
  }

  get app(): SampleApp {
    if (this.#app === undefined) throw new Unexpected('the application has not started');
    return this.#app;
  }

  /** The browser of the person the demo is about. */
  get browser(): Browser {
    if (this.#browser === undefined) throw new Unexpected('the application has not started');
    return this.#browser;
  }

  /** A browser of somebody else. */
  newBrowser(): Browser {
    return new Browser(this.app.origin);
  }

  get cognito(): CognitoService {
    return this.app.nest.get(CognitoService);
  }

  get pool(): NonNullable<SampleApp['localPool']> {
    const { localPool } = this.app;
    if (localPool === undefined) throw new Unexpected('there is no local pool');
    return localPool;
  }

  /** The code that was sent to somebody last. */
  codeOf(username: string): string {
    return this.pool.inbox.last(username)?.code ?? '';
  }

  /** Signs in without a browser. */
  async tokensOf({ username, password }: Credentials): Promise<SignInTokens> {
    const result = await this.cognito.signIn({ username, password });
    if (result.status === 'challenge') throw new Unexpected(`the challenge ${result.challenge.name}`);
    return result.tokens;
  }
}

/** Who signs in. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Says where a browser arrived, if it is where it should be. */
export function arrived(seen: Seen, path: string): string {
  const status = expectSeen(seen, { status: 200 });
  if (seen.path !== path) throw new Unexpected(`${status} at ${seen.path} instead of ${path}`);
  return `${status} at ${path}`;
}

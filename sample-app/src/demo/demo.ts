import { CognitoService, type CognitoTokens } from 'nest-cognito';
import { DataSource } from 'typeorm';
import { LOCAL_USERS } from '../pool/local-pool.js';
import { choosePool } from '../pool/settings.js';
import { type SampleApp, startSampleApp } from '../sample-app.js';
import { User } from '../users/user.entity.js';
import { Browser, callApi, type Seen } from './browser.js';
import { alteredToken, resignedToken } from './forgery.js';
import { expectSeen, type Step, Unexpected } from './steps.js';

const DORA = {
  username: 'dora',
  password: 'Swordfish-42!',
  email: 'dora@example.com',
  given_name: 'Dora',
  family_name: 'Keen',
};

/** What the demo breaks on purpose, to show that it can fail. */
export type Sabotage = 'srp-check' | undefined;

/** The story of one new user, from the first page to the last refusal; each step leaves what the next one needs. */
export class Demo {
  #app: SampleApp | undefined;
  #browser: Browser | undefined;
  #accessToken = '';

  constructor(private readonly sabotage: Sabotage) {}

  readonly steps: readonly Step[] = [
    { name: 'start the user pool, the database and the application', run: () => this.#start() },
    { name: 'sign up a new user', run: () => this.#signUp() },
    { name: 'refuse a wrong code', run: () => this.#confirmWrongly() },
    { name: 'confirm with the code from the inbox', run: () => this.#confirm() },
    { name: 'sign in over SRP', run: () => this.#signIn() },
    { name: 'sign in with the browser and see the profile', run: () => this.#signInWithBrowser() },
    { name: 'call the guarded route with the access token', run: () => this.#callMe() },
    { name: 'refuse the guarded route without a token', run: () => this.#callMeWithoutToken() },
    { name: "show the user's database row", run: () => this.#showRow() },
    { name: 'refuse a wrong password', run: () => this.#signInWrongly() },
    { name: 'refuse a token with an altered payload', run: () => this.#forge(alteredToken) },
    { name: 'refuse a token signed with another key', run: () => this.#forge(resignedToken) },
    { name: 'refuse a route for admins to a plain user', run: () => this.#callPeopleAsUser() },
    { name: 'open the route for admins to an admin', run: () => this.#callPeopleAsAdmin() },
    { name: 'sign out with the browser', run: () => this.#signOut() },
  ];

  readonly last: Step = { name: 'stop', run: () => this.#stop() };

  async #start(): Promise<string> {
    // An empty environment but for NODE_ENV: whatever pool the shell is set up for, the demo makes its own.
    this.#app = await startSampleApp(choosePool({ NODE_ENV: process.env['NODE_ENV'] }), 0);
    this.#browser = new Browser(this.#app.origin);
    if (this.sabotage === 'srp-check') this.#pool.hooks.srpProof = () => 'accept';
    return `${expectSeen(await this.#browser.open('/'), { status: 200 })} from ${this.#app.origin}`;
  }

  async #signUp(): Promise<string> {
    return arrived(await this.#open.submit('/sign-up', DORA), '/confirm?username=dora');
  }

  async #confirmWrongly(): Promise<string> {
    const code = this.#code === '000000' ? '000001' : '000000';
    const seen = await this.#open.submit('/confirm', { username: DORA.username, code });
    return expectSeen(seen, { status: 400, code: 'COGNITO_CODE_MISMATCH' });
  }

  async #confirm(): Promise<string> {
    const seen = await this.#open.submit('/confirm', { username: DORA.username, code: this.#code });
    return arrived(seen, '/sign-in?notice=confirmed');
  }

  async #signIn(): Promise<string> {
    const { accessToken, expiresIn } = await this.#tokensOf(DORA);
    this.#accessToken = accessToken;
    return `authenticated for ${expiresIn} s`;
  }

  async #signInWithBrowser(): Promise<string> {
    const seen = await this.#open.submit('/sign-in', DORA);
    if (!seen.text.includes(DORA.email)) throw new Unexpected(`${seen.status} at ${seen.path} without the e-mail`);
    return arrived(seen, '/profile');
  }

  async #callMe(): Promise<string> {
    const seen = await callApi(this.#running.origin, '/api/me', this.#accessToken);
    return `${expectSeen(seen, { status: 200 })} for ${meOf(seen.json).principal.username}`;
  }

  async #callMeWithoutToken(): Promise<string> {
    return expectSeen(await callApi(this.#running.origin, '/api/me'), { status: 401, code: 'COGNITO_TOKEN_MISSING' });
  }

  async #showRow(): Promise<string> {
    const { principal, user } = meOf((await callApi(this.#running.origin, '/api/me', this.#accessToken)).json);
    const rows = await this.#running.nest.get(DataSource).getRepository(User).findBy({ email: DORA.email });
    const [row] = rows;
    if (rows.length !== 1 || row === undefined) throw new Unexpected(`${rows.length} rows instead of 1`);
    if (row.sub !== principal.sub || row.id !== user.id) throw new Unexpected('the row of somebody else');
    const { email, firstName, lastName } = row;
    return `1 row, ${JSON.stringify({ sub: masked(row.sub), email, firstName, lastName })}`;
  }

  async #signInWrongly(): Promise<string> {
    const wrong = { username: DORA.username, password: `${DORA.password}!` };
    const seen = await new Browser(this.#running.origin).submit('/sign-in', wrong);
    return expectSeen(seen, { status: 401, code: 'COGNITO_CREDENTIALS_INCORRECT' });
  }

  async #forge(forge: (token: string, groups: readonly string[]) => string): Promise<string> {
    const seen = await callApi(this.#running.origin, '/api/me', forge(this.#accessToken, ['admin']));
    return expectSeen(seen, { status: 401, code: 'COGNITO_TOKEN_SIGNATURE_INVALID' });
  }

  async #callPeopleAsUser(): Promise<string> {
    const seen = await callApi(this.#running.origin, '/api/people', this.#accessToken);
    return expectSeen(seen, { status: 403, code: 'COGNITO_GROUPS_REQUIRED' });
  }

  async #callPeopleAsAdmin(): Promise<string> {
    const admin = LOCAL_USERS.find(({ groups }) => groups.length > 0);
    if (admin === undefined) throw new Unexpected('no admin in the pool');
    const { accessToken } = await this.#tokensOf(admin);
    const seen = await callApi(this.#running.origin, '/api/people', accessToken);
    return expectSeen(seen, { status: 200 });
  }

  async #signOut(): Promise<string> {
    await this.#open.submit('/sign-out', {});
    return arrived(await this.#open.open('/profile'), '/sign-in');
  }

  async #stop(): Promise<string> {
    if (this.#app === undefined) return 'nothing had started';
    await this.#app.stop();
    const answers = await fetch(this.#app.origin).then(
      () => true,
      () => false,
    );
    if (answers) throw new Unexpected('the application still answers');
    return 'no answer any more';
  }

  async #tokensOf({ username, password }: Credentials): Promise<CognitoTokens> {
    const result = await this.#running.nest.get(CognitoService).signIn({ username, password });
    if (result.status === 'challenge') throw new Unexpected(`the challenge ${result.challenge.name}`);
    return result.tokens;
  }

  get #running(): SampleApp {
    if (this.#app === undefined) throw new Unexpected('the application has not started');
    return this.#app;
  }

  get #open(): Browser {
    if (this.#browser === undefined) throw new Unexpected('the application has not started');
    return this.#browser;
  }

  get #pool(): NonNullable<SampleApp['localPool']> {
    const { localPool } = this.#running;
    if (localPool === undefined) throw new Unexpected('there is no local pool');
    return localPool;
  }

  get #code(): string {
    return this.#pool.inbox.last(DORA.username)?.code ?? '';
  }
}

interface Credentials {
  readonly username: string;
  readonly password: string;
}

interface Me {
  readonly principal: { readonly sub: string; readonly username: string };
  readonly user: { readonly id: string };
}

function meOf(json: unknown): Me {
  return json as Me;
}

function arrived(seen: Seen, path: string): string {
  const status = expectSeen(seen, { status: 200 });
  if (seen.path !== path) throw new Unexpected(`${status} at ${seen.path} instead of ${path}`);
  return `${status} at ${path}`;
}

function masked(sub: string): string {
  return `${sub.slice(0, 4)}…`;
}

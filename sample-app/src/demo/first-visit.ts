import { DataSource } from 'typeorm';
import { LOCAL_USERS } from '../pool/local-pool.js';
import { User } from '../users/user.entity.js';
import { callApi } from './browser.js';
import { alteredToken, resignedToken } from './forgery.js';
import { arrived, type Stage } from './stage.js';
import { expectSeen, type Step, Unexpected } from './steps.js';

/** Who the demo is about. */
export const DORA = {
  username: 'dora',
  password: 'Swordfish-42!',
  email: 'dora@example.com',
  given_name: 'Dora',
  family_name: 'Keen',
};

const NOTE = { title: 'Remember the milk', text: 'Two litres.' };

/** From the first page to the refusals: a new user signs up, signs in and is let in where she may go. */
export class FirstVisit {
  #accessToken = '';

  constructor(private readonly stage: Stage) {}

  readonly steps: readonly Step[] = [
    { name: 'sign up a new user', run: () => this.#signUp() },
    { name: 'refuse a wrong code', run: () => this.#confirmWrongly() },
    { name: 'confirm with the code from the inbox', run: () => this.#confirm() },
    { name: 'sign in over SRP', run: () => this.#signIn() },
    { name: 'sign in with the browser and see the profile', run: () => this.#signInWithBrowser() },
    { name: 'write a note with the browser', run: () => this.#writeNote() },
    { name: 'refuse a form that did not come from this browser', run: () => this.#forgeForm() },
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

  async #signUp(): Promise<string> {
    return arrived(await this.stage.browser.submit('/sign-up', DORA), '/confirm?username=dora');
  }

  async #confirmWrongly(): Promise<string> {
    const code = this.stage.codeOf(DORA.username) === '000000' ? '000001' : '000000';
    const seen = await this.stage.browser.submit('/confirm', { username: DORA.username, code });
    return expectSeen(seen, { status: 400, code: 'COGNITO_CODE_MISMATCH' });
  }

  async #confirm(): Promise<string> {
    const seen = await this.stage.browser.submit('/confirm', {
      username: DORA.username,
      code: this.stage.codeOf(DORA.username),
    });
    return arrived(seen, '/sign-in?notice=confirmed');
  }

  async #signIn(): Promise<string> {
    const { accessToken, expiresIn } = await this.stage.tokensOf(DORA);
    this.#accessToken = accessToken;
    return `authenticated for ${expiresIn} s`;
  }

  async #signInWithBrowser(): Promise<string> {
    arrived(await this.stage.browser.submit('/sign-in', DORA), '/notes');
    const seen = await this.stage.browser.open('/profile');
    if (!seen.text.includes(DORA.email)) throw new Unexpected(`${seen.status} at ${seen.path} without the e-mail`);
    return arrived(seen, '/profile');
  }

  async #writeNote(): Promise<string> {
    const seen = await this.stage.browser.submit('/notes', NOTE);
    if (!seen.text.includes(NOTE.title)) throw new Unexpected(`${seen.status} at ${seen.path} without the note`);
    return arrived(seen, '/notes');
  }

  async #forgeForm(): Promise<string> {
    await this.stage.browser.open('/notes');
    const seen = await this.stage.browser.answer('/notes', { ...NOTE, _csrf: 'made-up' });
    return expectSeen(seen, { status: 403, code: 'COGNITO_CSRF_REFUSED' });
  }

  async #callMe(): Promise<string> {
    const seen = await callApi(this.stage.app.origin, '/api/me', this.#accessToken);
    return `${expectSeen(seen, { status: 200 })} for ${meOf(seen.json).principal.username}`;
  }

  async #callMeWithoutToken(): Promise<string> {
    return expectSeen(await callApi(this.stage.app.origin, '/api/me'), { status: 401, code: 'COGNITO_TOKEN_MISSING' });
  }

  async #showRow(): Promise<string> {
    const { principal, user } = meOf((await callApi(this.stage.app.origin, '/api/me', this.#accessToken)).json);
    const rows = await this.stage.app.nest.get(DataSource).getRepository(User).findBy({ email: DORA.email });
    const [row] = rows;
    if (rows.length !== 1 || row === undefined) throw new Unexpected(`${rows.length} rows instead of 1`);
    if (row.sub !== principal.sub || row.id !== user.id) throw new Unexpected('the row of somebody else');
    const { email, firstName, lastName } = row;
    return `1 row, ${JSON.stringify({ sub: masked(row.sub), email, firstName, lastName })}`;
  }

  async #signInWrongly(): Promise<string> {
    const wrong = { username: DORA.username, password: `${DORA.password}!` };
    const seen = await this.stage.newBrowser().submit('/sign-in', wrong);
    return expectSeen(seen, { status: 401, code: 'COGNITO_CREDENTIALS_INCORRECT' });
  }

  async #forge(forge: (token: string, groups: readonly string[]) => string): Promise<string> {
    const seen = await callApi(this.stage.app.origin, '/api/me', forge(this.#accessToken, ['admin']));
    return expectSeen(seen, { status: 401, code: 'COGNITO_TOKEN_SIGNATURE_INVALID' });
  }

  async #callPeopleAsUser(): Promise<string> {
    const seen = await callApi(this.stage.app.origin, '/api/people', this.#accessToken);
    return expectSeen(seen, { status: 403, code: 'COGNITO_GROUPS_REQUIRED' });
  }

  async #callPeopleAsAdmin(): Promise<string> {
    const admin = LOCAL_USERS.find(({ groups }) => groups.length > 0);
    if (admin === undefined) throw new Unexpected('no admin in the pool');
    const { accessToken } = await this.stage.tokensOf(admin);
    const seen = await callApi(this.stage.app.origin, '/api/people', accessToken);
    return expectSeen(seen, { status: 200 });
  }

  async #signOut(): Promise<string> {
    const { browser } = this.stage;
    await browser.open('/profile');
    arrived(await browser.answer('/oauth/logout', {}), '/signed-out');
    return arrived(await browser.open('/profile'), '/sign-in?return=%2Fprofile');
  }
}

interface Me {
  readonly principal: { readonly sub: string; readonly username: string };
  readonly user: { readonly id: string };
}

function meOf(json: unknown): Me {
  return json as Me;
}

function masked(sub: string): string {
  return `${sub.slice(0, 4)}…`;
}

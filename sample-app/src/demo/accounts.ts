import { isCognitoError } from 'nest-cognito';
import { TOTP } from 'otpauth';
import { LOCAL_USERS } from '../pool/local-pool.js';
import { callApi } from './browser.js';
import { DORA } from './first-visit.js';
import { arrived, type Stage } from './stage.js';
import { expectSeen, type Step, Unexpected } from './steps.js';

const FINN = { username: 'finn', temporary: 'Porpoise-7!', password: 'Barnacle-19!', email: 'finn@example.com' };

/** What happens to accounts later: a first password replaced, a second factor, a session renewed, the list of users. */
export class Accounts {
  #totp = new TOTP();

  constructor(private readonly stage: Stage) {}

  readonly steps: readonly Step[] = [
    { name: 'make a user as an administrator', run: () => this.#createUser() },
    { name: 'ask for a new password at the first sign-in', run: () => this.#signInForTheFirstTime() },
    { name: 'refuse a new password that is too weak', run: () => this.#chooseWeakPassword() },
    { name: 'sign in with a new password', run: () => this.#chooseNewPassword() },
    { name: 'set up an authenticator app (TOTP)', run: () => this.#setUpTotp() },
    { name: 'ask for the code of the app', run: () => this.#signInWithTotp() },
    { name: 'refuse a wrong code of the app', run: () => this.#answerWrongly() },
    { name: 'sign in with the right code', run: () => this.#answerRightly() },
    { name: 'refresh with rotation, and refuse the old refresh token', run: () => this.#refresh() },
    { name: 'sign in at the pages of the pool (managed login)', run: () => this.#signInAtThePool() },
    { name: "refuse the list of the pool's users to a plain user", run: () => this.#listUsersAsUser() },
    { name: "list the pool's users as an admin", run: () => this.#listUsersAsAdmin() },
  ];

  async #createUser(): Promise<string> {
    const { username, temporary: temporaryPassword, email } = FINN;
    const { status } = await this.stage.cognito.users.create({
      username,
      temporaryPassword,
      attributes: { email, email_verified: true, given_name: 'Finn' },
      messageAction: 'SUPPRESS',
    });
    if (status !== 'FORCE_CHANGE_PASSWORD') throw new Unexpected(`status ${status}`);
    return status;
  }

  async #signInForTheFirstTime(): Promise<string> {
    const { username, temporary: password } = FINN;
    const seen = await this.stage.browser.submit('/sign-in', { username, password });
    if (!seen.text.includes('Choose a new password')) throw new Unexpected(`${seen.status} without the question`);
    return expectSeen(seen, { status: 200 });
  }

  async #chooseWeakPassword(): Promise<string> {
    const seen = await this.stage.browser.answer('/sign-in/step', { new_password: 'barnacle' });
    return expectSeen(seen, { status: 400, code: 'COGNITO_PASSWORD_POLICY' });
  }

  async #chooseNewPassword(): Promise<string> {
    return arrived(await this.stage.browser.answer('/sign-in/step', { new_password: FINN.password }), '/notes');
  }

  async #setUpTotp(): Promise<string> {
    const { cognito } = this.stage;
    const { accessToken } = await this.stage.tokensOf(FINN);
    const { secretCode } = await cognito.mfa.associateSoftwareToken({ accessToken });
    this.#totp = new TOTP({ secret: secretCode });
    await cognito.mfa.verifySoftwareToken({ accessToken, code: this.#totp.generate() });
    await cognito.mfa.setPreference({ accessToken, softwareToken: { enabled: true, preferred: true } });
    return 'verified and preferred';
  }

  async #signInWithTotp(): Promise<string> {
    await this.stage.browser.open('/notes');
    await this.stage.browser.answer('/oauth/logout', {});
    const seen = await this.stage.browser.submit('/sign-in', { username: FINN.username, password: FINN.password });
    if (!seen.text.includes('authenticator app')) throw new Unexpected(`${seen.status} without the question`);
    return expectSeen(seen, { status: 200 });
  }

  async #answerWrongly(): Promise<string> {
    const code = this.#totp.generate() === '000000' ? '000001' : '000000';
    const seen = await this.stage.browser.answer('/sign-in/step', { code });
    return expectSeen(seen, { status: 400, code: 'COGNITO_CODE_MISMATCH' });
  }

  async #answerRightly(): Promise<string> {
    // A code serves once, and the one of this half minute has served.
    this.stage.pool.clock.advance({ seconds: 30 });
    const seen = await this.stage.browser.answer('/sign-in/step', { code: this.#totp.generate() });
    return arrived(seen, '/notes');
  }

  async #refresh(): Promise<string> {
    const { cognito } = this.stage;
    const { refreshToken } = await this.stage.tokensOf(DORA);
    const { rotated } = await cognito.refresh({ refreshToken });
    const reuse = await cognito.refresh({ refreshToken }).then(
      () => 'accepted',
      (thrown: unknown) => (isCognitoError(thrown) ? thrown.code : 'another error'),
    );
    if (!rotated || reuse !== 'COGNITO_REFRESH_TOKEN_REUSED') throw new Unexpected(`rotated ${rotated}, ${reuse}`);
    return `rotated, then ${reuse}`;
  }

  async #signInAtThePool(): Promise<string> {
    const browser = this.stage.newBrowser();
    const asked = await browser.open('/oauth/login?returnTo=/notes');
    if (asked.path !== this.stage.pool.options.endpoint) throw new Unexpected(`${asked.status} at ${asked.path}`);
    return arrived(await browser.answerTheOnlyForm({ username: DORA.username, password: DORA.password }), '/notes');
  }

  async #listUsersAsUser(): Promise<string> {
    const { accessToken } = await this.stage.tokensOf(DORA);
    const seen = await callApi(this.stage.app.origin, '/api/pool-users', accessToken);
    return expectSeen(seen, { status: 403, code: 'COGNITO_GROUPS_REQUIRED' });
  }

  async #listUsersAsAdmin(): Promise<string> {
    const admin = LOCAL_USERS.find(({ groups }) => groups.length > 0);
    if (admin === undefined) throw new Unexpected('no admin in the pool');
    const { accessToken } = await this.stage.tokensOf(admin);
    const seen = await callApi(this.stage.app.origin, '/api/pool-users', accessToken);
    const names = namesIn(seen.json);
    if (!names.includes(DORA.username) || !names.includes(FINN.username)) throw new Unexpected('somebody is missing');
    return `${expectSeen(seen, { status: 200 })} with ${names.length} users`;
  }
}

function namesIn(json: unknown): readonly string[] {
  return (json as { readonly users: readonly { readonly username: string }[] }).users.map(({ username }) => username);
}

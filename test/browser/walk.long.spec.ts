import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium as playwright, type Page } from 'playwright-core';
import { TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CognitoEmulator } from '../../lib/testing/cognito-emulator.js';
import { built, buildWhereOld } from '../e2e/sample-app/processes.js';
import { chromium, CHROMIUM_ARGUMENTS, NoBrowser } from './chromium.js';
import { Person } from './person.js';
import { Witness } from './witness.js';

const EVE = { username: 'eve', password: 'Correct-h0rse!', email: 'eve@example.com', given_name: '<b>Eve</b>' };
const FINN = { username: 'finn', temporary: 'Porpoise-7!', password: 'Barnacle-19!' };
const ADMIN = { username: 'admin', password: 'Looking-Glass-1!' };

/** What the walk uses of the application, which is built apart from the tests. */
interface App {
  readonly origin: string;
  readonly localPool: CognitoEmulator;
  stop(): Promise<void>;
}

interface Modules {
  readonly startSampleApp: (settings: unknown) => Promise<App>;
  readonly readSettings: (environment: Readonly<Record<string, string>>) => unknown;
}

/** undefined, with the reason printed, where there is none and none is required. */
function browserPath(): string | undefined {
  try {
    return chromium();
  } catch (thrown) {
    if (!(thrown instanceof NoBrowser) || process.env['REQUIRE_BROWSER'] === '1') throw thrown;
    console.warn(`The walk through the sample app is skipped: ${thrown.message}`);
    return undefined;
  }
}

const executablePath = browserPath();

let browser: Browser;

beforeAll(async () => {
  buildWhereOld();
  if (executablePath !== undefined) browser = await playwright.launch({ executablePath, args: CHROMIUM_ARGUMENTS });
});
afterAll(async () => {
  await browser?.close();
});

async function startOn(adapter: string): Promise<App> {
  const { startSampleApp } = (await import(join(built, 'sample-app.js'))) as Modules;
  const { readSettings } = (await import(join(built, 'pool', 'settings.js'))) as Modules;
  return startSampleApp(readSettings({ PORT: '0', HTTP_ADAPTER: adapter }));
}

describe.skipIf(executablePath === undefined).each([
  { adapter: 'express', javaScript: true },
  { adapter: 'express', javaScript: false },
  { adapter: 'fastify', javaScript: true },
])('the sample app on $adapter, JavaScript $javaScript', ({ adapter, javaScript }) => {
  let app: App;
  let context: BrowserContext;
  let person: Person;
  let page: Page;
  const refusals: string[] = [];
  let witness: Witness;

  beforeAll(async () => {
    app = await startOn(adapter);
    context = await browser.newContext({ javaScriptEnabled: javaScript });
    page = await context.newPage();
    page.on('console', (message) => message.type() === 'error' && refusals.push(message.text()));
    witness = new Witness(page, app.origin);
    person = new Person(page, `${adapter}-${javaScript ? 'js' : 'no-js'}`, javaScript);
  });
  afterAll(async () => {
    await context?.close();
    await app?.stop();
  });

  const at = (path: string) => app.origin + path;
  const heading = () => page.locator('h1').first().textContent();
  const code = () => page.locator('[data-code]').getAttribute('data-code');
  const arrive = (path: string) => expect(new URL(page.url()).pathname).toBe(path);

  it('takes somebody from the first page through the sign-up and the inbox to their notes', async () => {
    await person.open(at('/'), 'landing');
    await person.press('main a:has-text("Create an account")');
    await person.look('sign-up');
    await person.fillIn({ ...EVE, password: 'barnacle' }, 'Create the account');
    expect(await code()).toBe('COGNITO_PASSWORD_POLICY');
    await person.look('sign-up-refused');
    await person.fillIn({ password: EVE.password }, 'Create the account');
    arrive('/confirm');
    await person.look('confirm');

    await person.open(at('/inbox'), 'inbox');
    const sent = (await page.locator('[data-for="eve"]').textContent()) ?? '';
    witness.mayOnlyShow(sent, '/inbox');
    await page.goto(at('/confirm?username=eve'));
    await person.fillIn({ code: sent === '000000' ? '000001' : '000000' }, 'Confirm');
    expect(await code()).toBe('COGNITO_CODE_MISMATCH');
    await person.fillIn({ code: sent }, 'Confirm');
    arrive('/sign-in');
    await person.look('sign-in');

    await person.fillIn({ username: EVE.username, password: `${EVE.password}!` }, 'Sign in');
    expect(await code()).toBe('COGNITO_CREDENTIALS_INCORRECT');
    await person.look('sign-in-refused');
    await person.fillIn({ username: EVE.username, password: EVE.password }, 'Sign in');
    arrive('/notes');
  });

  it('keeps notes, and shows what looks like markup as it was typed', async () => {
    const title = 'Tea <script>alert(1)</script>';
    await person.fillIn({ title, text: 'with "milk" & honey' }, 'Keep it');
    arrive('/notes');
    await person.look('notes');
    expect(await page.locator('main li h2').allTextContents()).toEqual([title]);
    await person.press('button:has-text("Delete")');
    expect(await page.locator('main li h2').count()).toBe(0);
  });

  it('shows the profile, edits it and changes the password', async () => {
    await person.press('nav a:has-text("Profile")');
    await person.look('profile');
    expect(await heading()).toBe('Hello, <b>Eve</b>');
    await person.press('a:has-text("Edit your details")');
    await person.look('profile-edit');
    await person.fillIn({ given_name: 'Eva', family_name: 'Luna' }, 'Save');
    expect(await heading()).toBe('Hello, Eva');

    await person.press('a:has-text("Change your password")');
    await person.look('password');
    await person.fillIn({ previous_password: 'Wrong-h0rse!', proposed_password: 'Battery-5taple!' }, 'Change it');
    expect(await page.locator('[role="alert"]').textContent()).toContain('That is not your password.');
    await person.look('password-refused');
    await person.fillIn({ previous_password: EVE.password, proposed_password: 'Battery-5taple!' }, 'Change it');
    arrive('/profile');
  });

  it('sets up an authenticator app, and asks for its code from then on', async () => {
    await person.press('a:has-text("Authenticator app")');
    await person.look('authenticator');
    await person.press('button:has-text("Set it up")');
    await person.look('authenticator-scan');
    const secret = (await page.locator('#key').textContent()) ?? '';
    witness.mayOnlyShow(secret, '/profile/authenticator');
    const totp = new TOTP({ secret });
    const now = () => totp.generate({ timestamp: app.localPool.clock.now() });
    await person.fillIn({ code: now() === '000000' ? '000001' : '000000' }, 'Switch it on');
    expect(await page.locator('[role="alert"]').count()).toBe(1);
    await person.fillIn({ code: now() }, 'Switch it on');
    arrive('/profile');

    await person.press('button:has-text("Sign out")');
    arrive('/signed-out');
    await person.look('signed-out');
    await person.open(at('/notes'), 'sign-in-first');
    arrive('/sign-in');
    await person.fillIn({ username: EVE.username, password: 'Battery-5taple!' }, 'Sign in');
    await person.look('sign-in-code');
    app.localPool.clock.advance({ seconds: 30 });
    await person.fillIn({ code: now() }, 'Continue');
    arrive('/notes');
    await person.press('button:has-text("Sign out")');
  });

  it('has a new password chosen by somebody whom an administrator made', async () => {
    await page.goto(at('/sign-in'));
    await person.fillIn(ADMIN, 'Sign in');
    await person.press('nav a:has-text("Users")');
    await person.look('admin');
    await person.press('a:has-text("eve")');
    await person.look('admin-user');
    await person.press('button:has-text("Disable the user")');
    await person.look('admin-user-disabled');
    await person.press('button:has-text("Enable the user")');
    await person.press('button[aria-label="Add to admin"]');
    await person.press('button[aria-label="Remove from admin"]');
    await person.press('button:has-text("Sign out")');

    await makeUser(app, FINN);
    await page.goto(at('/sign-in'));
    await person.fillIn({ username: FINN.username, password: FINN.temporary }, 'Sign in');
    await person.look('new-password');
    await person.fillIn({ new_password: FINN.password }, 'Continue');
    arrive('/notes');
    await page.goto(at('/admin'));
    expect(await code()).toBe('COGNITO_GROUPS_REQUIRED');
    await person.look('refused');
    await person.press('button:has-text("Sign out")');
  });

  it('recovers a lost password with the code from the inbox', async () => {
    await page.goto(at('/sign-in'));
    await person.press('a:has-text("Forgot your password?")');
    await person.look('forgot-password');
    await person.fillIn({ username: 'alice' }, 'Send a code');
    await person.look('forgot-password-confirm');
    const sent = app.localPool.inbox.last('alice')?.code ?? '';
    witness.mayOnlyShow(sent, '/inbox');
    await person.fillIn({ code: sent, new_password: 'Wonderland-2!' }, 'Set the password');
    arrive('/sign-in');
    expect(await page.locator('[role="status"]').textContent()).toContain('has been changed');
  });

  it('goes to managed login and back, and out by it again', async () => {
    await page.goto(at('/sign-in'));
    await person.press('a:has-text("Cognito’s own page")');
    expect(new URL(page.url()).origin).toBe(app.localPool.options.endpoint);
    await person.look('managed-login');
    await person.fillIn({ username: 'alice', password: 'Wonderland-2!' }, 'Sign in');
    arrive('/notes');
    await person.press('button:has-text("Sign out")');
    arrive('/signed-out');
    await page.goto(at('/notes'));
    arrive('/sign-in');
  });

  it('shows the API for people, and what is not there', async () => {
    await person.open(at('/api/docs'), 'api');
    await person.open(at('/nowhere'), 'not-found');
    expect(await heading()).toBe('Not found');
  });

  it('showed no token, password, code or secret in any page, answer or address, but for the inbox and the key that is asked for', async () => {
    for (const password of [EVE.password, 'Battery-5taple!', FINN.temporary, FINN.password, 'Wonderland-2!']) {
      witness.mayOnlyShow(password, undefined);
    }
    await page.goto(at('/api/me'));
    await page.goto(at('/api/openapi.json'));
    const seen = await witness.account();
    expect(seen.answers).toBeGreaterThan(60);
    expect(seen.leaks).toEqual([]);
    expect(seen.policies).toEqual(["default-src 'none'"]);
  });

  it('was never refused anything by its own content security policy, and never a part of a page', () => {
    expect(refusals.filter((text) => /Content Security Policy/i.test(text))).toEqual([]);
    expect(witness.brokenParts).toEqual([]);
  });
});

async function makeUser(app: App, { username, temporary }: typeof FINN): Promise<void> {
  const { endpoint, userPoolId } = app.localPool.options;
  await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.AdminCreateUser',
    },
    body: JSON.stringify({ UserPoolId: userPoolId, Username: username, TemporaryPassword: temporary }),
  });
}

import { Inject, Injectable, Optional } from '@nestjs/common';
import { CognitoSessionService, type HttpRequest } from 'nest-cognito/session';
import { DEV_INBOX } from '../inbox/dev-inbox.js';
import { MANAGED_LOGIN } from '../sign-in/managed-login.js';
import type { Alert, Page } from './answer.js';
import { type FormMaker, formMaker } from './form.js';
import { type Html, html } from './html.js';

/** The frame around every page: who is signed in, where one can go, what just happened. */
@Injectable()
export class Frame {
  constructor(
    private readonly sessions: CognitoSessionService,
    @Inject(MANAGED_LOGIN) private readonly hasManagedLogin: boolean,
    @Optional() @Inject(DEV_INBOX) private readonly inbox: object | undefined,
  ) {}

  /** Whether codes are found in the inbox of the local pool. */
  get hasInbox(): boolean {
    return this.inbox !== undefined;
  }

  /** The whole document. */
  async around(page: Page, request: HttpRequest): Promise<string> {
    const session = await this.sessions.find(request);
    const form = formMaker(await this.sessions.csrfToken(request));
    const navigation = this.#navigation(session?.principal.groups, form);
    return this.#document(page, navigation, page.body(form)).text;
  }

  /** The document for a moment at which nobody can say who is signed in; its forms would not be accepted. */
  aroundNobody(page: Page): string {
    return this.#document(page, html``, page.body(formMaker(''))).text;
  }

  /** Cognito's pages remember who signed in there, so the way out leads by them. */
  get #signOutPath(): string {
    return this.hasManagedLogin ? '/oauth/logout' : '/sign-out';
  }

  #document(page: Page, navigation: Html, content: Html): Html {
    return html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>${page.title} · Notebook</title>
          <link rel="icon" href="/icon.svg" type="image/svg+xml" />
          <link rel="stylesheet" href="/styles.css" />
        </head>
        <body>
          <a class="skip" href="#content">Skip to the content</a>
          <header>
            <a class="brand" href="/">Notebook</a>
            ${navigation}
          </header>
          <main id="content">
            <div aria-live="assertive">${page.alert === undefined ? '' : alertOf(page.alert)}</div>
            <div aria-live="polite">
              ${page.notice === undefined ? '' : html`<p class="notice" role="status">${page.notice}</p>`}
            </div>
            ${content}
          </main>
          <footer>
            ${this.hasInbox ? 'A local user pool: nothing here leaves this machine.' : 'Sample application'} ·
            <a href="/api/docs">API</a>
          </footer>
        </body>
      </html>`;
  }

  /** @param groups of whoever is signed in */
  #navigation(groups: readonly string[] | undefined, form: FormMaker): Html {
    const inbox = this.hasInbox ? html`<a href="/inbox">Inbox</a>` : '';
    if (groups === undefined) {
      return html`<nav aria-label="Main">${inbox}<a href="/sign-up">Sign up</a><a href="/sign-in">Sign in</a></nav>`;
    }
    return html`<nav aria-label="Main">
      ${inbox}<a href="/notes">Notes</a><a href="/profile">Profile</a>
      ${groups.includes('admin') ? html`<a href="/admin">Users</a>` : ''}
      ${form(this.#signOutPath, html`<button class="plain">Sign out</button>`)}
    </nav>`;
  }
}

function alertOf({ code, message, help }: Alert): Html {
  return html`<div class="alert" id="alert" role="alert" data-code="${code}">
    <p>${message}${help === undefined ? '' : html` ${help}`}</p>
    <p class="code">${code}</p>
  </div>`;
}

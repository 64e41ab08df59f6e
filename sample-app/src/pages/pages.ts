import { Inject, Injectable, Optional } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { CognitoError } from 'nest-cognito';
import { BrowserSessions } from '../browser/browser-sessions.js';
import { DEV_INBOX } from './dev-inbox.js';
import { type FormMaker, formMaker } from './form.js';
import { type Html, html } from './html.js';

/** Why something was refused: a sentence for the person, a stable code for everybody else. */
export interface Alert {
  readonly code: string;
  readonly message: string;
  /** What to do now. */
  readonly help?: Html | undefined;
}

/** What differs from page to page. */
export interface Page {
  readonly title: string;
  /** Default 200. */
  readonly status?: number | undefined;
  readonly alert?: Alert | undefined;
  /** Good news, in one sentence. */
  readonly notice?: string | undefined;
  readonly body: (form: FormMaker) => Html;
}

/** Sends pages: one frame around them all. */
@Injectable()
export class Pages {
  constructor(
    private readonly sessions: BrowserSessions,
    @Optional() @Inject(DEV_INBOX) private readonly inbox: object | undefined,
  ) {}

  /** Whether codes are found in the inbox of the local pool. */
  get hasInbox(): boolean {
    return this.inbox !== undefined;
  }

  send(request: Request, response: Response, page: Page): void {
    const form = formMaker(this.sessions.formToken(request, response));
    const frame = this.#frame(page, this.#navigation(this.sessions.find(request) !== undefined, form), form);
    response
      .status(page.status ?? 200)
      .type('html')
      .send(frame.text);
  }

  #frame(page: Page, navigation: Html, form: FormMaker): Html {
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
            ${page.body(form)}
          </main>
          <footer>
            ${this.hasInbox ? 'A local user pool: nothing here leaves this machine.' : 'Sample application'}
          </footer>
        </body>
      </html>`;
  }

  #navigation(isSignedIn: boolean, form: FormMaker): Html {
    const inbox = this.hasInbox ? html`<a href="/inbox">Inbox</a>` : '';
    return isSignedIn
      ? html`<nav aria-label="Main">
          ${inbox}<a href="/profile">Profile</a>${form('/sign-out', html`<button class="plain">Sign out</button>`)}
        </nav>`
      : html`<nav aria-label="Main">${inbox}<a href="/sign-up">Sign up</a><a href="/sign-in">Sign in</a></nav>`;
  }
}

function alertOf({ code, message, help }: Alert): Html {
  return html`<div class="alert" id="alert" role="alert" data-code="${code}">
    <p>${message}${help === undefined ? '' : html` ${help}`}</p>
    <p class="code">${code}</p>
  </div>`;
}

/** What a page may say about an error of the library. */
export function alertFor(error: CognitoError, help?: Html): Alert {
  return { code: error.code, message: error.publicMessage, help };
}

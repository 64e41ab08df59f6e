import { Controller, Get, Req, Res, UseFilters } from '@nestjs/common';
import type { Request, Response } from 'express';
import { BrowserSessions } from '../browser/browser-sessions.js';
import { ErrorPages } from './error-pages.filter.js';
import { textField } from './form.js';
import { html } from './html.js';
import { Pages } from './pages.js';

@UseFilters(ErrorPages)
@Controller()
export class LandingController {
  constructor(
    private readonly pages: Pages,
    private readonly sessions: BrowserSessions,
  ) {}

  @Get()
  show(@Req() request: Request, @Res() response: Response): void {
    const isSignedIn = this.sessions.find(request) !== undefined;
    this.pages.send(request, response, {
      title: 'Welcome',
      notice: textField(request.query, 'notice') === 'signed-out' ? 'You are signed out.' : undefined,
      body: () =>
        html`<h1>Your account, in a user pool</h1>
          <p class="lead">
            Sign up, confirm your e-mail and sign in. When you do, this application proves your password to Cognito over
            SRP, and Cognito never receives it.
          </p>
          <div class="actions">
            ${
              isSignedIn
                ? html`<a class="button" href="/profile">Open your profile</a>`
                : html`<a class="button" href="/sign-up">Create an account</a>
                    <a class="button second" href="/sign-in">Sign in</a>`
            }
          </div>
          ${
            this.pages.hasInbox
              ? html`<section class="card">
                  <h2>You are on a local user pool</h2>
                  <p>
                    Codes that Cognito would send by e-mail arrive in the <a href="/inbox">inbox</a>. The console where
                    the application was started names the users that exist.
                  </p>
                </section>`
              : ''
          }`,
    });
  }
}

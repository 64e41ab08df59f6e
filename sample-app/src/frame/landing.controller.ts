import { Get, Req } from '@nestjs/common';
import { CognitoSessionService, type HttpRequest } from 'nest-cognito/session';
import type { Answer } from './answer.js';
import { Frame } from './frame.js';
import { type Html, html } from './html.js';
import { PublicPageController } from './page.controller.js';

/** The page for everybody. */
@PublicPageController()
export class LandingController {
  constructor(
    private readonly frame: Frame,
    private readonly sessions: CognitoSessionService,
  ) {}

  @Get()
  async show(@Req() request: HttpRequest): Promise<Answer> {
    const isSignedIn = (await this.sessions.find(request)) !== undefined;
    return {
      title: 'Welcome',
      body: () =>
        html`<h1>Notes that are yours alone</h1>
          <p class="lead">
            Sign up, confirm your e-mail and write. When you sign in, this application proves your password to Cognito
            over SRP, and Cognito never receives it.
          </p>
          <div class="actions">${isSignedIn ? forMembers : forVisitors}</div>
          ${this.frame.hasInbox ? aboutTheLocalPool : ''}`,
    };
  }
}

const forMembers: Html = html`<a class="button" href="/notes">Open your notes</a>
  <a class="button second" href="/profile">Your profile</a>`;

const forVisitors: Html = html`<a class="button" href="/sign-up">Create an account</a>
  <a class="button second" href="/sign-in">Sign in</a>`;

const aboutTheLocalPool: Html = html`<section class="card">
  <h2>You are on a local user pool</h2>
  <p>
    Codes that Cognito would send by e-mail arrive in the <a href="/inbox">inbox</a>. The console where the application
    was started names the users that exist.
  </p>
</section>`;

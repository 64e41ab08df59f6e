import { Controller, Get, Inject, Req, Res, UseFilters } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Inbox, InboxMessage } from 'nest-cognito/testing';
import { DEV_INBOX } from './dev-inbox.js';
import { ErrorPages } from './error-pages.filter.js';
import { type Html, html } from './html.js';
import { Pages } from './pages.js';

const MOST_MESSAGES = 50;

const PURPOSES: Readonly<Record<InboxMessage['purpose'], string>> = {
  SignUp: 'Confirm the sign-up of',
  ResendCode: 'Another code to confirm',
  ForgotPassword: 'Choose a new password for',
  AdminCreateUser: 'The first password of',
  UpdateUserAttribute: 'Confirm the new address of',
  VerifyUserAttribute: 'Confirm the address of',
  Authentication: 'Finish the sign-in of',
};

/** The codes that a real pool would have sent out. This route exists on the local pool only. */
@UseFilters(ErrorPages)
@Controller('inbox')
export class InboxController {
  constructor(
    private readonly pages: Pages,
    @Inject(DEV_INBOX) private readonly inbox: Inbox,
  ) {}

  @Get()
  show(@Req() request: Request, @Res() response: Response): void {
    const newestFirst = this.inbox.all().toReversed().slice(0, MOST_MESSAGES);
    this.pages.send(request, response, {
      title: 'Inbox',
      body: () =>
        html`<h1>Inbox</h1>
          <p class="quiet">What the user pool would have sent out, newest first.</p>
          ${
            newestFirst.length === 0
              ? html`<p class="card">No messages yet. <a href="/sign-up">Sign up</a>, and a code arrives here.</p>`
              : html`<ul class="messages">
                  ${newestFirst.map(messageOf)}
                </ul>`
          }`,
    });
  }
}

function messageOf({ purpose, username, destination, code, sentAt }: InboxMessage): Html {
  return html`<li class="card">
    <p>${PURPOSES[purpose] ?? purpose} <a href="/confirm?username=${encodeURIComponent(username)}">${username}</a></p>
    <p class="secret" data-for="${username}">${code}</p>
    <p class="quiet">to ${destination}, ${sentAt.toISOString().slice(11, 19)} UTC</p>
  </li>`;
}

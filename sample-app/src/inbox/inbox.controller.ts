import { Get, Inject } from '@nestjs/common';
import type { Inbox, InboxMessage } from 'nest-cognito/testing';
import type { Answer } from '../frame/answer.js';
import { type Html, html } from '../frame/html.js';
import { PublicPageController } from '../frame/page.controller.js';
import { DEV_INBOX } from './dev-inbox.js';

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
@PublicPageController('inbox')
export class InboxController {
  constructor(@Inject(DEV_INBOX) private readonly inbox: Inbox) {}

  @Get()
  show(): Answer {
    const newestFirst = this.inbox.all().toReversed().slice(0, MOST_MESSAGES);
    return {
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
    };
  }
}

function messageOf({ purpose, username, destination, code, sentAt }: InboxMessage): Html {
  return html`<li class="card">
    <p>${PURPOSES[purpose] ?? purpose} ${pathFor(purpose, username)}</p>
    <p class="secret" data-for="${username}">${code}</p>
    <p class="quiet">to ${destination}, ${sentAt.toISOString().slice(11, 19)} UTC</p>
  </li>`;
}

/** The page where the code is asked for. */
function pathFor(purpose: InboxMessage['purpose'], username: string): Html {
  const query = new URLSearchParams({ username }).toString();
  if (purpose === 'SignUp' || purpose === 'ResendCode') return html`<a href="/confirm?${query}">${username}</a>`;
  if (purpose === 'ForgotPassword') return html`<a href="/forgot-password/confirm?${query}">${username}</a>`;
  return html`${username}`;
}

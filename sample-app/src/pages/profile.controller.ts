import { Controller, Get, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { type Member, SignedIn, SignedInGuard } from '../browser/signed-in.guard.js';
import { ErrorPages } from './error-pages.filter.js';
import { type Html, html } from './html.js';
import { Pages } from './pages.js';

/** What this application and the user pool know about whoever is signed in. */
@UseFilters(ErrorPages)
@UseGuards(SignedInGuard)
@Controller('profile')
export class ProfileController {
  constructor(private readonly pages: Pages) {}

  @Get()
  show(@Req() request: Request, @Res() response: Response, @SignedIn() { principal, user }: Member): void {
    const { claims, groups, username } = principal;
    this.pages.send(request, response, {
      title: 'Profile',
      body: () =>
        html`<h1>Hello, ${user.firstName ?? username}</h1>
          <section class="card" aria-labelledby="own">
            <h2 id="own">In this application</h2>
            ${listOf([
              ['Name', [user.firstName, user.lastName].filter(Boolean).join(' ')],
              ['E-mail', user.email],
              ['Id', user.id],
            ])}
          </section>
          <section class="card" aria-labelledby="pool">
            <h2 id="pool">In the user pool</h2>
            ${listOf([
              ['Username', username],
              ['Id (sub)', principal.sub],
              ['E-mail', claims['email_verified'] === true ? 'verified' : 'not verified'],
              ['Groups', groups.join(', ')],
              ['Signed in', timeOf(claims.auth_time)],
              ['Until', timeOf(claims.exp)],
            ])}
          </section>`,
    });
  }
}

function listOf(entries: ReadonlyArray<readonly [label: string, value: string | null | undefined]>): Html {
  return html`<dl>
    ${entries.map(
      ([label, value]) =>
        html`<dt>${label}</dt>
          <dd>${value || '–'}</dd>`,
    )}
  </dl>`;
}

function timeOf(seconds: number | undefined): string | undefined {
  return seconds === undefined
    ? undefined
    : `${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

import type { HttpAnswer } from '../wire/http.js';
import { html } from './html.js';
import { page } from './page.js';

const ADVICE: Readonly<Record<string, string>> = {
  redirect_mismatch: 'The redirect_uri is none of the callbackUrls of the app client, letter by letter.',
  logout_mismatch: 'The logout_uri is none of the logoutUrls of the app client, letter by letter.',
  invalid_client: 'The pool has no app client of this client_id.',
};

/** GET /error, and where a request ends that belongs to nobody. @param reason a code or a sentence */
export function errorPage(reason: string): HttpAnswer {
  const advice = Object.hasOwn(ADVICE, reason) ? ADVICE[reason] : undefined;
  const body = html`<p>An error was encountered with the requested page.</p>
    <p><code>${reason}</code></p>
    <p>${advice}</p>`;
  return page(400, { title: 'Error', body });
}

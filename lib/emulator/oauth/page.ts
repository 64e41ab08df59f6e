import { createHash } from 'node:crypto';
import type { HttpAnswer } from '../wire/http.js';
import { html, Html } from './html.js';

const STYLE = `
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: #1a1a1a; background: #f2f4f7; }
main { box-sizing: border-box; max-width: 24rem; margin: 4rem auto; padding: 2rem; background: #fff; border-radius: .5rem; }
h1 { margin: 0 0 1rem; font-size: 1.4rem; }
label { display: block; margin-top: 1rem; }
input:not([type=radio]) { box-sizing: border-box; width: 100%; padding: .6rem; font: inherit; border: 1px solid #6b7280; border-radius: .3rem; }
button { width: 100%; margin-top: 1.5rem; padding: .7rem; font: inherit; color: #fff; background: #1d4ed8; border: 0; border-radius: .3rem; }
:focus-visible { outline: 3px solid #f59e0b; outline-offset: 2px; }
[role=alert] { padding: .6rem; color: #7f1d1d; background: #fee2e2; border-radius: .3rem; }
footer { margin-top: 2rem; font-size: .85rem; color: #4b5563; }
code { overflow-wrap: anywhere; }
`;

// In one piece: what is between the tags is what the policy has the hash of, to the letter.
const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`);
const STYLE_HASH = createHash('sha256').update(STYLE, 'utf8').digest('base64');

// No form-action: browsers hold it against every redirect that follows a form, and from the client's callback on the
// way is the client's own.
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'`;

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': POLICY,
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** What a page shows. */
export interface PageContent {
  readonly title: string;
  readonly body: Html;
  /** What went wrong before. */
  readonly alert?: string | undefined;
}

/** A page of the pool: no script, nothing from elsewhere, in nobody's frame. */
export function page(status: number, { title, body, alert }: PageContent, cookies: string[] = []): HttpAnswer {
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${alert === undefined ? undefined : html`<p role="alert">${alert}</p>`} ${body}
          <footer>Local user pool for development and tests</footer>
        </main>
      </body>
    </html>`;
  const headers = cookies.length === 0 ? HEADERS : { ...HEADERS, 'set-cookie': cookies };
  return { status, headers, body: document.text };
}

import { type Html, html } from '../frame/html.js';

/** A list of what is known, with a dash for what is not. */
export function detailsOf(entries: ReadonlyArray<readonly [label: string, value: string | null | undefined]>): Html {
  return html`<dl>
    ${entries.map(
      ([label, value]) =>
        html`<dt>${label}</dt>
          <dd>${value || '–'}</dd>`,
    )}
  </dl>`;
}

/** @param seconds since 1970 */
export function timeOf(seconds: number | undefined): string | undefined {
  if (seconds === undefined) return undefined;
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

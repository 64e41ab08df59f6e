import { type Html, html } from './html.js';

/** Name of the hidden field that every form brings back. */
export const FORM_TOKEN = '_csrf';

/** Makes a form that posts to this application and carries the token of the browser. */
export type FormMaker = (action: string, content: Html) => Html;

/** A {@link FormMaker} for the browser that has this token. */
export function formMaker(token: string): FormMaker {
  return (action, content) =>
    html`<form method="post" action="${action}">
      <input type="hidden" name="${FORM_TOKEN}" value="${token}" />
      ${content}
    </form>`;
}

/** One labelled input. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'email' | 'password';
  readonly autocomplete: string;
  /** What was typed before; never given for a password or a code. */
  readonly value?: string | undefined;
  readonly hint?: string | undefined;
  readonly optional?: boolean;
  /** Digits: a phone shows its number pad. */
  readonly numeric?: boolean;
  /** Words, which a phone may begin with a capital letter. */
  readonly plain?: boolean;
  /** What was typed here was refused. */
  readonly invalid?: boolean;
}

/** Renders a field; a refused one has the focus and points at the alert that says why. */
export function field({ name, label, type = 'text', ...rest }: Field): Html {
  const describedBy = [rest.hint === undefined ? '' : `${name}-hint`, rest.invalid ? 'alert' : ''].filter(Boolean);
  return html`<div class="field">
    <label for="${name}">${label}${rest.optional ? html` <span class="quiet">(optional)</span>` : ''}</label>
    <input
      id="${name}"
      name="${name}"
      type="${type}"
      value="${rest.value}"
      autocomplete="${rest.autocomplete}"
      ${rest.plain ? '' : html`autocapitalize="none" spellcheck="false"`}
      ${rest.numeric ? html`inputmode="numeric"` : ''}
      ${rest.optional ? '' : html`required`}
      ${rest.invalid ? html`aria-invalid="true" autofocus` : ''}
      ${describedBy.length > 0 ? html`aria-describedby="${describedBy.join(' ')}"` : ''}
    />
    ${rest.hint === undefined ? '' : html`<p class="hint" id="${name}-hint">${rest.hint}</p>`}
  </div>`;
}

/** Renders a field for several lines. */
export function area({ name, label }: { readonly name: string; readonly label: string }): Html {
  return html`<div class="field">
    <label for="${name}">${label}</label>
    <textarea id="${name}" name="${name}" rows="4"></textarea>
  </div>`;
}

/** Reads one text of a submitted form or a query; undefined for what is missing, repeated or no text. */
export function textField(values: unknown, name: string): string | undefined {
  if (typeof values !== 'object' || values === null || !Object.hasOwn(values, name)) return undefined;
  const value = (values as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value : undefined;
}

/** Reads a name or address as people mean it: without the spaces around it; '' when it is missing. */
export function trimmedField(values: unknown, name: string): string {
  return textField(values, name)?.trim() ?? '';
}

import type { FormMaker } from './form.js';
import type { Html } from './html.js';

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

/** The way to another page; a browser follows it with GET. */
export class SeeOther {
  /** @param location a path of this application */
  constructor(readonly location: string) {}
}

/** What the controllers of pages return; {@link PageAnswers} sends it. */
export type Answer = Page | SeeOther;

/** A path with the notice that its page shows. */
export function withNotice(path: string, notice: string, more: Readonly<Record<string, string>> = {}): SeeOther {
  return new SeeOther(`${path}?${new URLSearchParams({ notice, ...more }).toString()}`);
}

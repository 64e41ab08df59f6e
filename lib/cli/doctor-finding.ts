/** What one look at the set-up found. It holds no secret. */
export interface Finding {
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly about: string;
  readonly told: string;
  /** What to do; undefined where nothing is to be done. */
  readonly mend?: string;
}

import type { Members } from '../wire/members.js';

/** Answers one operation of the user pool API; refusals are thrown as wire errors. */
export type Operation = (members: Members) => object | Promise<object>;

/** Operations by their name in `X-Amz-Target`. */
export type Operations = Readonly<Record<string, Operation>>;

import type { TokenRequirement } from '../tokens/token-verifier.service.js';
import type { NowOrLater } from './after.js';
import type { CognitoPrincipal } from './principal.js';
import { privateSlot } from './private-slot.js';

/** Whom a request was let in as. */
export interface Admission {
  readonly principal: CognitoPrincipal;
  readonly localUser: object | undefined;
}

/** What was answered, to whom, and what had been asked. */
interface Answered {
  readonly authenticator: object;
  readonly pool: string | undefined;
  readonly tokenUse: string | undefined;
  readonly answer: NowOrLater<CognitoPrincipal>;
}

/** What is known of one request while it is handled. */
class RequestNotes {
  admission: Admission | undefined = undefined;
  #first: Answered | undefined = undefined;
  #others: Answered[] | undefined = undefined;

  /** What was answered before: a request that passes several guards is authenticated once. */
  answerTo(authenticator: object, { pool, tokenUse }: TokenRequirement): NowOrLater<CognitoPrincipal> | undefined {
    const isIt = (answered: Answered): boolean =>
      answered.authenticator === authenticator && answered.pool === pool && answered.tokenUse === tokenUse;
    if (this.#first === undefined) return undefined;
    return isIt(this.#first) ? this.#first.answer : this.#others?.find(isIt)?.answer;
  }

  /** Notes what is answered. Nearly all requests are asked about once, so that no list is made for the first. */
  keepAnswer(
    authenticator: object,
    { pool, tokenUse }: TokenRequirement,
    answer: NowOrLater<CognitoPrincipal>,
  ): NowOrLater<CognitoPrincipal> {
    const answered = { authenticator, pool, tokenUse, answer };
    if (this.#first === undefined) this.#first = answered;
    else (this.#others ??= []).push(answered);
    return answer;
  }
}

const notes = privateSlot<object, RequestNotes>();

/** The notes of a request, empty for one that was not seen before. */
export function notesOf(request: object): RequestNotes {
  const known = notes.get(request);
  if (known !== undefined) return known;
  const empty = new RequestNotes();
  notes.set(request, empty);
  return empty;
}

/** The notes of a request, if there are any. */
export function findNotes(request: object): RequestNotes | undefined {
  return notes.get(request);
}

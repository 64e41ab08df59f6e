/** What is used of an answer; `header(name, value)` means the same on Express and on Fastify. */
export interface HttpAnswer {
  getHeader(name: string): unknown;
  removeHeader(name: string): unknown;
  header(name: string, value: string | string[]): unknown;
}

/** Fastify's requests do not know their answers, so they are noted as they come. */
const answers = new WeakMap<object, HttpAnswer>();

/** Fastify instances that have been told to. */
const noting = new WeakSet<object>();

interface FastifyLike {
  addHook(name: 'onRequest', hook: (request: object, reply: HttpAnswer, done: () => void) => void): unknown;
}

/**
 * Makes {@link responseOf} work for the requests of an application. Express needs nothing for it.
 *
 * @param application the instance behind Nest's HTTP adapter; before it listens
 */
export function noteResponses(application: unknown): void {
  if (!isFastify(application) || noting.has(application)) return;
  noting.add(application);
  application.addHook('onRequest', (request, reply, done) => {
    answers.set(request, reply);
    const { raw } = request as { readonly raw?: object };
    if (raw !== undefined) answers.set(raw, reply);
    done();
  });
}

/**
 * The answer to a request, where only the request is known.
 *
 * @returns undefined for a request that has none (a connection), and for an answer whose headers are sent already
 */
export function responseOf(request: object): HttpAnswer | undefined {
  const answer = answers.get(request) ?? (request as { readonly res?: unknown }).res;
  if (!isAnswer(answer)) return undefined;
  const { headersSent, sent } = answer as { readonly headersSent?: boolean; readonly sent?: boolean };
  return headersSent === true || sent === true ? undefined : answer;
}

/** Marks the answer to a request as one that nobody may keep (RFC 9111 section 5.2.2.5). */
export function forbidStorage(request: object): void {
  responseOf(request)?.header('cache-control', 'no-store');
}

function isFastify(application: unknown): application is FastifyLike & object {
  // Express is a function, with other methods.
  return typeof application === 'object' && application !== null && 'addHook' in application;
}

function isAnswer(value: unknown): value is HttpAnswer {
  if (typeof value !== 'object' || value === null) return false;
  return ['getHeader', 'removeHeader', 'header'].every(
    (method) => typeof (value as Readonly<Record<string, unknown>>)[method] === 'function',
  );
}

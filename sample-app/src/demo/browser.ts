/** What came back. */
export interface Seen {
  readonly status: number;
  readonly text: string;
  /** Where the redirects led to. */
  readonly path: string;
  /** The stable code of a refusal, on a page or in JSON. */
  readonly code: string | undefined;
}

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams;
}

const PATIENCE = 5000;
const MOST_REDIRECTS = 6;

/** A browser as far as the demo needs one: cookies, forms, redirects to other origins and back. */
export class Browser {
  /** Cookies by origin. */
  readonly #jars = new Map<string, Map<string, string>>();
  #page = '';
  /** Where the open page came from. */
  #origin: string;

  constructor(private readonly home: string) {
    this.#origin = home;
  }

  /** Opens a page of the application. */
  open(path: string): Promise<Seen> {
    this.#origin = this.home;
    return this.#follow(path, {});
  }

  /** Opens a page, fills in its form and sends it. */
  async submit(path: string, fields: Readonly<Record<string, string>>): Promise<Seen> {
    await this.open(path);
    return this.answer(path, fields);
  }

  /** Fills in the form of the page that is open, and sends it with what the page has hidden in it. */
  async answer(action: string, fields: Readonly<Record<string, string>>): Promise<Seen> {
    const isAsked = (part: string): boolean => part.includes(`action="${action.replaceAll('&', '&amp;')}"`);
    const form = this.#page.split('</form>').find(isAsked) ?? this.#page;
    const hidden = [...form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']): [string, string] => [name, value],
    );
    const body = new URLSearchParams({ ...Object.fromEntries(hidden), ...fields });
    return this.#follow(action, { method: 'POST', headers: { origin: this.#origin }, body });
  }

  /** Fills in the form of the page that is open, whatever its address. */
  answerTheOnlyForm(fields: Readonly<Record<string, string>>): Promise<Seen> {
    const action = /<form[^>]* action="([^"]*)"/.exec(this.#page)?.[1] ?? '';
    return this.answer(action.replaceAll('&amp;', '&'), fields);
  }

  async #follow(path: string, init: Sent, redirects = 0): Promise<Seen> {
    const url = new URL(path, this.#origin);
    const response = await this.#request(url, init);
    this.#origin = url.origin;
    const location = response.headers.get('location');
    if (location !== null && redirects < MOST_REDIRECTS) return this.#follow(location, {}, redirects + 1);
    const text = await response.text();
    this.#page = text;
    const shown = url.origin === this.home ? url.pathname + url.search : url.origin;
    return { status: response.status, text, path: shown, code: /data-code="(\w+)"/.exec(text)?.[1] };
  }

  async #request(url: URL, init: Sent): Promise<Response> {
    const jar = this.#jars.get(url.origin) ?? new Map<string, string>();
    this.#jars.set(url.origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      ...init,
      headers: { ...init.headers, cookie },
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE),
    });
    for (const line of response.headers.getSetCookie()) keep(line, jar);
    return response;
  }
}

function keep(line: string, jar: Map<string, string>): void {
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
  if (/max-age=0/i.test(line)) jar.delete(name);
  else jar.set(name, value);
}

/** Calls the JSON API, with a token or without. */
export async function callApi(
  origin: string,
  path: string,
  token?: string,
): Promise<Seen & { readonly json: unknown }> {
  const response = await fetch(new URL(path, origin), {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(PATIENCE),
  });
  const text = await response.text();
  const json = JSON.parse(text) as unknown;
  return { status: response.status, text, path, code: codeIn(json), json };
}

function codeIn(json: unknown): string | undefined {
  return typeof json === 'object' && json !== null && 'code' in json ? String(json.code) : undefined;
}

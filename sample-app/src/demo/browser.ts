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
const MOST_REDIRECTS = 3;

/** A browser as far as the demo needs one: cookies, forms, redirects. */
export class Browser {
  readonly #cookies = new Map<string, string>();
  #page = '';

  constructor(private readonly origin: string) {}

  open(path: string): Promise<Seen> {
    return this.#follow(path, {});
  }

  /** Opens a page, fills in its form and sends it. */
  async submit(path: string, fields: Readonly<Record<string, string>>): Promise<Seen> {
    await this.open(path);
    return this.answer(path, fields);
  }

  /** Fills in the form of the page that is open, and sends it with what the page has hidden in it. */
  async answer(action: string, fields: Readonly<Record<string, string>>): Promise<Seen> {
    const hidden = [...this.#page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']): [string, string] => [name, value],
    );
    const body = new URLSearchParams({ ...Object.fromEntries(hidden), ...fields });
    return this.#follow(action, { method: 'POST', headers: { origin: this.origin }, body });
  }

  async #follow(path: string, init: Sent, redirects = 0): Promise<Seen> {
    const response = await this.#request(path, init);
    const location = response.headers.get('location');
    if (location !== null && redirects < MOST_REDIRECTS) return this.#follow(location, {}, redirects + 1);
    const text = await response.text();
    this.#page = text;
    return { status: response.status, text, path, code: /data-code="(\w+)"/.exec(text)?.[1] };
  }

  async #request(path: string, init: Sent): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(new URL(path, this.origin), {
      ...init,
      headers: { ...init.headers, cookie },
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    return response;
  }
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

/** What a browser keeps and sends again: cookies by name, as the answers set and drop them. */
export class CookieJar {
  readonly #cookies = new Map<string, string>();

  /** Takes the cookies of an answer over. */
  take(response: { readonly headers: Headers }): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ');
      const equals = pair.indexOf('=');
      if (attributes.includes('Max-Age=0')) this.#cookies.delete(pair.slice(0, equals));
      else this.#cookies.set(pair.slice(0, equals), pair.slice(equals + 1));
    }
  }

  get names(): string[] {
    return [...this.#cookies.keys()];
  }

  get(name: string): string | undefined {
    return this.#cookies.get(name);
  }

  set(name: string, value: string): void {
    this.#cookies.set(name, value);
  }

  delete(name: string): void {
    this.#cookies.delete(name);
  }

  copy(): CookieJar {
    const copy = new CookieJar();
    for (const [name, value] of this.#cookies) copy.set(name, value);
    return copy;
  }

  /** The header `Cookie`. */
  toString(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}

/** A browser on one application: it keeps cookies, and its requests come from the application's own pages. */
export class Browser {
  constructor(
    readonly url: string,
    readonly jar: CookieJar = new CookieJar(),
  ) {}

  get(path: string): Promise<BrowserAnswer> {
    return this.send('GET', path);
  }

  post(path: string, body: unknown = {}, headers: Readonly<Record<string, string>> = {}): Promise<BrowserAnswer> {
    return this.send('POST', path, { 'content-type': 'application/json', ...headers }, JSON.stringify(body));
  }

  async send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: string,
  ): Promise<BrowserAnswer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      headers: { cookie: String(this.jar), 'sec-fetch-site': 'same-origin', ...headers },
      ...(body === undefined ? {} : { body }),
    });
    this.jar.take(response);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parsed(text) };
  }
}

/** An answer, read whole. */
export interface BrowserAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

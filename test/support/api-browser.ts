import type { Answer } from './nest-app.js';

/** What may be said of a request besides its path and body. */
export interface Sending {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Default: the browser's CSRF token goes along. */
  readonly withoutProof?: boolean | undefined;
}

/** A browser without windows: it keeps cookies, and its pages send the CSRF token that they were given. */
export class ApiBrowser {
  readonly cookies = new Map<string, string>();
  #csrfToken: string | undefined;

  /** @param base such as `http://127.0.0.1:3000/auth` */
  constructor(private readonly base: string) {}

  /** Asks for a CSRF token, as a page does when it is loaded. */
  async load(): Promise<void> {
    const { body } = await this.get('/csrf');
    this.#csrfToken = String(body['csrfToken']);
  }

  get csrfToken(): string {
    return this.#csrfToken ?? '';
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#send(path, { headers });
  }

  /** Posts JSON. */
  post(path: string, body: unknown, sending: Sending = {}): Promise<Answer> {
    return this.postText(path, JSON.stringify(body), 'application/json', sending);
  }

  postText(path: string, body: string, type: string, { headers, withoutProof = false }: Sending = {}): Promise<Answer> {
    const proof: Record<string, string> =
      withoutProof || this.#csrfToken === undefined ? {} : { 'x-csrf-token': this.#csrfToken };
    return this.#send(path, { method: 'POST', body, headers: { 'content-type': type, ...proof, ...headers } });
  }

  async #send(
    path: string,
    { headers: sent, ...init }: Omit<RequestInit, 'headers'> & { headers: Readonly<Record<string, string>> },
  ): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = cookie === '' ? sent : { cookie, ...sent };
    const response = await fetch(`${this.base}${path}`, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (/; Max-Age=0(?:;|$)/.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

function parsed(text: string): Answer['body'] {
  try {
    return JSON.parse(text) as Answer['body'];
  } catch {
    return {};
  }
}

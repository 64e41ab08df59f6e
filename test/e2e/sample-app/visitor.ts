/** What a form is sent with, beside its fields. */
export interface FormRequest {
  readonly token: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** A browser that follows no redirects and remembers what it was shown. */
export class Visitor {
  readonly pages: string[] = [];
  readonly #jar: Map<string, string>;

  /** @param cookies those of another visitor, stolen */
  constructor(
    private readonly origin: string,
    cookies = '',
  ) {
    this.#jar = new Map(cookies.split('; ').map((pair) => pair.split(/=(.*)/s, 2) as [string, string]));
    this.#jar.delete('');
  }

  get cookie(): string {
    return [...this.#jar].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  get(path: string) {
    return this.#send(path, {});
  }

  post(path: string, fields: Readonly<Record<string, string>>, { token, headers }: FormRequest) {
    const body = new URLSearchParams({ ...fields, ...(token !== undefined && { _csrf: token }) });
    return this.#send(path, { method: 'POST', body, headers });
  }

  async submit(path: string, fields: Readonly<Record<string, string>>, page = path) {
    return this.post(path, fields, { token: await this.formToken(page), headers: { origin: this.origin } });
  }

  async formToken(path: string): Promise<string> {
    return /name="_csrf" value="([^"]+)"/.exec((await this.get(path)).text)?.[1] ?? '';
  }

  async #send(path: string, init: RequestInit) {
    const headers = { ...(init.headers as Record<string, string>), cookie: this.cookie };
    const response = await fetch(this.origin + path, { ...init, headers, redirect: 'manual' });
    const setCookies = response.headers.getSetCookie();
    for (const line of setCookies) this.#keep(line);
    const text = await response.text();
    this.pages.push(`${JSON.stringify([...response.headers].filter(([name]) => name !== 'set-cookie'))}\n${text}`);
    const code = /data-code="(\w+)"/.exec(text)?.[1];
    return { status: response.status, location: response.headers.get('location'), setCookies, code, text };
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (/max-age=0/i.test(line)) this.#jar.delete(name);
    else this.#jar.set(name, value);
  }
}

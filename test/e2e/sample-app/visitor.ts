/** What a form is sent with, beside its fields. */
export interface FormRequest {
  readonly token: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** A browser that follows no redirects and remembers what it was shown. */
export class Visitor {
  readonly pages: string[] = [];

  constructor(
    private readonly origin: string,
    private id = '',
  ) {}

  get cookie(): string {
    return `sample_session=${this.id}`;
  }

  get(path: string) {
    return this.#send(path, {});
  }

  post(path: string, fields: Readonly<Record<string, string>>, { token, headers }: FormRequest) {
    const body = new URLSearchParams({ ...fields, ...(token !== undefined && { form_token: token }) });
    return this.#send(path, { method: 'POST', body, headers });
  }

  async submit(path: string, fields: Readonly<Record<string, string>>, page = path) {
    return this.post(path, fields, { token: await this.formToken(page), headers: { origin: this.origin } });
  }

  async formToken(path: string): Promise<string> {
    return /name="form_token" value="([\w-]+)"/.exec((await this.get(path)).text)?.[1] ?? '';
  }

  async #send(path: string, init: RequestInit) {
    const headers = { ...(init.headers as Record<string, string>), cookie: this.cookie };
    const response = await fetch(this.origin + path, { ...init, headers, redirect: 'manual' });
    const cookie = response.headers.get('set-cookie') ?? '';
    this.id = idIn(cookie) || this.id;
    const text = await response.text();
    this.pages.push(`${JSON.stringify([...response.headers])}\n${text}`);
    const code = /data-code="(\w+)"/.exec(text)?.[1];
    return { status: response.status, location: response.headers.get('location'), cookie, code, text };
  }
}

/** The id in a Set-Cookie header; '' without one. */
export function idIn(cookie: string): string {
  return /^sample_session=([^;]*)/.exec(cookie)?.[1] ?? '';
}

/** A page or a redirect as a browser meets it. */
export interface Visit {
  readonly status: number;
  readonly headers: Headers;
  /** Where it leads, in full. */
  readonly location: string | undefined;
  readonly text: string;
}

interface Sent {
  readonly method?: string;
  readonly body?: URLSearchParams;
  readonly headers: Record<string, string>;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** As much of a browser as the pages without script need: cookies by host name, forms, redirects one at a time. */
export class PageVisitor {
  private readonly cookies = new Map<string, string>();

  async get(url: string, headers: Record<string, string> = {}): Promise<Visit> {
    return this.visit(url, { headers });
  }

  /** Sends the one form of a page, with what it holds already. @param typed over the values of its fields */
  async submit(at: string, { text }: Visit, typed: Readonly<Record<string, string>>): Promise<Visit> {
    const [, action = ''] = /<form[^>]*action="([^"]*)"/.exec(text) ?? [];
    const url = new URL(unescaped(action), at).href;
    return this.post(url, { ...hiddenFields(text), ...typed });
  }

  async post(
    url: string,
    form: Readonly<Record<string, string>>,
    headers: Record<string, string> = {},
  ): Promise<Visit> {
    return this.visit(url, { method: 'POST', body: new URLSearchParams(form), headers });
  }

  cookieNames(): string[] {
    return [...this.cookies.keys()];
  }

  /** A browser with the same cookies, which keeps them whatever becomes of these. */
  copy(): PageVisitor {
    const other = new PageVisitor();
    for (const [name, value] of this.cookies) other.cookies.set(name, value);
    return other;
  }

  private async visit(url: string, { headers: given, ...init }: Sent): Promise<Visit> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = cookie === '' ? given : { ...given, cookie };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.keep(line);
    const location = response.headers.get('location');
    return {
      status: response.status,
      headers: response.headers,
      location: location === null ? undefined : new URL(location, url).href,
      text: await response.text(),
    };
  }

  private keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (/;\s*max-age=0(?:;|$)/i.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

/** The values of a page's hidden fields. */
export function hiddenFields(page: string): Record<string, string> {
  const fields = page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
  return Object.fromEntries([...fields].map(([, name = '', value = '']) => [name, unescaped(value)]));
}

function unescaped(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}

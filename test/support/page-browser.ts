/** What a browser shows after it has followed every redirect. */
export interface ShownPage {
  readonly url: string;
  readonly status: number;
  readonly text: string;
  /** Every answer on the way, the one that is shown last. */
  readonly hops: readonly Hop[];
}

/** One answer. */
export interface Hop {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
}

/**
 * Visits pages as a browser without scripts does: cookies by host whatever the port, redirects followed, forms sent with what they
 * hold, `Origin` told.
 */
export class PageBrowser {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** @param addresses where origins that an application calls its own really are */
  constructor(private readonly addresses: Readonly<Record<string, string>> = {}) {}

  /** Opens an address. @param until stops before a redirect to an address that it says yes to, and shows the answer so far */
  async open(url: string, until: (next: string) => boolean = () => false): Promise<ShownPage> {
    return this.#visit(url, { method: 'GET' }, until);
  }

  /** Sends the first form of a page, with these values in the place of its own. */
  async submit(
    page: ShownPage,
    values: Record<string, string>,
    until: (next: string) => boolean = () => false,
  ): Promise<ShownPage> {
    const action = /<form[^>]*action="([^"]*)"/.exec(page.text)?.[1] ?? '';
    const hidden = [...page.text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    const fields = Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, unescape(value)]));
    return this.post(new URL(unescape(action), page.url).href, { ...fields, ...values }, until);
  }

  /** Posts a form to an address, as a page of the same origin. */
  async post(
    url: string,
    fields: Record<string, string>,
    until: (next: string) => boolean = () => false,
    headers: Record<string, string> = { origin: new URL(this.#addressOf(url)).origin },
  ): Promise<ShownPage> {
    return this.#visit(url, { method: 'POST', body: new URLSearchParams(fields), headers }, until);
  }

  /** The cookies of a host, to look at, to steal and to put back. */
  cookiesOf(host: string): Map<string, string> {
    const known = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, known);
    return known;
  }

  async #visit(first: string, init: RequestInit, until: (next: string) => boolean): Promise<ShownPage> {
    const hops: Hop[] = [];
    let [url, request] = [first, init];
    for (;;) {
      const answer = await this.#send(url, request);
      hops.push({ url, status: answer.status, headers: answer.headers });
      const location = answer.headers.get('location');
      const next = location === null ? undefined : new URL(location, url).href;
      if (next === undefined || until(next)) return { url, status: answer.status, text: await answer.text(), hops };
      if (hops.length > 10) throw new Error('redirected for ever');
      [url, request] = [next, { method: 'GET' }];
    }
  }

  async #send(url: string, init: RequestInit): Promise<Response> {
    const jar = this.cookiesOf(new URL(url).hostname);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(init.headers as Record<string, string> | undefined), ...(cookie !== '' && { cookie }) };
    const answer = await fetch(this.#addressOf(url), { ...init, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) keep(jar, line);
    return answer;
  }

  #addressOf(url: string): string {
    const { origin } = new URL(url);
    return `${this.addresses[origin] ?? origin}${url.slice(origin.length)}`;
  }
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';');
  const name = pair.slice(0, pair.indexOf('=')).trim();
  const isGone = attributes.some((attribute) => attribute.trim().toLowerCase() === 'max-age=0');
  if (isGone) jar.delete(name);
  else jar.set(name, pair.slice(pair.indexOf('=') + 1));
}

function unescape(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

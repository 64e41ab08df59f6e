import type { Page, Response } from 'playwright-core';

/** The beginning of anything that is signed (three parts) or sealed (five): `{"` in base64url, and a dot behind it. */
const TOKEN = /eyJ[\w-]{10,}\.[\w-]*\.[\w-]{10,}/;

interface Answer {
  readonly path: string;
  readonly location: string;
  readonly policy: string | undefined;
  readonly text: string;
}

/** Reads every answer of the application that a browser gets. */
export class Witness {
  readonly brokenParts: string[] = [];
  readonly #answers: Promise<Answer>[] = [];
  readonly #secrets = new Map<string, string | undefined>();

  constructor(
    page: Page,
    private readonly origin: string,
  ) {
    page.on('response', (response) => this.#note(response));
  }

  /** From the beginning of the walk: this is shown at one path and nowhere else; at none without a path. */
  mayOnlyShow(secret: string, path: string | undefined): void {
    if (secret === '') throw new TypeError('There is nothing to look for.');
    this.#secrets.set(secret, path);
  }

  /** What was seen, how often, and under which policies. */
  async account(): Promise<{ answers: number; leaks: string[]; policies: string[] }> {
    const answers = await Promise.all(this.#answers);
    return {
      answers: answers.length,
      leaks: answers.flatMap((answer) => this.#leaksIn(answer)),
      policies: [...new Set(answers.map(({ policy }) => policy ?? 'none'))].map(strictestPart),
    };
  }

  #note(response: Response): void {
    const url = new URL(response.url());
    if (url.origin !== this.origin) return;
    const isPart = response.request().resourceType() !== 'document';
    if (isPart && response.status() >= 400) this.brokenParts.push(`${response.status()} ${url.pathname}`);
    this.#answers.push(answerOf(response, url.pathname));
  }

  #leaksIn({ path, location, text }: Answer): string[] {
    // A challenge waits in a hidden field, sealed: nobody can read it there.
    const shown = text.replaceAll(/<input type="hidden" name="challenge" value="[^"]*"/g, '');
    const secrets = [...this.#secrets].filter(([, where]) => where !== path).map(([secret]) => secret);
    const found = secrets.some((secret) => shown.includes(secret) || location.includes(secret));
    return found || TOKEN.test(shown) || TOKEN.test(location) ? [path] : [];
  }
}

async function answerOf(response: Response, path: string): Promise<Answer> {
  const headers = await response.allHeaders();
  const isRedirect = response.status() >= 300 && response.status() < 400;
  // A body that the browser has thrown away was not shown.
  const text = isRedirect ? '' : await response.text().catch(() => '');
  return { path, location: headers['location'] ?? '', policy: headers['content-security-policy'], text };
}

/** The part of a policy that everything falls back to, unless a part of it is lax. */
function strictestPart(policy: string): string {
  return /unsafe|\*|script-src/.test(policy) ? policy : (policy.split(';')[0] ?? '');
}

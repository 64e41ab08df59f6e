import type { IncomingHttpHeaders } from 'node:http';
import { OAuthError } from './oauth-error.js';

/** The parameters of a query or a form. */
export class Parameters {
  constructor(private readonly values: URLSearchParams) {}

  /**
   * A parameter that may be left out; an empty one counts as left out (RFC 6749, section 3.1).
   *
   * @throws OAuthError `invalid_request` when it comes more than once
   */
  one(name: string): string | undefined {
    const [value, ...more] = this.values.getAll(name);
    if (more.length > 0) throw new OAuthError('invalid_request', `${name} is repeated`);
    return value === '' ? undefined : value;
  }

  /** @throws OAuthError `invalid_request` when it is missing or comes more than once */
  required(name: string): string {
    const value = this.one(name);
    if (value === undefined) throw new OAuthError('invalid_request', `${name} is missing`);
    return value;
  }

  toString(): string {
    return this.values.toString();
  }
}

const FORM = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

/** A request to a page or an endpoint of the domain. */
export class EndpointRequest {
  readonly query: Parameters;

  constructor(
    readonly method: string,
    readonly path: string,
    query: string,
    readonly headers: IncomingHttpHeaders,
    private readonly readBody: () => Promise<string>,
  ) {
    this.query = new Parameters(new URLSearchParams(query));
  }

  cookie(name: string): string | undefined {
    const pairs = (this.headers.cookie ?? '').split(';').map((pair) => pair.trim());
    return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
  }

  /** @throws OAuthError `invalid_request` when the body is no form */
  async form(): Promise<Parameters> {
    const body = await this.readBody();
    if (!FORM.test(this.headers['content-type'] ?? '')) throw new OAuthError('invalid_request');
    return new Parameters(new URLSearchParams(body));
  }
}

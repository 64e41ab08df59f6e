import { CognitoError } from '../errors/cognito.error.js';
import { isLoopback } from '../options/trusted-address.js';

/** The origins that a token may be sent to, each exactly: scheme, host and port. */
export class AllowedOrigins {
  readonly #origins: ReadonlySet<string>;

  /**
   * @param written such as `https://api.example.com`; plain http on loopback only
   * @throws {@link CognitoError} `COGNITO_OPTIONS_INVALID`
   */
  constructor(written: readonly string[]) {
    this.#origins = new Set(written.map(originOf));
  }

  /** @throws {@link CognitoError} `COGNITO_ORIGIN_REFUSED` for an address that the token must not go to */
  require(address: URL): void {
    if (address.username !== '' || address.password !== '') throw refused('an address with a user name or password');
    // A blob: address has the origin of whoever made it, and leads nowhere.
    if (!/^https?:$/.test(address.protocol)) throw refused(`an address of the kind ${address.protocol}`);
    if (!this.#origins.has(address.origin)) throw refused(address.origin);
  }
}

function originOf(written: string, index: number): string {
  const fault = faultOf(written);
  if (fault === undefined) return new URL(written).origin;
  throw new CognitoError('COGNITO_OPTIONS_INVALID', { detail: `allowedOrigins[${index}]: ${fault}` });
}

function faultOf(written: string): string | undefined {
  if (!URL.canParse(written)) return 'has to be an origin, such as https://api.example.com';
  const address = new URL(written);
  if (address.protocol !== 'https:' && !(address.protocol === 'http:' && isLoopback(address))) {
    return 'has to use https, or http on loopback';
  }
  const rest = address.pathname + address.search + address.hash + address.username + address.password;
  if (rest !== '/' || written.includes('*')) return 'has to be one origin: no path, no wildcard, no user name';
  return undefined;
}

function refused(where: string): CognitoError {
  const detail = `The token does not go to ${where}: that is not in \`allowedOrigins\`.`;
  return new CognitoError('COGNITO_ORIGIN_REFUSED', { detail });
}

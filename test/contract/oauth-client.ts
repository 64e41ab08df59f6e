import { createHash, randomBytes } from 'node:crypto';
import type { CognitoEmulator } from '../../lib/emulator/index.js';
import { PageVisitor, type Visit } from '../support/page-visitor.js';

export const PASSWORD = 'Passw0rd!';
export const CALLBACK = 'http://localhost:3000/oauth/callback';
export const VERIFIER = randomBytes(32).toString('base64url');
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

type Changes = Readonly<Record<string, string | undefined>>;

/** The answer of an endpoint. */
export interface EndpointReply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** A client that is written by hand, so that each request can be spoiled; `undefined` leaves a parameter out. */
export class OAuthClient {
  constructor(private readonly pool: CognitoEmulator) {}

  at(path: string, parameters: Changes = {}): string {
    return `${this.pool.options.endpoint}${path}?${formOf(parameters).toString()}`;
  }

  authorizeUrl(changes: Changes = {}): string {
    return this.at('/oauth2/authorize', {
      response_type: 'code',
      client_id: 'main',
      redirect_uri: CALLBACK,
      scope: 'openid email',
      state: 'st ate&1',
      nonce: 'n-1',
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
      ...changes,
    });
  }

  /** From the authorize endpoint over the page to where the pool sends the browser. */
  async signIn(changes: Changes = {}, { visitor = new PageVisitor(), username = 'alice', password = PASSWORD } = {}) {
    const { location = '' } = await visitor.get(this.authorizeUrl(changes));
    return visitor.submit(location, await visitor.get(location), { username, password });
  }

  async code(changes: Changes = {}): Promise<string> {
    return codeOf(await this.signIn(changes));
  }

  async redeem(code: string, changes: Changes = {}, headers: Record<string, string> = {}): Promise<EndpointReply> {
    const form = {
      grant_type: 'authorization_code',
      client_id: 'main',
      redirect_uri: CALLBACK,
      code_verifier: VERIFIER,
      code,
      ...changes,
    };
    return this.post('/oauth2/token', form, headers);
  }

  async post(path: string, form: Changes, headers: Record<string, string> = {}): Promise<EndpointReply> {
    const url = `${this.pool.options.endpoint}${path}`;
    return replyOf(await fetch(url, { method: 'POST', body: formOf(form), headers }));
  }

  async userInfo(authorization: string | undefined): Promise<EndpointReply> {
    const headers = authorization === undefined ? {} : { authorization };
    return replyOf(await fetch(this.at('/oauth2/userInfo'), { headers }));
  }
}

export function codeOf({ location = '' }: Visit): string {
  const code = new URL(location).searchParams.get('code');
  if (code === null) throw new Error('The browser was sent back without a code.');
  return code;
}

/** What a browser was sent to the client with, instead of a code. */
export function errorOf({ location = '' }: Visit): string | null {
  return location.startsWith(CALLBACK) ? new URL(location).searchParams.get('error') : 'not sent to the client';
}

export function basic(clientId: string, secret: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` };
}

function formOf(parameters: Changes): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) form.set(name, value);
  return form;
}

async function replyOf(response: Response): Promise<EndpointReply> {
  const text = await response.text();
  const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  return { status: response.status, headers: response.headers, body };
}

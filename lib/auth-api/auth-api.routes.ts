import { NotFoundException } from '@nestjs/common';
import { CognitoError, isCognitoError } from '../errors/cognito.error.js';
import type { CognitoPrincipal } from '../access/principal.js';
import type { HttpRequest } from '../request/http-request.js';
import { sentHeader } from '../request/sent-header.js';
import { AccountDesk } from './account-desk.js';
import { readBody } from './bodies.js';
import { type SignedInUserAnswer, type SignInAnswer, tokensAnswerOf, userAnswerOf } from './sign-in-answers.js';
import { type AuthApiParts, SignInDesk } from './sign-in-desk.js';

/** The same for every name: whether anything was done, only the owner of the account learns. */
const ACCEPTED = { status: 'accepted' } as const;
type Accepted = typeof ACCEPTED;

/** What each endpoint does; where it is and by which method it is reached, the controller says. */
export class AuthApiRoutes {
  readonly #parts: AuthApiParts;
  readonly #signIn: SignInDesk;
  readonly #accounts: AccountDesk;

  constructor(parts: AuthApiParts) {
    this.#parts = parts;
    this.#signIn = new SignInDesk(parts);
    this.#accounts = new AccountDesk(parts);
  }

  /** Opens a sign-in. */
  async login(request: HttpRequest): Promise<SignInAnswer> {
    const body = readBody(request, 'login');
    await this.#assertOwn(request);
    return this.#signIn.login(request, body);
  }

  /** Answers a challenge. */
  async challenge(request: HttpRequest): Promise<SignInAnswer> {
    const body = readBody(request, 'challenge');
    await this.#assertOwn(request);
    return this.#signIn.answerChallenge(request, body);
  }

  /** Renews the session of a browser, or tokens; the header REFRESHTOKEN is read here and nowhere else. */
  async refresh(request: HttpRequest): Promise<SignInAnswer> {
    const body = readBody(request, 'refresh');
    await this.#assertOwn(request);
    const { sessions, cognito, limiter, options } = this.#parts;
    if (sessions !== undefined) {
      const { principal } = await sessions.refresh(request);
      return { status: 'authenticated', user: userAnswerOf(principal) };
    }
    const refreshToken = body.refreshToken ?? headerToken(request);
    const { deviceKey } = body;
    const { clientMetadata } = options;
    const tokens = await limiter.attempt({ action: 'refresh', ip: request.ip }, () =>
      cognito.refresh({ refreshToken, deviceKey, clientMetadata }),
    );
    return tokensAnswerOf(tokens, deviceKey);
  }

  /** Signs out, at Cognito too. */
  async logout(request: HttpRequest): Promise<{ readonly status: 'signed-out'; readonly revoked: boolean }> {
    const body = readBody(request, 'logout');
    await this.#assertOwn(request);
    const { sessions, cognito } = this.#parts;
    if (sessions !== undefined) return { status: 'signed-out', ...(await sessions.end(request)) };
    const { refreshToken, accessToken } = body;
    if (refreshToken === undefined) {
      throw new CognitoError('COGNITO_PARAMETER_INVALID', { detail: 'A sign-out needs `refreshToken`.' });
    }
    return { status: 'signed-out', revoked: await isRevoked(cognito.revokeToken({ refreshToken, accessToken })) };
  }

  /** Signs up. */
  async signup(request: HttpRequest): Promise<Accepted> {
    const body = readBody(request, 'signup');
    await this.#assertOwn(request);
    await this.#accounts.signUp(request, body);
    return ACCEPTED;
  }

  /** Confirms a sign-up by its code. */
  async confirmSignup(request: HttpRequest): Promise<{ readonly status: 'confirmed' }> {
    const body = readBody(request, 'confirmSignup');
    await this.#assertOwn(request);
    await this.#accounts.confirmSignUp(request, body);
    return { status: 'confirmed' };
  }

  /** Sends the code of a sign-up again. */
  async resend(request: HttpRequest): Promise<Accepted> {
    const body = readBody(request, 'resend');
    await this.#assertOwn(request);
    await this.#accounts.resend(request, body);
    return ACCEPTED;
  }

  /** Sends a code for a new password. */
  async forgotPassword(request: HttpRequest): Promise<Accepted> {
    const body = readBody(request, 'forgotPassword');
    await this.#assertOwn(request);
    await this.#accounts.forgotPassword(request, body);
    return ACCEPTED;
  }

  /** Sets a new password by its code. */
  async confirmForgotPassword(request: HttpRequest): Promise<{ readonly status: 'changed' }> {
    const body = readBody(request, 'confirmForgotPassword');
    await this.#assertOwn(request);
    await this.#accounts.confirmForgotPassword(request, body);
    return { status: 'changed' };
  }

  /** The CSRF token of a browser. */
  async csrf(request: HttpRequest): Promise<{ readonly csrfToken: string }> {
    const { sessions } = this.#parts;
    // Where no cookie counts nothing has to be proved.
    if (sessions === undefined) throw new NotFoundException();
    return { csrfToken: await sessions.csrfToken(request) };
  }

  /** Who is signed in. */
  me(request: HttpRequest): SignedInUserAnswer {
    return userAnswerOf(request.user as CognitoPrincipal);
  }

  /** A foreign page could sign somebody in as somebody else: every endpoint asks, with a session or without. */
  async #assertOwn(request: HttpRequest): Promise<void> {
    await this.#parts.sessions?.assertCsrf(request);
  }
}

function headerToken(request: HttpRequest): string {
  const sent = sentHeader(request, 'refreshtoken');
  if (typeof sent === 'object') return sent.value;
  throw new CognitoError('COGNITO_TOKEN_MISSING', {
    detail: 'A refresh needs `refreshToken`, or the header REFRESHTOKEN once.',
  });
}

/** A token that is no good any more is as good as revoked; that Cognito is away, the caller has to know. */
async function isRevoked(revoking: Promise<void>): Promise<boolean> {
  try {
    await revoking;
    return true;
  } catch (thrown) {
    if (isCognitoError(thrown) && thrown.status < 429) return false;
    throw thrown;
  }
}

import { z } from 'zod';
import { CognitoError } from '../errors/cognito.error.js';
import type { HttpRequest } from '../request/http-request.js';
import type { CognitoSessionService } from '../session/cognito-session.service.js';
import type { ChallengeAnswer } from '../user-pool/challenge-answers.js';
import type { AnyChallenge, CognitoChallenge } from '../user-pool/challenges.js';
import type { CognitoService } from '../user-pool/cognito.service.js';
import type { SignInInput } from '../user-pool/sign-in-input.js';
import type { SignInResult } from '../user-pool/sign-in-result.js';
import type { CognitoAttemptLimiter } from './attempt-limiter.js';
import type { ResolvedAuthApiOptions } from './auth-api.options.js';
import type { Body } from './bodies.js';
import { detailsOf, type SignInAnswer, tokensAnswerOf, userAnswerOf } from './sign-in-answers.js';
import { asUniformSignIn } from './uniform-answers.js';

/** What the endpoints work with. */
export interface AuthApiParts {
  readonly options: ResolvedAuthApiOptions;
  /** The desk of the pool. */
  readonly cognito: CognitoService;
  readonly limiter: CognitoAttemptLimiter;
  /** undefined where tokens go into the answer. */
  readonly sessions: CognitoSessionService | undefined;
}

/** Begins to set an authenticator app up, in a sign-in that demands a second factor. */
const beginsSetUp = z.strictObject({ setUp: z.literal('SOFTWARE_TOKEN_MFA') });
/** Shows that the app has the secret. */
const finishesSetUp = z.strictObject({ code: z.string().min(1).max(64) });
const namesAddress = z.strictObject({ email: z.string().min(3).max(2048) });

/** Signs in, step by step. */
export class SignInDesk {
  constructor(private readonly parts: AuthApiParts) {}

  /** Opens a sign-in. */
  async login(request: HttpRequest, body: Body<'login'>): Promise<SignInAnswer> {
    const { cognito, limiter, options } = this.parts;
    const input = inputOf(body, options);
    const attempt = { action: 'login', ip: request.ip, account: body.username } as const;
    const proof = { hidesUsers: options.hidesUsers, isPassword: body.password !== undefined };
    const result = await limiter.attempt(
      attempt,
      () => asUniformSignIn(proof, () => cognito.signIn(input)),
      (made) => made.status === 'authenticated' || (proof.isPassword && !isOpen(made.challenge.name)),
    );
    return this.#answer(request, result);
  }

  /** Goes on with a sign-in. */
  async answerChallenge(request: HttpRequest, body: Body<'challenge'>): Promise<SignInAnswer> {
    const { cognito, limiter } = this.parts;
    const challenge = await cognito.openChallenge(body.challenge);
    const attempt = {
      action: 'challenge',
      ip: request.ip,
      account: challenge.username,
      challenge: challenge.session ?? body.challenge,
    } as const;
    return limiter.attempt(
      attempt,
      () => this.#goOn(request, challenge, body.answer),
      (made) => made.status === 'authenticated' || !isOpen(made.name),
    );
  }

  async #goOn(request: HttpRequest, challenge: AnyChallenge, answer: object): Promise<SignInAnswer> {
    if (challenge.name === 'MFA_SETUP') return this.#setUp(request, challenge, answer);
    return this.#respond(request, challenge, answer);
  }

  /** An authenticator app takes two steps: its secret, then a code of it. The session goes from one to the other sealed. */
  async #setUp(request: HttpRequest, challenge: CognitoChallenge<'MFA_SETUP'>, answer: object): Promise<SignInAnswer> {
    const { mfa } = this.parts.cognito;
    if (beginsSetUp.safeParse(answer).success) {
      requireChoice(challenge);
      const { secretCode, otpauthUri, session } = await mfa.associateSoftwareToken({ session: challenge.session });
      return this.#ask({ ...challenge, session }, { secretCode, otpauthUri });
    }
    const finishing = finishesSetUp.safeParse(answer);
    if (finishing.success) {
      const { session } = await mfa.verifySoftwareToken({ session: challenge.session, code: finishing.data.code });
      return this.#respond(request, challenge, { session });
    }
    const { data: address } = namesAddress.safeParse(answer);
    if (address !== undefined) return this.#respond(request, challenge, address);
    throw misfit('The answer to MFA_SETUP is { setUp }, { code } or { email }.');
  }

  async #respond(request: HttpRequest, challenge: AnyChallenge, answer: object): Promise<SignInAnswer> {
    const { cognito, options } = this.parts;
    const { hidesUsers, clientMetadata } = options;
    // What it has to look like, the challenge says; nothing else gets through.
    const fitting = answer as ChallengeAnswer<AnyChallenge['name']>;
    const result = await asUniformSignIn({ hidesUsers, isPassword: true }, () =>
      cognito.respondToChallenge(challenge, fitting, { clientMetadata }),
    );
    return this.#answer(request, result);
  }

  async #answer(request: HttpRequest, result: SignInResult): Promise<SignInAnswer> {
    if (result.status === 'challenge') return this.#ask(result.challenge);
    const { tokens, newDevice } = result;
    const { sessions, options } = this.parts;
    if (sessions === undefined) return tokensAnswerOf(tokens, newDevice?.deviceKey);
    const { principal } = await sessions.start(request, {
      tokens,
      pool: options.pool,
      deviceKey: newDevice?.deviceKey,
    });
    return { status: 'authenticated', user: userAnswerOf(principal) };
  }

  async #ask(challenge: AnyChallenge, more: object = {}): Promise<SignInAnswer> {
    const sealed = await this.parts.cognito.sealChallenge(challenge);
    const details = { ...detailsOf(challenge), ...more };
    return { status: 'challenge', name: challenge.name, challenge: sealed, details };
  }
}

/** The flow is the application's to choose, and so is what goes to the triggers. */
function inputOf(body: Body<'login'>, { flow, clientMetadata }: ResolvedAuthApiOptions): SignInInput {
  const { preferredChallenge, ...account } = body;
  if (preferredChallenge !== undefined && flow !== 'USER_AUTH') {
    throw new CognitoError('COGNITO_PARAMETER_INVALID', {
      detail: '`preferredChallenge` belongs to the flow USER_AUTH.',
    });
  }
  // Whether password and choice go together is checked where the sign-in begins.
  return { ...account, flow, clientMetadata, ...(preferredChallenge && { preferredChallenge }) } as SignInInput;
}

/** Challenges that send a message, and those by which a pool's triggers may say that the answer before was wrong. */
const OPEN: ReadonlySet<AnyChallenge['name']> = new Set(['CUSTOM_CHALLENGE', 'EMAIL_OTP', 'SMS_MFA', 'SMS_OTP']);

/** Whether a challenge does not show that what came before it was right, or costs a message: it counts as an attempt. */
function isOpen(name: AnyChallenge['name']): boolean {
  return OPEN.has(name);
}

function requireChoice({ choices }: CognitoChallenge<'MFA_SETUP'>): void {
  if (!choices.includes('SOFTWARE_TOKEN_MFA')) throw misfit('This pool has no authenticator apps.');
}

function misfit(detail: string): CognitoError {
  return new CognitoError('COGNITO_CHALLENGE_ANSWER_INVALID', { detail });
}

import { Logger } from '@nestjs/common';
import { CognitoError } from '../errors/cognito.error.js';
import type { HttpRequest } from '../request/http-request.js';
import { OWN_ATTRIBUTES } from '../user-pool/attribute-mapping.js';
import type { Attempt, AttemptedAction } from './attempt-limiter.js';
import type { Body } from './bodies.js';
import type { AuthApiParts } from './sign-in-desk.js';
import { asUniformCode, asUniformRequest, asUniformSignUp } from './uniform-answers.js';

/** Signs up and recovers, without a word about who has an account. */
export class AccountDesk {
  readonly #logger = new Logger(AccountDesk.name);

  /** Names of attributes that a visitor may write at sign-up, as Cognito calls them. */
  readonly #writable: ReadonlySet<string>;

  constructor(private readonly parts: AuthApiParts) {
    const { cognito, options } = parts;
    this.#writable = new Set(options.signUpAttributes?.map((name) => cognito.attributeNameOf(name)) ?? OWN_ATTRIBUTES);
  }

  /** SignUp; a name that is taken comes to the same as one that is free. */
  async signUp(request: HttpRequest, body: Body<'signup'>): Promise<void> {
    const { cognito, limiter, options } = this.parts;
    const names = Object.keys(body.attributes ?? {}).map((name) => cognito.attributeNameOf(name));
    if (!names.every((name) => this.#writable.has(name))) {
      throw new CognitoError('COGNITO_ATTRIBUTE_REFUSED', { detail: 'An attribute is not among `signUpAttributes`.' });
    }
    const { clientMetadata } = options;
    await limiter.attempt(attemptOf('signup', request, body), () =>
      asUniformSignUp(() => cognito.signUp({ ...body, clientMetadata }), this.#tell),
    );
  }

  /** ConfirmSignUp. */
  async confirmSignUp(request: HttpRequest, body: Body<'confirmSignup'>): Promise<void> {
    const { cognito, limiter, options } = this.parts;
    const { forceAliasCreation, clientMetadata } = options;
    await limiter.attempt(attemptOf('confirm', request, body), () =>
      asUniformCode(() => cognito.confirmSignUp({ ...body, forceAliasCreation, clientMetadata })),
    );
  }

  /** ResendConfirmationCode. */
  async resend(request: HttpRequest, { username }: Body<'resend'>): Promise<void> {
    const { cognito, limiter, options } = this.parts;
    const { clientMetadata } = options;
    await limiter.attempt(attemptOf('code', request, { username }), () =>
      asUniformRequest(() => cognito.resendConfirmationCode({ username, clientMetadata }), this.#tell),
    );
  }

  /** ForgotPassword. */
  async forgotPassword(request: HttpRequest, { username }: Body<'forgotPassword'>): Promise<void> {
    const { cognito, limiter, options } = this.parts;
    const { clientMetadata } = options;
    await limiter.attempt(attemptOf('code', request, { username }), () =>
      asUniformRequest(() => cognito.forgotPassword({ username, clientMetadata }), this.#tell),
    );
  }

  /** ConfirmForgotPassword. */
  async confirmForgotPassword(request: HttpRequest, body: Body<'confirmForgotPassword'>): Promise<void> {
    const { cognito, limiter, options } = this.parts;
    const { clientMetadata } = options;
    await limiter.attempt(attemptOf('confirm', request, body), () =>
      asUniformCode(() => cognito.confirmForgotPassword({ ...body, clientMetadata })),
    );
  }

  /** What the caller does not hear is in the log, without the name that was typed. */
  readonly #tell = (error: CognitoError): void => {
    this.#logger.warn(`${error.code}: ${error.message}`);
  };
}

function attemptOf(action: AttemptedAction, { ip }: HttpRequest, { username }: { readonly username: string }): Attempt {
  return { action, ip, account: username };
}

import { Body, Post, Req } from '@nestjs/common';
import { CognitoService, isCognitoError } from 'nest-cognito';
import { CognitoAttemptLimiter } from 'nest-cognito/auth-api';
import type { HttpRequest } from 'nest-cognito/session';
import type { Answer } from '../frame/answer.js';
import { textField } from '../frame/form.js';
import { PublicPageController } from '../frame/page.controller.js';
import { returnPath } from './return-path.js';
import { SignInSteps } from './sign-in-steps.js';

/** What was wrong with an answer, and not with the sign-in: the same question may be answered once more. */
const MENDABLE = [
  'COGNITO_CODE_MISMATCH',
  'COGNITO_CODE_EXPIRED',
  'COGNITO_PASSWORD_POLICY',
  'COGNITO_PASSWORD_REUSED',
  'COGNITO_PARAMETER_INVALID',
  'COGNITO_CHALLENGE_ANSWER_INVALID',
] as const;

/** The steps between a password and a session: a new password, a code. */
@PublicPageController('sign-in/step')
export class SignInStepController {
  constructor(
    private readonly cognito: CognitoService,
    private readonly steps: SignInSteps,
    private readonly attempts: CognitoAttemptLimiter,
  ) {}

  @Post()
  async answer(@Req() request: HttpRequest, @Body() body: unknown): Promise<Answer> {
    const challenge = await this.cognito.openChallenge(textField(body, 'challenge') ?? '');
    const wanted = returnPath(textField(body, 'return'));
    const { username: account, session } = challenge;
    const attempt = { action: 'challenge', ip: request.ip, account, challenge: session } as const;
    try {
      const result = await this.attempts.attempt(attempt, () => this.steps.answer(challenge, body));
      return await this.steps.proceed(request, result, wanted);
    } catch (thrown) {
      if (!isCognitoError(thrown, ...MENDABLE)) throw thrown;
      return this.steps.ask(challenge, wanted, thrown);
    }
  }
}

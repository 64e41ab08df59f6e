import { Body, Controller, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Request, Response } from 'express';
import { type AnyChallenge, CognitoService, isCognitoError } from 'nest-cognito';
import { ErrorPages } from './error-pages.filter.js';
import { textField } from './form.js';
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
@UseFilters(ErrorPages)
@Controller('sign-in/step')
export class SignInStepController {
  constructor(
    private readonly cognito: CognitoService,
    private readonly steps: SignInSteps,
  ) {}

  @Post()
  async answer(@Req() request: Request, @Res() response: Response, @Body() body: unknown): Promise<void> {
    const challenge = await this.cognito.openChallenge(textField(body, 'challenge') ?? '');
    try {
      await this.steps.proceed(request, response, await this.steps.answer(challenge, body));
    } catch (thrown) {
      await this.#askAgain(request, response, challenge, thrown);
    }
  }

  async #askAgain(request: Request, response: Response, challenge: AnyChallenge, thrown: unknown): Promise<void> {
    if (!isCognitoError(thrown, ...MENDABLE)) throw thrown;
    await this.steps.ask(request, response, challenge, thrown);
  }
}

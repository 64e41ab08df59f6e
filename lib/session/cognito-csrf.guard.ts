import { type CanActivate, type ExecutionContext, Injectable, Logger } from '@nestjs/common';
import { credentialSourceOf } from '../access/admission.js';
import { RequestForgeryCheck } from '../access/request-forgery-check.js';
import { requestOf } from '../access/supported-request.js';
import { isCognitoError } from '../errors/cognito.error.js';
import { errorFormOf } from '../errors/error-forms.js';
import { toHttpException } from '../errors/http-exception.js';

/**
 * Lets requests that change something pass only if they carry the CSRF token of their browser and come from a page of the
 * application's own: for forms that need no sign-in, the login form for instance. Where a request is let in by a cookie,
 * `CognitoAuthGuard` asks for the same without this guard.
 *
 * ```ts
 * @Public()
 * @UseGuards(CognitoCsrfGuard)
 * @Post('sign-in')
 * ```
 *
 * Throws 403 with `COGNITO_CSRF_REFUSED`. A request that a guard before this one let in by a bearer token passes: no foreign page
 * can add one.
 */
@Injectable()
export class CognitoCsrfGuard implements CanActivate {
  readonly #logger = new Logger(CognitoCsrfGuard.name);

  /** Nest builds it. */
  constructor(private readonly forgery: RequestForgeryCheck) {}

  /** Nest asks this before the handler runs. */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = requestOf(context);
    const source = credentialSourceOf(request);
    if (source === 'bearer' || source === 'header') return true;
    try {
      await this.forgery.assertOwn(request);
      return true;
    } catch (thrown) {
      if (!isCognitoError(thrown)) throw thrown;
      this.#logger.debug(`${thrown.code}: ${thrown.message}`);
      throw (errorFormOf(context.getType<string>()) ?? toHttpException)(thrown);
    }
  }
}

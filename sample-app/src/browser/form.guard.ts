import { type CanActivate, type ExecutionContext, ForbiddenException, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { FORM_TOKEN, textField } from '../pages/form.js';
import { BrowserSessions } from './browser-sessions.js';
import { isFromOwnPage } from './own-address.js';

const READING = new Set(['GET', 'HEAD']);

/**
 * Keeps other sites from sending forms in a visitor's name. It stands before every route: whatever changes something has to
 * come from a page of this application, with the token of the very browser.
 */
@Injectable()
export class FormGuard implements CanActivate {
  constructor(private readonly sessions: BrowserSessions) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    if (READING.has(request.method)) return true;
    if (!isFromOwnPage(request)) throw refusal('FORM_ORIGIN_REFUSED', 'This form was sent from another site.');
    if (!this.sessions.isFormToken(request, textField(request.body, FORM_TOKEN))) {
      throw refusal('FORM_TOKEN_REFUSED', 'This form is no longer valid. Go back, reload the page and try again.');
    }
    return true;
  }
}

function refusal(code: string, message: string): ForbiddenException {
  return new ForbiddenException({ statusCode: 403, error: 'Forbidden', code, message });
}

import { applyDecorators, Controller, UseFilters, UseGuards, UseInterceptors } from '@nestjs/common';
import { Public } from 'nest-cognito';
import { CognitoCsrfGuard } from 'nest-cognito/session';
import { ErrorPages } from './error-pages.filter.js';
import { PageAnswers } from './page-answers.interceptor.js';

/** A controller whose methods return pages, for those who are signed in. */
export function PageController(path = ''): ClassDecorator {
  return applyDecorators(Controller(path), UseInterceptors(PageAnswers), UseFilters(ErrorPages));
}

/** A controller whose methods return pages for everybody; its forms still have to come from this application. */
export function PublicPageController(path = ''): ClassDecorator {
  return applyDecorators(PageController(path), Public(), UseGuards(CognitoCsrfGuard));
}

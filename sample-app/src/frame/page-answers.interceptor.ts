import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { HttpRequest } from 'nest-cognito/session';
import { mergeMap, type Observable } from 'rxjs';
import { type Answer, SeeOther } from './answer.js';
import { Frame } from './frame.js';

/** Sends what the controllers of pages return, on Express and on Fastify alike. */
@Injectable()
export class PageAnswers implements NestInterceptor<Answer, string> {
  constructor(
    private readonly frame: Frame,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler<Answer>): Observable<string> {
    const http = context.switchToHttp();
    return next.handle().pipe(mergeMap((answer) => this.#bodyOf(answer, http.getRequest(), http.getResponse())));
  }

  async #bodyOf(answer: Answer, request: HttpRequest, response: object): Promise<string> {
    const { httpAdapter } = this.adapterHost;
    if (answer instanceof SeeOther) {
      httpAdapter.status(response, 303);
      httpAdapter.setHeader(response, 'Location', answer.location);
      return '';
    }
    const document = await this.frame.around(answer, request);
    httpAdapter.status(response, answer.status ?? 200);
    httpAdapter.setHeader(response, 'Content-Type', 'text/html; charset=utf-8');
    return document;
  }
}

import { Controller, Get } from '@nestjs/common';
import { ApiExcludeController, type OpenAPIObject } from '@nestjs/swagger';
import { Public } from 'nest-cognito';
import type { Answer } from '../frame/answer.js';
import { type Html, html } from '../frame/html.js';
import { PublicPageController } from '../frame/page.controller.js';
import { ApiDocument } from './api-document.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** The JSON API for people: a page without any script, which Swagger UI could not be under this content security policy. */
@ApiExcludeController()
@PublicPageController('api/docs')
export class DocsController {
  constructor(private readonly api: ApiDocument) {}

  @Get()
  show(): Answer {
    const { info, paths } = this.api.document;
    return {
      title: 'API',
      body: () =>
        html`<h1>API</h1>
          <p class="lead">${info.description}</p>
          <p><a href="/api/openapi.json">The OpenAPI document</a></p>
          ${Object.entries(paths).map(([path, operations]) => html`${operationsOf(path, operations)}`)}`,
    };
  }
}

/** The JSON API for programs. */
@ApiExcludeController()
@Controller('api/openapi.json')
export class OpenApiController {
  constructor(private readonly api: ApiDocument) {}

  @Public()
  @Get()
  show(): OpenAPIObject {
    return this.api.document;
  }
}

function operationsOf(path: string, operations: OpenAPIObject['paths'][string]): Html[] {
  return METHODS.flatMap((method) => {
    const operation = operations[method];
    if (operation === undefined) return [];
    return html`<section class="card">
      <h2><span class="code">${method.toUpperCase()} ${path}</span></h2>
      <p>${operation.summary}</p>
    </section>`;
  });
}

import type { Type } from '@nestjs/common';
import { z } from 'zod';
import type { AuthApiRoutes } from './auth-api.routes.js';
import { bodies, type BodyName } from './bodies.js';

type Swagger = typeof import('@nestjs/swagger');
type Schema = NonNullable<NonNullable<Parameters<Swagger['ApiResponse']>[0] & { schema?: object }>['schema']>;

interface RouteDescription {
  readonly summary: string;
  readonly body?: BodyName;
  readonly status: number;
  readonly answer: string;
  readonly refusals: readonly number[];
}

const routes: Readonly<Record<Exclude<keyof AuthApiRoutes, symbol>, RouteDescription>> = {
  login: {
    summary: 'Signs in',
    body: 'login',
    status: 200,
    answer: 'Signed in, or a challenge that has to be answered first',
    refusals: [400, 401, 403, 415, 429, 503],
  },
  challenge: {
    summary: 'Answers a challenge',
    body: 'challenge',
    status: 200,
    answer: 'Signed in, or the challenge that comes next',
    refusals: [400, 401, 403, 415, 429, 503],
  },
  refresh: {
    summary: 'Renews a sign-in',
    body: 'refresh',
    status: 200,
    answer: 'Renewed',
    refusals: [401, 403, 415, 429, 503],
  },
  logout: {
    summary: 'Signs out',
    body: 'logout',
    status: 200,
    answer: 'Signed out, and whether Cognito has revoked the tokens',
    refusals: [403, 415, 503],
  },
  signup: {
    summary: 'Signs up',
    body: 'signup',
    status: 202,
    answer: 'Accepted, whether the name was free or not',
    refusals: [400, 403, 415, 429, 503],
  },
  confirmSignup: {
    summary: 'Confirms a sign-up by its code',
    body: 'confirmSignup',
    status: 200,
    answer: 'Confirmed',
    refusals: [400, 403, 415, 429, 503],
  },
  resend: {
    summary: 'Sends the code of a sign-up again',
    body: 'resend',
    status: 202,
    answer: 'Accepted, whether there is an account or not',
    refusals: [400, 403, 415, 429, 503],
  },
  forgotPassword: {
    summary: 'Sends a code for a new password',
    body: 'forgotPassword',
    status: 202,
    answer: 'Accepted, whether there is an account or not',
    refusals: [400, 403, 415, 429, 503],
  },
  confirmForgotPassword: {
    summary: 'Sets a new password by its code',
    body: 'confirmForgotPassword',
    status: 200,
    answer: 'Changed',
    refusals: [400, 403, 415, 429, 503],
  },
  csrf: {
    summary: 'The CSRF token of this browser, for the header x-csrf-token',
    status: 200,
    answer: 'The token',
    refusals: [404, 503],
  },
  me: { summary: 'Who is signed in', status: 200, answer: 'The user', refusals: [401, 403, 503] },
};

/**
 * Describes the endpoints for @nestjs/swagger, where the application has it.
 *
 * @returns whether it has
 */
export async function describeForSwagger(controller: Type<AuthApiRoutes>): Promise<boolean> {
  const swagger = await findSwagger();
  if (swagger === undefined) return false;
  swagger.ApiTags('auth')(controller);
  for (const [name, route] of Object.entries(routes)) describeRoute(swagger, controller, name, route);
  return true;
}

async function findSwagger(): Promise<Swagger | undefined> {
  try {
    return await import('@nestjs/swagger');
  } catch (thrown) {
    // It is not installed; whatever else is wrong with it, the application has to hear.
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw thrown;
  }
}

function describeRoute(swagger: Swagger, controller: Type<AuthApiRoutes>, name: string, route: RouteDescription): void {
  const prototype = controller.prototype as object;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name) as TypedPropertyDescriptor<unknown>;
  const { ApiBody, ApiOperation, ApiResponse } = swagger;
  const decorators = [
    ApiOperation({ summary: route.summary }),
    ApiResponse({ status: route.status, description: route.answer }),
    ...route.refusals.map((status) => ApiResponse({ status, description: refusalTexts[status] ?? '' })),
    ...(route.body === undefined ? [] : [ApiBody({ schema: schemaOf(route.body) })]),
  ];
  for (const decorate of decorators) decorate(prototype, name, descriptor);
}

const refusalTexts: Readonly<Record<number, string>> = {
  400: 'A value is missing or not acceptable',
  401: 'Nobody is proved',
  403: 'Not allowed, or no proof that the request comes from a page of this application',
  404: 'Not where tokens go into the answer',
  415: 'The body is not JSON',
  429: 'Too many attempts; see Retry-After',
  503: 'Cannot be said or done at the moment',
};

function schemaOf(body: BodyName): Schema {
  const { $schema: _version, ...schema } = z.toJSONSchema(bodies[body], { target: 'openapi-3.0' });
  return schema;
}

import type { CognitoRequest } from './cognito-request.js';

/** What Express and Fastify both say of an HTTP request. */
export interface HttpRequest extends CognitoRequest {
  readonly method?: string | undefined;
  /** `http` or `https`, as far as the framework knows: behind a proxy only with its setting for trusted proxies. */
  readonly protocol?: string | undefined;
  /** The caller's address, by the framework's setting for trusted proxies. */
  readonly ip?: string | undefined;
  /** The body as the framework parsed it. */
  readonly body?: unknown;
}

/** Methods that change nothing (RFC 9110 section 9.2.1). */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Whether a request may change something; so does one whose method nobody knows. */
export function mayChangeSomething({ method }: HttpRequest): boolean {
  return method === undefined || !SAFE_METHODS.has(method);
}

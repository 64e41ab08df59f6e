import { z } from 'zod';
import { CognitoError } from '../errors/cognito.error.js';
import type { HttpRequest } from '../request/http-request.js';

// Bounds are Cognito's own, or wider: it has the last word.
const username = z.string().min(1).max(128);
const password = z.string().min(1).max(256);
const code = z.string().min(1).max(2048);
const token = z.string().min(1).max(8192);
const attributes = z.record(z.string().max(64), z.union([z.string().max(2048), z.number(), z.boolean()]));

/** What the endpoints take; other members are refused. */
export const bodies = {
  login: z.strictObject({
    username,
    /** Left out where the flow asks without one (CUSTOM_AUTH, USER_AUTH). */
    password: password.optional(),
    /** With USER_AUTH: what the user would like to be asked for. */
    preferredChallenge: z.enum(['PASSWORD', 'PASSWORD_SRP', 'EMAIL_OTP', 'SMS_OTP', 'WEB_AUTHN']).optional(),
  }),
  challenge: z.strictObject({
    /** As it came with the answer before. */
    challenge: z.string().min(1).max(32_768),
    answer: z.record(z.string().max(64), z.unknown()),
  }),
  refresh: z.strictObject({ refreshToken: token.optional(), deviceKey: z.string().max(128).optional() }),
  logout: z.strictObject({ refreshToken: token.optional(), accessToken: token.optional() }),
  signup: z.strictObject({ username, password: password.optional(), attributes: attributes.optional() }),
  confirmSignup: z.strictObject({ username, code }),
  resend: z.strictObject({ username }),
  forgotPassword: z.strictObject({ username }),
  confirmForgotPassword: z.strictObject({ username, code, newPassword: password }),
};

/** The name of a body. */
export type BodyName = keyof typeof bodies;

/** A body as it was checked. */
export type Body<Name extends BodyName> = z.infer<(typeof bodies)[Name]>;

/**
 * Reads the body of a request.
 *
 * @throws {@link CognitoError} `COGNITO_MEDIA_TYPE_UNSUPPORTED` (415) for what is not JSON, which a form on any page can send;
 * `COGNITO_PARAMETER_INVALID` (400) for what does not fit
 */
export function readBody<Name extends BodyName>(request: HttpRequest, name: Name): Body<Name> {
  const read = bodies[name].safeParse(isEmpty(request) ? {} : jsonOf(request));
  if (read.success) return read.data as Body<Name>;
  // Names alone: a value may be a password.
  const wrong = read.error.issues.map((issue) => issue.path.join('.') || issue.code).join(', ');
  throw new CognitoError('COGNITO_PARAMETER_INVALID', { detail: `The body does not fit: ${wrong}.` });
}

function isEmpty({ headers }: HttpRequest): boolean {
  const hasType = headers['content-type'] !== undefined;
  return !hasType && (headers['content-length'] ?? '0') === '0' && headers['transfer-encoding'] === undefined;
}

function jsonOf({ headers, body }: HttpRequest): unknown {
  if (/^application\/json\s*(?:;|$)/i.test(String(headers['content-type']))) return body;
  throw new CognitoError('COGNITO_MEDIA_TYPE_UNSUPPORTED');
}

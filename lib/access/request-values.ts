import { createParamDecorator, type ExecutionContext, type PipeTransform, type Type } from '@nestjs/common';
import { admissionOf } from './admission.js';
import { type CognitoPrincipal, credentialOf, type RequestTokens } from './principal.js';
import { requestOf } from './supported-request.js';

/** What `createParamDecorator` returns, written out: its own type differs between the versions of Nest. */
export type RequestValueDecorator = (...pipes: (Type<PipeTransform> | PipeTransform)[]) => ParameterDecorator;

/** A {@link RequestValueDecorator} that may be told a claim. */
export interface CognitoUserDecorator extends RequestValueDecorator {
  (claim: string, ...pipes: (Type<PipeTransform> | PipeTransform)[]): ParameterDecorator;
}

/**
 * The principal of the request, as its token tells; undefined on a public or anonymous route. With the name of a claim,
 * `@CognitoUser('email')`, that claim alone; undefined where the token has none of this name.
 *
 * Import {@link CognitoPrincipal} with `import type`.
 */
export const CognitoUser: CognitoUserDecorator = createParamDecorator(
  (claim: string | undefined, context: ExecutionContext): unknown => {
    const principal = requestOf(context).user as CognitoPrincipal | undefined;
    if (claim === undefined || principal === undefined) return principal;
    return Object.hasOwn(principal.claims, claim) ? principal.claims[claim] : undefined;
  },
);

/** The application's own row for the user, when `userSync` is configured; undefined for machines and anonymous requests. */
export const LocalUser: RequestValueDecorator = createParamDecorator(
  (_: unknown, context: ExecutionContext): object | undefined => admissionOf(requestOf(context))?.localUser,
);

/**
 * The tokens that the request carried and that were found good, as {@link RequestTokens}, to call Cognito or another
 * service with; undefined on a public or anonymous route. They are in no log of this package; keep them out of yours.
 */
export const CognitoTokens: RequestValueDecorator = createParamDecorator(
  (_: unknown, context: ExecutionContext): RequestTokens | undefined => {
    const admission = admissionOf(requestOf(context));
    return admission === undefined ? undefined : credentialOf(admission.principal)?.tokens;
  },
);

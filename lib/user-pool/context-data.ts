import type { AdminInitiateAuthRequest, InitiateAuthRequest } from '@aws-sdk/client-cognito-identity-provider';
import { isIP } from 'node:net';
import { CognitoError } from '../errors/cognito.error.js';
import type { AdminUserContext, UserContext } from './user-context.js';

/** UserContextData of InitiateAuth and RespondToAuthChallenge. */
export type UserContextData = NonNullable<InitiateAuthRequest['UserContextData']>;

/** ContextData of AdminInitiateAuth and AdminRespondToAuthChallenge. */
export type ContextData = NonNullable<AdminInitiateAuthRequest['ContextData']>;

/** What a browser says about itself; everything else may be a secret of the application. */
const DESCRIPTIVE_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'host',
  'origin',
  'sec-ch-ua',
  'sec-ch-ua-mobile',
  'sec-ch-ua-platform',
  'user-agent',
]);

/**
 * The context of a call with the client's own authority.
 *
 * @throws {@link CognitoError} `COGNITO_PARAMETER_INVALID` for an address that is none
 */
export function toUserContextData(context: UserContext | undefined): UserContextData | undefined {
  if (context === undefined) return undefined;
  return { IpAddress: addressIn(context), EncodedData: context.encodedData };
}

/**
 * The context of a call that is signed.
 *
 * @throws {@link CognitoError} `COGNITO_PARAMETER_INVALID` for an address that is none, and when a part of it is missing
 */
export function toContextData(context: UserContext | undefined): ContextData | undefined {
  if (context === undefined) return undefined;
  if (!isAdminContext(context)) {
    throw unusable('An admin sign-in needs ipAddress, serverName, serverPath and httpHeaders in userContext.');
  }
  return {
    IpAddress: addressIn(context),
    ServerName: context.serverName,
    ServerPath: context.serverPath,
    HttpHeaders: headersIn(context),
    EncodedData: context.encodedData,
  };
}

function isAdminContext(context: UserContext): context is AdminUserContext {
  const { ipAddress, serverName, serverPath, httpHeaders } = context as Partial<AdminUserContext>;
  return [ipAddress, serverName, serverPath, httpHeaders].every((part) => part !== undefined);
}

function addressIn({ ipAddress }: UserContext): string | undefined {
  if (ipAddress === undefined || isIP(ipAddress) !== 0) return ipAddress;
  throw unusable('userContext.ipAddress is no IP address: give request.ip, and not a header.');
}

function headersIn({ httpHeaders }: AdminUserContext): { headerName: string; headerValue: string }[] {
  return Object.entries(httpHeaders).flatMap(([name, value]) =>
    value === undefined || !DESCRIPTIVE_HEADERS.has(name.toLowerCase())
      ? []
      : [{ headerName: name, headerValue: typeof value === 'string' ? value : value.join(', ') }],
  );
}

function unusable(detail: string): CognitoError {
  return new CognitoError('COGNITO_PARAMETER_INVALID', { detail });
}

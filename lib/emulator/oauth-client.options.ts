import { z } from 'zod';
import type { EmulatorClientSettings, EmulatorResourceServer } from './emulator-seed.js';
import { OAUTH_FLOWS, type OAuthSettings } from './state/app-clients.js';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
// Addresses that a browser would run or show instead of going anywhere.
const NO_PLACES = new Set(['javascript:', 'data:', 'vbscript:', 'blob:', 'file:', 'about:']);
// What a header line can carry, without a fragment.
const PLAIN = /^[\x21\x22\x24-\x7e]+$/;
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

const registeredUrl = z
  .string()
  .max(1024)
  .refine(isRegistrable, 'must be a whole address without fragment: https, http on this machine, or a custom scheme');
const registeredUrls = z.union([z.literal('loopback'), z.array(registeredUrl).max(100)]);

/** The shape of what an app client may set for the pages and the OAuth endpoints. */
export const oauthSettingsShape = {
  callbackUrls: registeredUrls.optional(),
  logoutUrls: registeredUrls.optional(),
  defaultRedirectUri: registeredUrl.optional(),
  allowedOAuthFlows: z.array(z.enum(OAUTH_FLOWS)).max(OAUTH_FLOWS.length).optional(),
  allowedOAuthScopes: z.array(z.string().max(256).regex(SCOPE)).max(50).optional(),
};

/** The shape of a resource server. */
export const resourceServerSchema: z.ZodType<EmulatorResourceServer> = z.strictObject({
  identifier: z.string().max(256).regex(SCOPE),
  scopes: z
    .array(
      z
        .string()
        .max(256)
        .regex(SCOPE)
        .refine((scope) => !scope.includes('/'), 'must not contain /'),
    )
    .max(100),
});

/** The shape of an origin that may read answers. */
export const corsOrigin = z
  .string()
  .refine(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'must be an origin, such as https://example.com',
  );

/** A client that nobody has told where to send a browser. */
export const OAUTH_DEFAULTS: OAuthSettings = {
  callbackUrls: [],
  logoutUrls: [],
  defaultRedirectUri: undefined,
  flows: ['code'],
  scopes: undefined,
};

/** @param fallback where a client takes what it leaves out */
export function resolveOAuth(client: Partial<EmulatorClientSettings>, fallback: OAuthSettings): OAuthSettings {
  // A default address belongs to the list that it is one of.
  const inheritedDefault = client.callbackUrls === undefined ? fallback.defaultRedirectUri : undefined;
  return {
    callbackUrls: client.callbackUrls ?? fallback.callbackUrls,
    logoutUrls: client.logoutUrls ?? fallback.logoutUrls,
    defaultRedirectUri: client.defaultRedirectUri ?? inheritedDefault,
    flows: client.allowedOAuthFlows ?? fallback.flows,
    scopes: client.allowedOAuthScopes ?? fallback.scopes,
  };
}

function isRegistrable(text: string): boolean {
  if (!URL.canParse(text) || !PLAIN.test(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'http:' ? LOOPBACK.has(hostname) : !NO_PLACES.has(protocol);
}

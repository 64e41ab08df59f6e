import { decode } from './return-address.js';

/** Token of {@link OAuthRoutes}. */
export const OAUTH_ROUTES = Symbol.for('nest-cognito:oauth-routes');

/** Where the routes are, without the global prefix and without slashes around. */
export interface OAuthRoutes {
  readonly path: string;
  readonly callbackPath: string;
  /** What a proxy takes off the front of every path; empty for nothing. */
  readonly proxyPath: string;
}

/** Where the routes may be written to be. */
export interface WrittenRoutes {
  readonly path?: string | undefined;
  readonly callbackPath?: string | undefined;
  readonly proxyPath?: string | undefined;
}

/** Fills in the defaults. */
export function routesOf({ path = 'oauth', callbackPath, proxyPath = '' }: WrittenRoutes): OAuthRoutes {
  const below = trimmed(path);
  return { path: below, callbackPath: trimmed(callbackPath ?? `${below}/callback`), proxyPath: trimmed(proxyPath) };
}

interface ExpressLike {
  readonly router: {
    readonly stack: readonly {
      readonly route?: { readonly path: unknown; readonly methods: { readonly get?: boolean } };
    }[];
  };
}

interface FastifyLike {
  hasRoute(route: { readonly url: string; readonly method: string }): boolean;
}

/**
 * Looks whether Cognito sends browsers to where the callback is. The application's own router is asked, so that global prefix,
 * versions and `RouterModule` count as they do for a request.
 *
 * @param application the instance behind Nest's HTTP adapter, once its routes are known
 * @returns what is wrong, as the mend of `redirectUri`; undefined for nothing, and for a router that cannot be asked
 */
export function faultOfRedirectUri(redirectUri: string, routes: OAuthRoutes, application: unknown): string | undefined {
  const { pathname } = new URL(redirectUri);
  const outside = routes.proxyPath === '' ? '' : `/${routes.proxyPath}`;
  const inside = pathname.slice(outside.length);
  const isOurs = pathname.startsWith(`${outside}/`) && inside.endsWith(`/${routes.callbackPath}`);
  if (isOurs && hasRoute(application, inside) !== false) return undefined;
  return `its path is not the mounted callback, which is "${routes.callbackPath}" below the global prefix: change one of the two`;
}

/**
 * Looks whether a browser that has come back would be sent to a route that sends it off again. Cognito remembers who signed in and
 * asks nobody, so that it would go round for ever.
 *
 * @param target where a sign-in ends, absolute
 * @param redirectUri one that {@link faultOfRedirectUri} has nothing against
 * @returns what is wrong, as the mend of an option; undefined for nothing
 */
export function faultOfTarget(target: string, redirectUri: string, routes: OAuthRoutes): string | undefined {
  const callback = new URL(redirectUri);
  const front = callback.pathname.slice(0, -routes.callbackPath.length);
  const login = `${front}${routes.path === '' ? '' : `${routes.path}/`}login`;
  const { origin, pathname } = new URL(target);
  const sendsOff = [callback.pathname, login].some((path) => isSamePath(path, pathname));
  return origin === callback.origin && sendsOff
    ? 'leads to the sign-in or its callback, and round again for ever: name a page of the application'
    : undefined;
}

/** As the most generous of routers sees it: in any case and encoding, with a slash behind it or without. */
function isSamePath(one: string, other: string): boolean {
  const [first, second] = [one, other].map((path) => trimmed(decode(path) ?? path).toLowerCase());
  return first === second;
}

function hasRoute(application: unknown, path: string): boolean | undefined {
  if (isFastify(application)) return application.hasRoute({ url: path, method: 'GET' });
  if (isExpress(application)) {
    return application.router.stack.some(({ route }) => route?.path === path && route.methods.get === true);
  }
  return undefined;
}

function isFastify(application: unknown): application is FastifyLike {
  return typeof application === 'object' && application !== null && 'hasRoute' in application;
}

function isExpress(application: unknown): application is ExpressLike {
  if (typeof application !== 'function' || !('router' in application)) return false;
  return Array.isArray((application.router as { readonly stack?: unknown } | undefined)?.stack);
}

function trimmed(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}

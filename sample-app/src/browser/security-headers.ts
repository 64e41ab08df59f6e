import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/**
 * What every answer says about how it may be used, refusals and errors among them.
 *
 * @param origin of the application: over http a browser must not be told to insist on https
 * @param loginOrigin of Cognito's own pages, to which the form that signs out leads
 */
export function securityHeaders(origin: string, loginOrigin: string | undefined): Middleware {
  const isSecure = origin.startsWith('https:');
  const protect = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      // The pages need no script at all; what is not named here is not loaded.
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        formAction: ["'self'", ...(loginOrigin === undefined ? [] : [loginOrigin])],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: isSecure,
    // Forms are told apart by where they come from, so the origin is sent, and no path.
    referrerPolicy: { policy: 'same-origin' },
  });
  return (request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    protect(request, response, next);
  };
}

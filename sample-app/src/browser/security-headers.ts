import type { NextFunction, Request, Response } from 'express';

const HEADERS = {
  // The pages need no script at all; what is not named here is not loaded.
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/** Set before anything else runs, so that refusals and errors carry them too. */
export function setSecurityHeaders(_: Request, response: Response, next: NextFunction): void {
  response.set(HEADERS);
  next();
}

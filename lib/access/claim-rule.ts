import { CognitoError } from '../errors/cognito.error.js';

/** What a claim may be compared with. */
export type ClaimValue = string | number | boolean;

/** The claims that a token must have: by name the value, or a list of values of which one is enough. */
export type ClaimRule = Readonly<Record<string, ClaimValue | readonly ClaimValue[]>>;

/**
 * Whether claims fulfil a rule; pure. Values are compared as they are: `true` is not `'true'`, and case counts. A claim that
 * is a list (`cognito:groups`, for instance) has to hold the value.
 */
export function claimsHold(rule: ClaimRule, claims: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(rule).every(([claim, wanted]) => {
    const told = listOf(claims[claim]);
    return listOf(wanted).some((value) => told.includes(value));
  });
}

/** Refuses a rule that asks for nothing, or for something that no claim can be. */
export function checkedClaimRule(rule: ClaimRule): ClaimRule {
  const wanted: unknown[] = typeof rule === 'object' && rule !== null ? Object.values(rule) : [];
  const isAsked = (value: unknown) => listOf(value).length > 0 && listOf(value).every(isClaimValue);
  if (wanted.length > 0 && wanted.every(isAsked)) return rule;
  throw new CognitoError('COGNITO_OPTIONS_INVALID', {
    detail: '@RequireClaims has to name claims, each with a text, a number, true or false, or a list of such values.',
  });
}

function isClaimValue(value: unknown): value is ClaimValue {
  return ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

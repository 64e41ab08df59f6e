import { z } from 'zod';
import type { AppClient } from '../state/app-clients.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { groupClaimsOf } from '../tokens/group-claims.js';
import type { ClaimsChange, TokenChange } from '../tokens/token-change.js';
import { API_SCOPE } from '../tokens/token-mint.js';
import { invalidLambdaResponse } from '../wire/wire-error.js';
import { eventAttributes } from './event-attributes.js';
import { runTrigger } from './run-trigger.js';

const texts = z.array(z.string()).nullish();
const suppressed = { claimsToSuppress: texts };
const groupOverrideDetails = z
  .object({ groupsToOverride: texts, iamRolesToOverride: texts, preferredRole: z.string().nullish() })
  .nullish();

const responseSchema = z.object({
  claimsOverrideDetails: z
    .object({
      claimsToAddOrOverride: z.record(z.string(), z.string()).nullish(),
      ...suppressed,
      groupOverrideDetails,
    })
    .nullish(),
  claimsAndScopeOverrideDetails: z
    .object({
      idTokenGeneration: z
        .object({ claimsToAddOrOverride: z.record(z.string(), z.json()).nullish(), ...suppressed })
        .nullish(),
      accessTokenGeneration: z
        .object({
          claimsToAddOrOverride: z.record(z.string(), z.json()).nullish(),
          ...suppressed,
          scopesToAdd: texts,
          scopesToSuppress: texts,
        })
        .nullish(),
      groupOverrideDetails,
    })
    .nullish(),
});

type Response = z.infer<typeof responseSchema>;
type Written = { claimsToAddOrOverride?: object | null | undefined; claimsToSuppress?: string[] | null | undefined };

/** Why tokens are made. */
export interface TokenOccasion {
  readonly source: 'TokenGeneration_Authentication' | 'TokenGeneration_RefreshTokens' | 'TokenGeneration_HostedAuth';
  /** Default: that of a sign-in through the API. */
  readonly scopes?: readonly string[] | undefined;
  readonly clientMetadata?: Readonly<Record<string, string>> | undefined;
}

/**
 * Asks PreTokenGeneration what it changes in the tokens that are about to be made; `undefined` for nothing.
 *
 * @throws WireError `UserLambdaValidationException` when it throws, `InvalidLambdaResponseException` when it answers anything
 * but what the service understands
 */
export async function tokenChangeOf(
  pool: Pool,
  { clientId }: AppClient,
  user: User,
  { source, clientMetadata, scopes = [API_SCOPE] }: TokenOccasion,
): Promise<TokenChange | undefined> {
  const { names, roles, preferredRole } = groupClaimsOf(pool.groups, user.groups);
  const response: unknown = await runTrigger(pool, 'preTokenGeneration', {
    source,
    clientId,
    username: user.username,
    request: {
      userAttributes: eventAttributes(user),
      groupConfiguration: { groupsToOverride: names, iamRolesToOverride: roles, preferredRole },
      scopes,
      clientMetadata,
    },
  });
  if (response === undefined || response === null) return undefined;
  const read = responseSchema.safeParse(response);
  if (!read.success) throw invalidLambdaResponse();
  return changeOf(read.data);
}

// A trigger of the second version speaks of both tokens, one of the first only of the id token and the groups.
function changeOf({ claimsOverrideDetails: first, claimsAndScopeOverrideDetails: second }: Response): TokenChange {
  const { groupsToOverride, iamRolesToOverride, preferredRole } = (second ?? first)?.groupOverrideDetails ?? {};
  return {
    id: claimsChange(second ? second.idTokenGeneration : first),
    access: claimsChange(second?.accessTokenGeneration),
    scopesToAdd: second?.accessTokenGeneration?.scopesToAdd ?? [],
    scopesToSuppress: second?.accessTokenGeneration?.scopesToSuppress ?? [],
    groups: groupsToOverride ?? undefined,
    roles: iamRolesToOverride ?? undefined,
    preferredRole: preferredRole ?? undefined,
  };
}

function claimsChange(written: Written | null | undefined): ClaimsChange {
  return { written: { ...written?.claimsToAddOrOverride }, removed: written?.claimsToSuppress ?? [] };
}

import { z } from 'zod';
import type { AppClient } from '../state/app-clients.js';
import { isPoolAttribute } from '../state/attribute-names.js';
import type { Pool } from '../state/pool.js';
import type { Contact, User } from '../state/users.js';
import { invalidLambdaResponse } from '../wire/wire-error.js';
import { runTrigger } from './run-trigger.js';

/** Who signs up, and what they send along. */
export interface SignUpOccasion {
  readonly client: AppClient;
  readonly validationData: Readonly<Record<string, string>>;
  readonly clientMetadata: Readonly<Record<string, string>>;
}

/** What PreSignUp decided about a new account. */
export interface SignUpDecision {
  /** Whether the account is good without a code. */
  readonly confirms: boolean;
  /** The contacts that need no code. */
  readonly verified: readonly Contact[];
}

const decisionSchema = z
  .object({
    autoConfirmUser: z.boolean().nullish(),
    autoVerifyEmail: z.boolean().nullish(),
    autoVerifyPhone: z.boolean().nullish(),
  })
  .nullish();

/** Asks the PreSignUp trigger about an account that is not in the pool yet; what it throws refuses the sign-up. */
export async function askPreSignUp(
  pool: Pool,
  user: User,
  { client, validationData, clientMetadata }: SignUpOccasion,
): Promise<SignUpDecision> {
  const response: unknown = await runTrigger(pool, 'preSignUp', {
    source: 'PreSignUp_SignUp',
    clientId: client.clientId,
    username: user.username,
    request: { userAttributes: ownAttributes(user), validationData, clientMetadata },
  });
  const decision = decisionSchema.safeParse(response);
  if (!decision.success) throw invalidLambdaResponse();
  const { autoConfirmUser, autoVerifyEmail, autoVerifyPhone } = decision.data ?? {};
  const verified: Contact[] = [];
  if (autoVerifyEmail) verified.push('email');
  if (autoVerifyPhone) verified.push('phone_number');
  const missing = verified.find((contact) => user.attributes[contact] === undefined);
  if (missing !== undefined) throw invalidLambdaResponse(`There is no ${missing} that could be verified.`);
  return { confirms: autoConfirmUser ?? false, verified };
}

// What the pool itself adds is not there yet for the trigger.
function ownAttributes({ attributes }: User): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !isPoolAttribute(name)));
}

import type { Pool } from '../state/pool.js';
import type { EmulatorTriggers, Trigger, TriggerEvent, TriggerRequest } from '../triggers.js';
import { userLambdaValidation } from '../wire/wire-error.js';

/** Whom and what a trigger is called about. */
export interface TriggerOccasion {
  /** For example `PreSignUp_SignUp`; the part before the underscore names the trigger in refusals. */
  readonly source: string;
  readonly clientId: string;
  readonly username: string;
  readonly request: TriggerRequest;
}

type ResponseOf<T> = T extends Trigger<infer Response> | undefined ? Response : never;

/**
 * Calls a trigger, if there is one.
 *
 * @returns its response; `undefined` without a trigger
 * @throws WireError `UserLambdaValidationException` with what the trigger threw, as the service words it
 */
export async function runTrigger<Name extends keyof EmulatorTriggers>(
  pool: Pool,
  name: Name,
  { source, clientId, username, request }: TriggerOccasion,
): Promise<ResponseOf<EmulatorTriggers[Name]> | undefined> {
  const trigger = pool.triggers[name] as Trigger<ResponseOf<EmulatorTriggers[Name]>> | undefined;
  if (!trigger) return undefined;
  const event: TriggerEvent = {
    triggerSource: source,
    userPoolId: pool.settings.userPoolId,
    userName: username,
    callerContext: { clientId },
    request: structuredClone(request),
  };
  try {
    return await trigger(event);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw userLambdaValidation(`${nameOf(source)} failed with error ${said}.`);
  }
}

// All but one source begin with the name of their trigger.
function nameOf(source: string): string {
  const [occasion = ''] = source.split('_', 1);
  return occasion === 'TokenGeneration' ? 'PreTokenGeneration' : occasion;
}

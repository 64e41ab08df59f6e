import type { SdkModule } from './operations.js';

/** The part of a command of the SDK that is reached into. */
export type CommandWithStack = Pick<InstanceType<SdkModule['InitiateAuthCommand']>, 'middlewareStack'>;

/**
 * Lets no further attempt of a command leave once one has failed for good, whatever the retry strategy of the client thinks: the
 * client may be the application's own, and AWS's own strategy takes LimitExceededException for throttling.
 *
 * @param isFinal tells whether a failure is one after which nothing more may be sent
 */
export function endAttemptsAfter(command: CommandWithStack, isFinal: (failure: unknown) => boolean): void {
  let ended: { readonly failure: unknown } | undefined;
  command.middlewareStack.add(
    (next) => async (request) => {
      if (ended !== undefined) throw ended.failure;
      try {
        return await next(request);
      } catch (failure) {
        if (isFinal(failure)) ended = { failure };
        throw failure;
      }
    },
    // Nearer to the wire than the retry strategy, which stands in the same step with a high priority.
    { name: 'endAttempts', step: 'finalizeRequest', priority: 'low' },
  );
}

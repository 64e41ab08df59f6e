import type { SdkModule } from './operations.js';

/** The part of a command of the SDK that is reached into. */
export type CommandWithStack = Pick<InstanceType<SdkModule['InitiateAuthCommand']>, 'middlewareStack'>;

/** Wraps a failure after which nothing more may be sent; no retry strategy finds in it what it would try again. */
class LastAttempt extends Error {
  override readonly name = 'LastAttempt';

  constructor(readonly failure: unknown) {
    super('Nothing more is sent after this failure.');
  }
}

/**
 * Lets no further attempt of a command leave once one has failed for good, whatever the retry strategy of the client thinks: the
 * client may be the application's own, and AWS's own strategy takes LimitExceededException for throttling. Who sends the command
 * finds the failure with {@link failureBehind}.
 *
 * @param isFinal tells whether a failure is one after which nothing more may be sent
 */
export function endAttemptsAfter(command: CommandWithStack, isFinal: (failure: unknown) => boolean): void {
  let last: LastAttempt | undefined;
  command.middlewareStack.add(
    (next) => async (request) => {
      if (last !== undefined) throw last;
      try {
        return await next(request);
      } catch (failure) {
        if (!isFinal(failure)) throw failure;
        last = new LastAttempt(failure);
        throw last;
      }
    },
    // Nearer to the wire than the retry strategy, which stands in the same step with a high priority.
    { name: 'endAttempts', step: 'finalizeRequest', priority: 'low' },
  );
}

/** What went wrong, without the wrapping. */
export function failureBehind(thrown: unknown): unknown {
  return thrown instanceof LastAttempt ? thrown.failure : thrown;
}

/** Every reason why the emulator itself, and not the user pool that it plays, refuses to do something. */
export type EmulatorErrorCode =
  | 'EMULATOR_CLOCK_OUT_OF_RANGE'
  | 'EMULATOR_DATA_INVALID'
  | 'EMULATOR_DATA_MISMATCH'
  | 'EMULATOR_DATA_UNWRITABLE'
  | 'EMULATOR_HOST_UNAVAILABLE'
  | 'EMULATOR_OPTIONS_INVALID'
  | 'EMULATOR_PORT_IN_USE'
  | 'EMULATOR_SEED_INVALID'
  | 'EMULATOR_USER_UNKNOWN';

/** What the emulator throws at the program that starts it; what a client of the pool sees is a {@link WireError}. */
export class EmulatorError extends Error {
  override readonly name = 'EmulatorError';

  /**
   * @param code stable, to be switched on
   * @param message what happened and how to mend it
   */
  constructor(
    readonly code: EmulatorErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The occasion of a message, by the suffix of Cognito's CustomMessage trigger source. */
export type MessagePurpose =
  | 'SignUp'
  | 'ResendCode'
  | 'ForgotPassword'
  | 'AdminCreateUser'
  | 'UpdateUserAttribute'
  | 'VerifyUserAttribute'
  | 'Authentication';

/** A message with a code that the pool would have sent by e-mail or SMS. */
export interface InboxMessage {
  readonly destination: string;
  readonly medium: 'EMAIL' | 'SMS';
  readonly username: string;
  readonly purpose: MessagePurpose;
  /** The code; for `AdminCreateUser` the temporary password. */
  readonly code: string;
  /** The subject line, where a CustomMessage trigger wrote one. */
  readonly subject?: string;
  /** The wording, where a CustomMessage trigger wrote it; the code stands in it. */
  readonly text?: string;
  readonly sentAt: Date;
}

const MOST_MESSAGES = 1000;

/** Where the codes go that a real pool sends out: the last 1000 messages, oldest first. */
export class Inbox {
  private messages: InboxMessage[] = [];

  /** All messages, oldest first. */
  all(): readonly InboxMessage[] {
    return [...this.messages];
  }

  /**
   * The newest message.
   *
   * @param recipient an address (e-mail or phone number) or a user name; without one, the newest of all
   */
  last(recipient?: string): InboxMessage | undefined {
    return this.messages.findLast(
      ({ destination, username }) => recipient === undefined || destination === recipient || username === recipient,
    );
  }

  /** @internal */
  deliver(message: InboxMessage): void {
    this.messages = [...this.messages.slice(1 - MOST_MESSAGES), message];
  }
}

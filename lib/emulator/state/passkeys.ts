/** A passkey of a user: what is left of a registration. */
export interface Passkey {
  /** Base64url. */
  readonly credentialId: string;
  /** The internal user name of its owner. */
  readonly username: string;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  counter: number;
  readonly transports: readonly string[];
  readonly friendlyName: string;
  readonly relyingPartyId: string;
  readonly authenticatorAttachment?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** A registration that waits for the authenticator; it is found by its challenge. */
export interface PasskeyRegistration {
  readonly username: string;
  readonly clientId: string;
}

/** The passkeys of the pool. */
export class Passkeys {
  private readonly byId = new Map<string, Passkey>();

  add(passkey: Passkey): void {
    this.byId.set(passkey.credentialId, passkey);
  }

  /** Those of every user. */
  all(): Passkey[] {
    return [...this.byId.values()];
  }

  find(credentialId: string): Passkey | undefined {
    return this.byId.get(credentialId);
  }

  of(username: string): Passkey[] {
    return [...this.byId.values()].filter((passkey) => passkey.username === username);
  }

  remove(credentialId: string): void {
    this.byId.delete(credentialId);
  }
}

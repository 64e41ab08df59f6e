/** How an authenticator app shows an account. */
export interface OtpauthLabel {
  /** The application, as its users know it. */
  readonly issuer: string;
  /** The user, as they know themselves. */
  readonly accountName: string;
}

/**
 * The text of the QR code that an authenticator app scans (Key URI format): codes of six digits, a new one every 30 seconds.
 *
 * @param secretCode base32
 */
export function otpauthUri(secretCode: string, { issuer, accountName }: OtpauthLabel): string {
  // A colon divides the label, wherever it stands.
  const [shownIssuer, shownAccount] = [issuer, accountName].map((text) =>
    encodeURIComponent(text.replaceAll(':', ' ')),
  );
  const settings = `secret=${secretCode}&issuer=${shownIssuer}&algorithm=SHA1&digits=6&period=30`;
  return `otpauth://totp/${shownIssuer}:${shownAccount}?${settings}`;
}

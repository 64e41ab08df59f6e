/** Where a code was sent. */
export interface CodeDelivery {
  /** Masked: `a***@e***`, or stars and the last four digits. */
  readonly destination: string;
  readonly medium: 'EMAIL' | 'SMS';
  /** Cognito's name of the attribute that the code went to, `email` or `phone_number`. */
  readonly attribute: string | undefined;
}

interface CodeDeliveryDetails {
  readonly Destination?: string | undefined;
  readonly DeliveryMedium?: string | undefined;
  readonly AttributeName?: string | undefined;
}

/** Reads CodeDeliveryDetails; undefined when no code was sent. */
export function codeDeliveryOf(details: CodeDeliveryDetails | undefined): CodeDelivery | undefined {
  if (details?.Destination === undefined) return undefined;
  const medium = details.DeliveryMedium === 'SMS' ? 'SMS' : 'EMAIL';
  return { destination: details.Destination, medium, attribute: details.AttributeName };
}

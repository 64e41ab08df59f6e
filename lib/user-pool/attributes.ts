/** Values of user attributes as an application writes them; Cognito itself keeps text only. */
export type AttributeValues = Readonly<Record<string, string | number | boolean | undefined>>;

interface CognitoAttribute {
  Name: string | undefined;
  Value?: string | undefined;
}

/** Turns attributes into Cognito's list; what is undefined is left out. */
export function toCognitoAttributes(values: AttributeValues = {}): { Name: string; Value: string }[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [{ Name: name, Value: String(value) }],
  );
}

/** Turns Cognito's list into an object of texts. */
export function fromCognitoAttributes(list: readonly CognitoAttribute[] = []): Record<string, string> {
  return Object.fromEntries(
    list.flatMap(({ Name, Value }) => (Name === undefined || Value === undefined ? [] : [[Name, Value]])),
  );
}

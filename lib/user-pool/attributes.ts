/** A value of a user attribute as an application has it; Cognito itself keeps text only. */
export type AttributeValue = string | number | boolean;

/** Values of user attributes by name. */
export type AttributeValues = Readonly<Record<string, AttributeValue | undefined>>;

/** An attribute as Cognito lists it. */
export interface CognitoAttribute {
  readonly Name: string | undefined;
  readonly Value?: string | undefined;
}

/** Turns values into Cognito's list, each under its own name; what is undefined is left out. */
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

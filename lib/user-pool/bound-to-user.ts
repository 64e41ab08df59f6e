/** An input that carries the token of the user who asks. */
interface WithToken {
  readonly accessToken: string;
}

/** The variants of an input that carry the token, without it: whose it is, is settled. */
type WithoutToken<Input> = Input extends WithToken
  ? Omit<Input, 'accessToken'> & { readonly accessToken?: never }
  : never;

type BoundMethod<Input, Result> =
  Partial<WithoutToken<Input>> extends WithoutToken<Input>
    ? (input?: WithoutToken<Input>) => Result
    : (input: WithoutToken<Input>) => Result;

/** The methods of a service that a user calls for themselves, without saying each time who they are. */
export type BoundToUser<Service> = {
  readonly [
    Name in keyof Service as Service[Name] extends (input: infer Input) => unknown
      ? [Extract<Input, WithToken>] extends [never]
        ? never
        : Name
      : never
  ]: Service[Name] extends (input: infer Input) => infer Result ? BoundMethod<Input, Result> : never;
};

/** How a method answers: once, or entry by entry over all pages. */
type Answer = 'once' | 'entries';

/**
 * Binds methods of a service to a user.
 *
 * @param methods every method that takes an access token, and how it answers: one that is forgotten does not compile
 * @param accessToken a token with some life left, asked for with each call
 */
export function boundToUser<Service extends object>(
  service: Service,
  methods: Readonly<Record<keyof BoundToUser<Service>, Answer>>,
  accessToken: () => Promise<string>,
): BoundToUser<Service> {
  const call = async (name: string, input: object | undefined): Promise<unknown> => {
    const token = await accessToken();
    const method: unknown = Reflect.get(service, name);
    if (typeof method !== 'function') throw new TypeError(`There is no method ${name}.`);
    return Reflect.apply(method, service, [{ ...input, accessToken: token }]) as unknown;
  };
  const bound = Object.entries<Answer>(methods).map(([name, answer]) => [
    name,
    answer === 'once'
      ? async (input?: object) => call(name, input)
      : async function* (input?: object) {
          yield* (await call(name, input)) as AsyncIterable<unknown>;
        },
  ]);
  // The table of methods is checked against the type above.
  return Object.freeze(Object.fromEntries(bound)) as BoundToUser<Service>;
}

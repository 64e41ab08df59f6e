import { isPoolAttribute, isWritableAttribute } from './attribute-names.js';

/** What an attribute may be, as the pool declares it. */
export interface AttributeDeclaration {
  readonly name: string;
  readonly type: 'String' | 'Number' | 'DateTime' | 'Boolean';
  /** Whether it can be changed once the account is there. */
  readonly mutable: boolean;
  /** Whether an account cannot do without it. */
  readonly required: boolean;
}

const NUMBER = /^[+-]?\d+(\.\d+)?$/;
const BOOLEAN = /^(true|false)$/i;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * The declaration of an attribute; `undefined` for one that the pool does not know.
 *
 * @param schema what the pool declares; without it any `custom:` attribute counts as declared text
 */
export function declarationOf(
  schema: readonly AttributeDeclaration[] | undefined,
  name: string,
): AttributeDeclaration | undefined {
  const declared = schema?.find((attribute) => attribute.name === name);
  const isCustom = name.startsWith('custom:');
  if (isCustom && schema) return declared;
  if (!isWritableAttribute(name) && !isPoolAttribute(name)) return undefined;
  const { mutable = true, required = false } = declared ?? {};
  return { name, type: standardType(name), mutable, required };
}

/** What is wrong with a value of a declared attribute, in the words of the service; `undefined` when it is right. */
export function valueProblem({ name, type }: AttributeDeclaration, value: string): string | undefined {
  if (name === 'birthdate' && value.length !== 10) return 'Attribute value is not 10 characters';
  return isOfType(type, value) ? undefined : `Attribute value is not of type ${type}`;
}

// `updated_at` is the one standard attribute that is no text; the flags are written by the pool and by administrators.
function standardType(name: string): AttributeDeclaration['type'] {
  if (name === 'updated_at') return 'Number';
  return name.endsWith('_verified') ? 'Boolean' : 'String';
}

function isOfType(type: AttributeDeclaration['type'], value: string): boolean {
  if (type === 'Number') return NUMBER.test(value);
  if (type === 'Boolean') return BOOLEAN.test(value);
  if (type === 'DateTime') return DATE_TIME.test(value) && !Number.isNaN(Date.parse(value));
  return true;
}

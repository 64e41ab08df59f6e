import { describe, expect, it } from 'vitest';
import { resolveCognitoOptions } from '../../../lib/cognito.options.js';
import { AttributeMapper, type AttributeMapping } from '../../../lib/user-pool/attribute-mapping.js';

const mapping = Object.freeze<AttributeMapping>({
  given_name: 'firstName',
  phone_number_verified: 'isPhoneVerified',
  'custom:age': { property: 'age', type: 'number' },
  'custom:member': { property: 'isMember', type: 'boolean' },
});
const mapper = new AttributeMapper(mapping);
const list = (attributes: Record<string, string>) =>
  Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));

describe('an attribute mapper', () => {
  it('takes values there and back, with their types', () => {
    const values = { firstName: 'Ada', isPhoneVerified: true, age: 36.5, isMember: false, email: 'ada@example.com' };
    const attributes = mapper.toCognito(values);
    expect(attributes).toEqual(
      list({
        given_name: 'Ada',
        phone_number_verified: 'true',
        'custom:age': '36.5',
        'custom:member': 'false',
        email: 'ada@example.com',
      }),
    );
    expect(mapper.fromCognito(attributes)).toEqual(values);
  });

  it('knows without a mapping which attributes are flags, and leaves the rest as text', () => {
    const plain = new AttributeMapper();
    const attributes = list({
      email_verified: 'True',
      phone_number_verified: 'false',
      'custom:member': 'true',
      name: '1',
    });
    expect(plain.fromCognito(attributes)).toEqual({
      email_verified: true,
      phone_number_verified: false,
      'custom:member': 'true',
      name: '1',
    });
    const asText = new AttributeMapper({ email_verified: { property: 'email_verified', type: 'string' } });
    expect(asText.fromCognito(attributes)['email_verified']).toBe('True');
  });

  it('takes names of Cognito’s own as well, but not one attribute twice', () => {
    expect(mapper.toCognito({ given_name: 'Ada' })).toEqual(list({ given_name: 'Ada' }));
    expect(() => mapper.toCognito({ given_name: 'Ada', firstName: 'Ada' })).toThrow(
      expect.objectContaining({ code: 'COGNITO_PARAMETER_INVALID' }),
    );
  });

  it('leaves out what is undefined, keeps what is empty, and changes neither side', () => {
    const values = Object.freeze({ firstName: undefined, nickname: '' });
    expect(mapper.toCognito(values)).toEqual(list({ nickname: '' }));
    expect(mapper.toCognito()).toEqual([]);
    const attributes = Object.freeze(list({ given_name: 'Ada' }).map((attribute) => Object.freeze(attribute)));
    expect(mapper.fromCognito(attributes)).toEqual({ firstName: 'Ada' });
    expect(mapper.fromCognito()).toEqual({});
  });

  it('writes nothing that could not be read back: a text has to be of the declared type, or empty', () => {
    const typed = new AttributeMapper({
      'custom:age': { property: 'age', type: 'number' },
      'custom:newsletter': { property: 'newsletter', type: 'boolean' },
    });
    const written = typed.toCognito({ age: '31', newsletter: 'TRUE' });
    expect(typed.fromCognito(written)).toEqual({ age: 31, newsletter: true });
    expect(typed.toCognito({ age: '', newsletter: '' })).toHaveLength(2);
    for (const wrong of [{ age: 'S3cr3t' }, { age: true }, { newsletter: 'S3cr3t' }, { newsletter: 1 }]) {
      expect(() => typed.toCognito(wrong)).toThrow(/^The attribute "custom:(age|newsletter)" is a (number|boolean) by/);
    }
  });

  it('leaves out a text that is not of its type', () => {
    const attributes = list({ 'custom:age': 'old', 'custom:member': 'perhaps', given_name: 'Ada' });
    expect(mapper.fromCognito(attributes)).toEqual({ firstName: 'Ada' });
    expect(mapper.fromCognito(list({ 'custom:age': ' ' }))).toEqual({});
    expect(mapper.fromCognito(list({ 'custom:age': '0' }))).toEqual({ age: 0 });
  });

  it.each([[null], [{}], [['x']], [Number.NaN], [Infinity]])('does not write %j', (value) => {
    expect(() => mapper.toCognito({ age: value as never })).toThrow(
      expect.objectContaining({
        code: 'COGNITO_PARAMETER_INVALID',
        message: expect.stringContaining('custom:age') as string,
      }),
    );
  });

  it('reads a list that anybody may have written to', () => {
    const values = mapper.fromCognito(
      list(JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>),
    );
    expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
    expect(Object.keys(values)).toEqual(['__proto__', 'constructor']);
  });
});

describe('a mapping', () => {
  const pool = { userPoolId: 'eu-west-1_AbCdEfGhI', clientId: '1example23456789' };

  it.each<[string, AttributeMapping, RegExp]>([
    ['has two attributes under one property', { given_name: 'name', name: 'name' }, /shares the property "name"/],
    [
      'takes the name of an attribute that it leaves alone',
      { given_name: 'email' },
      /takes the name of another attribute/,
    ],
    ['takes the name of a custom one', { given_name: 'custom:name' }, /takes the name of another attribute/],
    ['is the wrong way round', { firstName: 'given_name' }, /is no attribute of Cognito/],
    ['has no property', { given_name: '' }, /needs the name of a property/],
    ['names the prototype', { given_name: '__proto__' }, /needs the name of a property/],
  ])('that %s is refused when the application starts', (_what, attributeMapping, mend) => {
    const invalid = expect.objectContaining({
      code: 'COGNITO_OPTIONS_INVALID',
      message: expect.stringMatching(mend) as string,
    });
    expect(() => resolveCognitoOptions({ ...pool, attributeMapping })).toThrow(invalid);
    expect(() => new AttributeMapper(attributeMapping)).toThrow(invalid);
  });

  it('of an unknown type is refused, and a good one goes to the desks', () => {
    const unknown = { 'custom:age': { property: 'age', type: 'bigint' } } as unknown as AttributeMapping;
    expect(() => resolveCognitoOptions({ ...pool, attributeMapping: unknown })).toThrow(
      /attributeMapping.custom:age: has to be a name of your own, or .*'boolean'/,
    );
    const { attributes } = resolveCognitoOptions({ ...pool, attributeMapping: mapping });
    expect(attributes.nameOf('age')).toBe('custom:age');
    expect(attributes.nameOf('nickname')).toBe('nickname');
  });

  it('may let two attributes change names', () => {
    const swapped = new AttributeMapper({ given_name: 'family_name', family_name: 'given_name' });
    const attributes = list({ given_name: 'Ada', family_name: 'Lovelace' });
    expect(swapped.fromCognito(attributes)).toEqual({ family_name: 'Ada', given_name: 'Lovelace' });
    expect(swapped.toCognito(swapped.fromCognito(attributes))).toEqual(attributes);
  });
});

import { describe, expect, it } from 'vitest';
import {
  type AttributeDeclaration,
  declarationOf,
  valueProblem,
} from '../../../lib/emulator/state/attribute-schema.js';

const declared: AttributeDeclaration = { name: 'custom:a', type: 'String', mutable: false, required: false };

describe('the declaration of an attribute', () => {
  it('is that of the schema; where there is a schema, nothing else is custom', () => {
    expect(declarationOf([declared], 'custom:a')).toEqual(declared);
    expect(declarationOf([declared], 'custom:b')).toBeUndefined();
    expect(declarationOf(undefined, 'custom:b')).toEqual({
      name: 'custom:b',
      type: 'String',
      mutable: true,
      required: false,
    });
  });

  it('of a standard attribute has the standard type, and the schema’s demands', () => {
    const demanding = [{ name: 'updated_at', type: 'String', mutable: false, required: true } as const];
    expect(declarationOf(demanding, 'updated_at')).toEqual({ ...demanding[0], type: 'Number' });
    expect(declarationOf(demanding, 'name')).toEqual({ name: 'name', type: 'String', mutable: true, required: false });
    expect(declarationOf(undefined, 'email_verified')?.type).toBe('Boolean');
  });

  it.each(['shoe_size', 'custom:', `custom:${'a'.repeat(21)}`, '__proto__', 'constructor', ''])(
    '%j has none',
    (name) => {
      expect(declarationOf(undefined, name)).toBeUndefined();
    },
  );
});

describe('a value', () => {
  const problemOf = (type: AttributeDeclaration['type'], value: string) => valueProblem({ ...declared, type }, value);

  it.each([
    ['String', ['', 'anything', '12']],
    ['Number', ['0', '-12', '+3', '40.5']],
    ['Boolean', ['true', 'false', 'True']],
    ['DateTime', ['2026-02-28', '2026-02-28T12:00:00Z', '2026-02-28T12:00:00.123+02:00']],
  ] as const)('of the type %s is good', (type, values) => {
    for (const value of values) expect(problemOf(type, value)).toBeUndefined();
  });

  it.each([
    ['Number', ['', ' 1', '1e5', 'NaN', '0x10', '1.', '.5', '١']],
    ['Boolean', ['', 'yes', '1', 'true ']],
    ['DateTime', ['', 'today', '28.2.2026', '2026-13-01', '2026-02-28T25:00:00Z']],
  ] as const)('is not of the type %s', (type, values) => {
    for (const value of values) expect(problemOf(type, value)).toBe(`Attribute value is not of type ${type}`);
  });

  it('of a date of birth has ten characters', () => {
    const birthdate: AttributeDeclaration = { ...declared, name: 'birthdate' };
    expect(valueProblem(birthdate, '2000-01-01')).toBeUndefined();
    expect(valueProblem(birthdate, '2000-1-1')).toBe('Attribute value is not 10 characters');
  });
});

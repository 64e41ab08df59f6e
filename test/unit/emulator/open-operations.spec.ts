import * as sdk from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, describe, expect, it } from 'vitest';
import { isOpenOperation } from '../../../lib/emulator/wire/open-operations.js';

const client = new sdk.CognitoIdentityProviderClient({ region: 'local' });
const operations = Object.keys(sdk).flatMap((name) => /^(\w+)Command$/.exec(name)?.[1] ?? []);

afterAll(() => client.destroy());

describe('the operations that need no AWS signature', () => {
  it('are those that the SDK does not sign', () => {
    const unsigned = operations.filter((operation) => {
      const schemes = client.config.httpAuthSchemeProvider({ operation, region: 'local' });
      return schemes.every(({ schemeId }) => schemeId === 'smithy.api#noAuth');
    });
    expect(operations.filter((operation) => isOpenOperation(`AWSCognitoIdentityProviderService.${operation}`))).toEqual(
      unsigned,
    );
    expect(unsigned.length).toBeGreaterThan(30);
    expect(unsigned.length).toBeLessThan(operations.length / 2);
  });

  it('do not include what nobody knows', () => {
    expect(isOpenOperation('AWSCognitoIdentityProviderService.Whatever')).toBe(false);
    expect(isOpenOperation('constructor')).toBe(false);
  });
});

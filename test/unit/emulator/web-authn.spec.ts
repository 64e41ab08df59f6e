import { describe, expect, it } from 'vitest';
import { loadWebAuthn } from '../../../lib/emulator/operations/web-authn.js';

const failing = (code: string) => async (): Promise<never> => {
  throw Object.assign(new Error('Cannot find package'), { code });
};

describe('the package that judges passkeys', () => {
  it('is loaded when it is there', async () => {
    const { verifyRegistrationResponse } = await loadWebAuthn();
    expect(verifyRegistrationResponse).toBeTypeOf('function');
  });

  it('is named to whoever has not installed it', async () => {
    await expect(loadWebAuthn(failing('ERR_MODULE_NOT_FOUND'))).rejects.toMatchObject({
      code: 'EMULATOR_OPTIONS_INVALID',
      message: expect.stringContaining('npm install --save-dev @simplewebauthn/server') as string,
    });
  });

  it('is not called missing when it is broken', async () => {
    await expect(loadWebAuthn(failing('ERR_SOMETHING_ELSE'))).rejects.toMatchObject({ code: 'ERR_SOMETHING_ELSE' });
  });
});

import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { resolvePool } from '../../../lib/options/resolved-pool.js';
import { CognitoTokenVerifier } from '../../../lib/tokens/token-verifier.service.js';
import { resolveTokensOptions } from '../../../lib/tokens/tokens.options.js';
import { encode, makeKey } from './token-factory.js';

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

it('refuses 100,000 tokens of as many made-up issuers and key ids, and keeps nothing of them', async () => {
  const jwks = { keys: { keys: [makeKey().jwk] } };
  const pool = resolvePool('default', { userPoolId: 'eu-west-1_AbCdEfGhI', clientId: 'client', jwks });
  const verifier = new CognitoTokenVerifier([pool], resolveTokensOptions({}));
  const refuse = async (): Promise<string> => {
    const header = encode({ kid: randomUUID(), alg: 'RS256' });
    const token = `${header}.${encode({ iss: `https://${randomUUID()}.example.com`, exp: 9_999_999_999 })}.c2ln`;
    return verifier.verify(token).then(
      () => 'passed',
      (error: { code: string }) => error.code,
    );
  };
  for (let i = 0; i < 5_000; i += 1) await refuse();
  const before = heapUsed();
  const codes = new Set<string>();
  for (let i = 0; i < 100_000; i += 1) codes.add(await refuse());
  expect([...codes]).toEqual(['COGNITO_TOKEN_WRONG_ISSUER']);
  expect(heapUsed() - before).toBeLessThan(2 * 1024 * 1024);
});

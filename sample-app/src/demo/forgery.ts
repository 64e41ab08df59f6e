import { generateKeyPairSync, sign } from 'node:crypto';

/** The token with more groups in its payload, and the signature that it had. */
export function alteredToken(token: string, groups: readonly string[]): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  return [header, withGroups(payload, groups), signature].join('.');
}

/** The token with more groups in its payload, signed anew with a key that the pool has never seen. */
export function resignedToken(token: string, groups: readonly string[]): string {
  const [header = '', payload = ''] = token.split('.');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const signed = `${header}.${withGroups(payload, groups)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
}

function withGroups(payload: string, groups: readonly string[]): string {
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  return Buffer.from(JSON.stringify({ ...claims, 'cognito:groups': groups })).toString('base64url');
}

import type { OperationOutput } from '../user-pool/operations.js';
import type { UserPoolClient } from '../user-pool/user-pool-client.js';
import type { Finding } from './doctor-finding.js';

type AppClient = NonNullable<OperationOutput<'DescribeUserPoolClient'>['UserPoolClient']>;

/** Whether the app client permits what this package does (DescribeUserPoolClient), where the credentials let it be seen. */
export async function checkAppClient(client: UserPoolClient): Promise<Finding[]> {
  const { userPoolId, clientId, clientSecret } = client.pool;
  try {
    const answer = await client.send('DescribeUserPoolClient', { UserPoolId: userPoolId, ClientId: clientId });
    const described = answer.UserPoolClient ?? {};
    return [
      secretOf(described, clientSecret),
      signInOf(described),
      existenceOf(described),
      refreshOf(described),
      revocationOf(described),
    ];
  } catch (thrown) {
    // Every error of the client has a code of this package.
    if (!(thrown instanceof Error) || !('code' in thrown)) throw thrown;
    return [unseen(String(thrown.code))];
  }
}

function unseen(code: string): Finding {
  const about = 'app client';
  if (code === 'COGNITO_CLIENT_MISCONFIGURED') {
    return { verdict: 'fail', about, told: `not in this pool (${code})`, mend: 'check userPoolId and clientId' };
  }
  const mend = 'give AWS credentials with cognito-idp:DescribeUserPoolClient to have it looked at';
  return { verdict: 'warn', about, told: `not seen (${code})`, mend };
}

function secretOf({ ClientSecret }: AppClient, own: string | undefined): Finding {
  const about = 'client secret';
  if (ClientSecret === own)
    return { verdict: 'ok', about, told: own === undefined ? 'none, and none needed' : 'right' };
  if (ClientSecret === undefined)
    return { verdict: 'fail', about, told: 'the app client has none', mend: 'leave it out' };
  const told = own === undefined ? 'the app client has one' : 'not that of the app client';
  return { verdict: 'fail', about, told, mend: 'set clientSecret (COGNITO_CLIENT_SECRET)' };
}

function signInOf({ ExplicitAuthFlows: flows = [] }: AppClient): Finding {
  const about = 'sign-in';
  if (flows.includes('ALLOW_USER_SRP_AUTH')) return { verdict: 'ok', about, told: 'SRP is permitted' };
  const mend = 'add ALLOW_USER_SRP_AUTH to the flows of the app client, or sign in by another flow';
  return { verdict: 'fail', about, told: 'SRP, the default of signIn, is not permitted', mend };
}

function existenceOf({ PreventUserExistenceErrors: setting }: AppClient): Finding {
  const about = 'unknown users';
  if (setting === 'ENABLED') return { verdict: 'ok', about, told: 'answered like wrong passwords' };
  const mend = 'set PreventUserExistenceErrors to ENABLED';
  return { verdict: 'warn', about, told: 'Cognito tells who has an account', mend };
}

function refreshOf({ RefreshTokenRotation: rotation, ExplicitAuthFlows: flows = [] }: AppClient): Finding {
  const about = 'refresh';
  if (rotation?.Feature !== 'ENABLED') return { verdict: 'ok', about, told: 'refresh tokens do not rotate' };
  if (flows.includes('ALLOW_REFRESH_TOKEN_AUTH')) {
    const told = 'refresh tokens rotate, and ALLOW_REFRESH_TOKEN_AUTH gives tokens without rotation';
    return { verdict: 'fail', about, told, mend: 'take ALLOW_REFRESH_TOKEN_AUTH from the flows of the app client' };
  }
  const grace = rotation.RetryGracePeriodSeconds ?? 0;
  if (grace >= 10) return { verdict: 'ok', about, told: `refresh tokens rotate, with ${grace} s of grace` };
  const told = `refresh tokens rotate, with ${grace} s of grace`;
  return { verdict: 'warn', about, told, mend: 'give 10 s or more, so that a lost answer does not sign a user out' };
}

function revocationOf({ EnableTokenRevocation }: AppClient): Finding {
  const about = 'revocation';
  if (EnableTokenRevocation !== false) return { verdict: 'ok', about, told: 'sign-ins can be revoked' };
  const mend = 'set EnableTokenRevocation: without it a sign-out cannot end one sign-in';
  return { verdict: 'warn', about, told: 'sign-ins cannot be revoked', mend };
}

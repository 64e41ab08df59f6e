import { PasswordProof } from './.parts/srp/password-proof.js';

/** Signs a user in by password. @param {{ endpoint: string, clientId: string }} pool */
export async function signIn(pool, username, password) {
  const AuthParameters = { USERNAME: username, PASSWORD: password };
  assertSignedIn(await call(pool, 'InitiateAuth', { AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters }));
}

/** Signs a user in by SRP. @param {{ endpoint: string, clientId: string, userPoolId: string }} pool */
export async function signInBySrp(pool, username, password) {
  const proof = PasswordProof.begin();
  const AuthParameters = { USERNAME: username, SRP_A: proof.srpA };
  const asked = await call(pool, 'InitiateAuth', { AuthFlow: 'USER_SRP_AUTH', AuthParameters });
  const { ChallengeName, Session, ChallengeParameters: sent } = asked;
  const identity = { scope: pool.userPoolId.split('_')[1], name: sent.USER_ID_FOR_SRP };
  const { signature, timestamp } = proof.claim(identity, password, {
    srpB: sent.SRP_B,
    salt: sent.SALT,
    secretBlock: sent.SECRET_BLOCK,
  });
  const ChallengeResponses = {
    USERNAME: sent.USER_ID_FOR_SRP,
    PASSWORD_CLAIM_SECRET_BLOCK: sent.SECRET_BLOCK,
    PASSWORD_CLAIM_SIGNATURE: signature,
    TIMESTAMP: timestamp,
  };
  assertSignedIn(await call(pool, 'RespondToAuthChallenge', { ChallengeName, Session, ChallengeResponses }));
}

/** One operation of the user pool API. @returns {Promise<any>} */
export async function call({ endpoint, clientId }, operation, input) {
  const answer = await fetch(`${endpoint}/`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
      authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/local/cognito-idp/aws4_request',
    },
    body: JSON.stringify({ ...(clientId !== undefined && { ClientId: clientId }), ...input }),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`${operation}: ${answer.status} ${body.__type}`);
  return body;
}

function assertSignedIn(answer) {
  if (typeof answer.AuthenticationResult?.AccessToken !== 'string') throw new Error('Nobody was signed in.');
}

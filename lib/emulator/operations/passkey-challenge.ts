import { randomBytes } from 'node:crypto';
import type { ChallengeMemory } from '../state/challenges.js';
import type { Passkey } from '../state/passkeys.js';
import type { Pool } from '../state/pool.js';
import type { User } from '../state/users.js';
import { notAuthorized } from '../wire/wire-error.js';
import { type Answers, type ChallengeAnswer, required } from './challenge-answer.js';
import { knownDevice } from './known-device.js';
import { isAllowedOrigin } from './passkey-origins.js';
import { credentialDescriptors, userHandleOf } from './passkeys.js';
import { sessionOf } from './sessions.js';
import { afterPasswordless } from './sign-in-result.js';
import { type Assertion, judgeAssertion, readAssertion, readClientData } from './web-authn.js';

const CHALLENGE_BYTES = 32;
const PROMPT_MILLISECONDS = 60_000;

/** Who judges the assertion of a passkey. */
export const passkeyAnswers = {
  WEB_AUTHN: answerPasskey,
} satisfies Answers;

/** How WEB_AUTHN is put: what is kept, and what the client is told. */
export interface PasskeyChallenge {
  readonly memory: ChallengeMemory['WEB_AUTHN'];
  readonly parameters: { readonly CREDENTIAL_REQUEST_OPTIONS: string };
}

/** WEB_AUTHN asks for one of the user's passkeys in place of a password; `undefined` for a user who has none. */
export function passkeyChallenge(pool: Pool, user: User): PasskeyChallenge | undefined {
  const allowCredentials = credentialDescriptors(pool, user);
  if (allowCredentials.length === 0) return undefined;
  const challenge = randomBytes(CHALLENGE_BYTES).toString('base64url');
  const { relyingPartyId, userVerification } = pool.settings.webAuthn;
  const options = {
    challenge,
    timeout: PROMPT_MILLISECONDS,
    rpId: relyingPartyId,
    allowCredentials,
    userVerification,
  };
  return { memory: { challenge }, parameters: { CREDENTIAL_REQUEST_OPTIONS: JSON.stringify(options) } };
}

async function answerPasskey(answer: ChallengeAnswer): Promise<object> {
  const { pool, client, responses } = answer;
  const { user, attempt, memory } = sessionOf(answer, 'WEB_AUTHN');
  const assertion = readAssertion(required(responses, 'CREDENTIAL'));
  const { origin } = readClientData(assertion);
  if (user) knownDevice(pool, user, attempt);
  // A challenge is good for one answer, right or wrong.
  pool.sessions.spend(answer.session ?? '');
  const passkey = user && passkeyOf(pool, user, assertion);
  if (!passkey || !isAllowedOrigin(pool, origin)) throw notAuthorized();
  const expected = { ...pool.settings.webAuthn, challenge: memory.challenge, origin };
  const counter = await judgeAssertion(expected, assertion, passkey);
  if (counter === undefined) throw notAuthorized();
  passkey.counter = counter;
  return afterPasswordless(pool, client, user, attempt);
}

function passkeyOf(pool: Pool, user: User, { id, userHandle }: Assertion): Passkey | undefined {
  if (userHandle !== undefined && userHandle !== userHandleOf(user)) return undefined;
  const passkey = pool.passkeys.find(id);
  return passkey?.username === user.username ? passkey : undefined;
}

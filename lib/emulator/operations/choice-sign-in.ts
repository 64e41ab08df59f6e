import type { AppClient } from '../state/app-clients.js';
import type { PendingChallenge, SignInAttempt } from '../state/challenges.js';
import type { Pool } from '../state/pool.js';
import { invalidParameter, notAuthorized } from '../wire/wire-error.js';
import { requireSecretHash } from './app-client.js';
import { continueAutomatically } from './auto-sign-in.js';
import { type ChallengeAnswer, required, type Texts } from './challenge-answer.js';
import { claimantOf } from './claimant.js';
import { FIRST_CHALLENGES, type FirstChallenge, firstFactorsOf } from './first-factors.js';
import { offerOneTimePassword } from './one-time-password.js';
import { passkeyChallenge } from './passkey-challenge.js';
import { checkPassword } from './password-check.js';
import { offerPasswordProof } from './password-proof.js';
import { parsePublicValue } from './public-value.js';
import { sessionOf } from './sessions.js';
import { afterPassword } from './sign-in-result.js';
import { putChallenge, type PutChallenge, type SignInStep } from './sign-in-step.js';
import { preAuthenticate } from './sign-in-triggers.js';

type ChoiceChallenge = 'SELECT_CHALLENGE' | 'PASSWORD' | 'PASSWORD_SRP';

/**
 * USER_AUTH: the first factor that the client prefers, if the user has it, or else a choice of those they have.
 *
 * @param session of ConfirmSignUp, where the client has one
 */
export async function startChoiceSignIn(
  pool: Pool,
  client: AppClient,
  parameters: Texts,
  begun: SignInAttempt,
  session: string | undefined,
): Promise<object> {
  const typedName = required(parameters, 'USERNAME');
  requireSecretHash(client, typedName, parameters.get('SECRET_HASH'));
  const preferred = preferredChallenge(parameters);
  requireUsableProof(parameters);
  const step = { pool, client, claimant: claimantOf(pool, client, typedName), attempt: { ...begun, typedName } };
  if (session !== undefined) return continueAutomatically(step, session);
  const choices = firstFactorsOf(pool, step.claimant);
  if (!preferred || !choices.includes(preferred)) return offerChoice(step, choices);
  return beginWith(step, preferred, parameters);
}

/** SELECT_CHALLENGE: the choice, which a password or the client's half of its proof may come with. */
export async function answerSelectChallenge(answer: ChallengeAnswer): Promise<object> {
  const { responses } = answer;
  const { step, memory } = waitingStep(answer, 'SELECT_CHALLENGE');
  const chosen = required(responses, 'ANSWER');
  const choice = FIRST_CHALLENGES.find((name) => name === chosen && memory.choices.includes(name));
  if (!choice) throw invalidParameter('The selected challenge is not available.');
  requireUsableProof(responses);
  answer.pool.sessions.spend(answer.session ?? '');
  return beginWith(step, choice, responses);
}

/** PASSWORD: the password itself. */
export async function answerPassword(answer: ChallengeAnswer): Promise<object> {
  const { step } = waitingStep(answer, 'PASSWORD');
  const password = required(answer.responses, 'PASSWORD');
  answer.pool.sessions.spend(answer.session ?? '');
  return withPassword(step, password);
}

/** PASSWORD_SRP: the client's half of a password proof. */
export async function answerPasswordSrp(answer: ChallengeAnswer): Promise<object> {
  const { step } = waitingStep(answer, 'PASSWORD_SRP');
  const srpA = required(answer.responses, 'SRP_A');
  requireUsableProof(answer.responses);
  answer.pool.sessions.spend(answer.session ?? '');
  return withProof(step, srpA);
}

async function beginWith(step: SignInStep, challenge: FirstChallenge, parameters: Texts): Promise<object> {
  switch (challenge) {
    case 'PASSWORD': {
      const password = parameters.get('PASSWORD');
      return password ? withPassword(step, password) : alone(putChallenge(step, challenge, {}));
    }
    case 'PASSWORD_SRP': {
      const srpA = parameters.get('SRP_A');
      return srpA ? withProof(step, srpA) : alone(putChallenge(step, challenge, {}));
    }
    case 'WEB_AUTHN':
      return offerPasskey(step);
    default:
      return alone(await offerOneTimePassword(step, challenge));
  }
}

async function withPassword({ pool, client, claimant, attempt }: SignInStep, password: string): Promise<object> {
  return afterPassword(pool, client, checkPassword(pool, client, claimant, password), attempt);
}

function withProof({ pool, client, claimant, attempt }: SignInStep, srpA: string): object {
  return offerPasswordProof(pool, client, claimant, srpA, attempt);
}

async function offerPasskey(step: SignInStep): Promise<object> {
  const { pool, client, claimant, attempt } = step;
  const { user } = claimant;
  if (!user) throw notAuthorized();
  await preAuthenticate(pool, client, user, attempt);
  const challenge = passkeyChallenge(pool, user);
  if (!challenge) throw notAuthorized();
  return alone(putChallenge(step, 'WEB_AUTHN', challenge.memory, challenge.parameters));
}

function offerChoice(step: SignInStep, choices: readonly FirstChallenge[]): object {
  if (choices.length === 0) throw notAuthorized();
  return { ...putChallenge(step, 'SELECT_CHALLENGE', { choices }), AvailableChallenges: choices };
}

/** A challenge to which there is no alternative any more. */
function alone(challenge: PutChallenge<FirstChallenge & PendingChallenge>): object {
  return { ...challenge, AvailableChallenges: [challenge.ChallengeName] };
}

function waitingStep<Name extends ChoiceChallenge>(answer: ChallengeAnswer, challengeName: Name) {
  const { pool, client } = answer;
  const { username, user, attempt, memory } = sessionOf(answer, challengeName);
  const step: SignInStep = { pool, client, claimant: { userId: username, user }, attempt };
  return { step, memory };
}

function preferredChallenge(parameters: Texts): FirstChallenge | undefined {
  const preferred = parameters.get('PREFERRED_CHALLENGE');
  if (preferred === undefined) return undefined;
  const known = FIRST_CHALLENGES.find((name) => name === preferred);
  if (!known) throw invalidParameter('Unsupported preferred challenge.');
  return known;
}

// What is malformed is refused before a session is used up for it.
function requireUsableProof(parameters: Texts): void {
  const srpA = parameters.get('SRP_A');
  if (srpA) parsePublicValue(srpA);
}

import { z } from 'zod';
import { CognitoError } from '../errors/cognito.error.js';
import type { AttributeMapper } from './attribute-mapping.js';
import type { AttributeValues } from './attributes.js';
import type { AnyChallenge, ChallengeName, CognitoChallenge, FirstFactorChoice, MfaMethod } from './challenges.js';
import type { RememberedDevice } from './device-secret.js';
import { isChallengeName } from './read-challenge.js';
import { claimResponses, type SecretClaim, SecretProof } from './secret-proof.js';

/** A code that was sent, or that an authenticator app shows. */
export interface CodeAnswer {
  readonly code: string;
}

/** A password that is sent in the clear. */
export interface PasswordAnswer {
  readonly password: string;
}

/** The beginning of a proof that somebody else makes, a browser for instance: SRP_A, hexadecimal. */
export interface PublicValueAnswer {
  readonly srpA: string;
}

/** The first factor that is chosen: a password comes with the choice, everything else is asked for next. */
export type FirstFactorAnswer =
  | { readonly choice: Exclude<FirstFactorChoice, 'PASSWORD' | 'PASSWORD_SRP'> }
  /** PASSWORD sends the password; PASSWORD_SRP proves it, and does not send it. */
  | { readonly choice: 'PASSWORD' | 'PASSWORD_SRP'; readonly password: string }
  | { readonly choice: 'PASSWORD_SRP'; readonly srpA: string };

/** What each challenge is answered with. */
export interface ChallengeAnswers {
  ADMIN_NO_SRP_AUTH: PasswordAnswer;
  CUSTOM_CHALLENGE: { readonly answer: string };
  DEVICE_PASSWORD_VERIFIER: SecretClaim;
  /** With the device's secret the library makes the proof. */
  DEVICE_SRP_AUTH: { readonly device: RememberedDevice } | PublicValueAnswer;
  EMAIL_OTP: CodeAnswer;
  /**
   * The session that `mfa.verifySoftwareToken` gave, when an authenticator app was set up; or the address that codes shall go
   * to, which is asked for a code next.
   */
  MFA_SETUP: { readonly session: string } | { readonly email: string };
  NEW_PASSWORD_REQUIRED: {
    readonly newPassword: string;
    /** The challenge's `requiredAttributes`: every one of them, and no other. */
    readonly attributes?: AttributeValues | undefined;
  };
  PASSWORD: PasswordAnswer;
  /** With the password the library makes the proof, and the password is not sent. */
  PASSWORD_SRP: PasswordAnswer | PublicValueAnswer;
  PASSWORD_VERIFIER: SecretClaim;
  SELECT_CHALLENGE: FirstFactorAnswer;
  SELECT_MFA_TYPE: { readonly choice: MfaMethod };
  SMS_MFA: CodeAnswer;
  SMS_OTP: CodeAnswer;
  SOFTWARE_TOKEN_MFA: CodeAnswer;
  /** `AuthenticationResponseJSON`: what `navigator.credentials.get` came to, `toJSON()`. */
  WEB_AUTHN: { readonly credential: object };
}

/** The answer to a challenge, by the challenge's name. */
export type ChallengeAnswer<Name extends ChallengeName = ChallengeName> = ChallengeAnswers[Name];

/** An answer as it is sent, and what has to be kept for the challenge that follows it. */
export interface PreparedAnswer {
  /** ChallengeResponses without the user's name, the secret hash and the device's key, which go with every answer. */
  readonly responses: Readonly<Record<string, string>>;
  /** In place of the challenge's session, where the answer brings a later one. */
  readonly session?: string;
  /** The proof that answers PASSWORD_VERIFIER. */
  readonly passwordProof?: SecretProof;
  /** The proof that answers DEVICE_PASSWORD_VERIFIER. */
  readonly deviceProof?: SecretProof;
}

/** What answers are made with. */
export interface AnswerTools {
  readonly userPoolId: string;
  readonly attributes: AttributeMapper;
}

/**
 * Turns an answer into what is sent; members that the challenge does not ask for are refused with the rest.
 *
 * @throws {@link CognitoError} `COGNITO_CHALLENGE_ANSWER_INVALID` for an answer that does not fit its challenge,
 * `COGNITO_CHALLENGE_UNSUPPORTED` for a challenge that nobody knows
 */
export function prepareAnswer(challenge: AnyChallenge, answer: unknown, tools: AnswerTools): PreparedAnswer {
  // One that was neither given out nor opened here may have any name.
  if (!isChallengeName(challenge.name)) throw new CognitoError('COGNITO_CHALLENGE_UNSUPPORTED');
  return prepare(challenge, answer, tools);
}

function prepare<Name extends ChallengeName>(
  challenge: CognitoChallenge<Name>,
  answer: unknown,
  tools: AnswerTools,
): PreparedAnswer {
  const form: AnswerForm<Name> = forms[challenge.name];
  const read = form.schema.safeParse(answer);
  if (!read.success) throw misfit(challenge.name, `has to be ${form.looks}`);
  return form.prepare(read.data, challenge, tools);
}

interface AnswerForm<Name extends ChallengeName> {
  /** What the answer looks like, for the log. */
  readonly looks: string;
  readonly schema: z.ZodType<ChallengeAnswers[Name]>;
  readonly prepare: (
    answer: ChallengeAnswers[Name],
    challenge: CognitoChallenge<Name>,
    tools: AnswerTools,
  ) => PreparedAnswer;
}

const text = z.string().min(1).max(2048);
const password = z.string().min(1).max(256);
const publicValue = z.string().regex(/^[0-9a-f]{1,1024}$/i);

const withCode = z.strictObject({ code: text });
const withPassword = z.strictObject({ password });
const withPublicValue = z.strictObject({ srpA: publicValue });
const withClaim = z.strictObject({ signature: text, timestamp: text });

const forms: { readonly [Name in ChallengeName]: AnswerForm<Name> } = {
  ADMIN_NO_SRP_AUTH: { looks: '{ password }', schema: withPassword, prepare: sendPassword },
  CUSTOM_CHALLENGE: {
    looks: '{ answer }',
    // As long as a trigger likes it; Cognito has the last word.
    schema: z.strictObject({ answer: z.string().min(1).max(131_072) }),
    prepare: ({ answer }) => ({ responses: { ANSWER: answer } }),
  },
  DEVICE_PASSWORD_VERIFIER: { looks: '{ signature, timestamp }', schema: withClaim, prepare: sendClaim },
  DEVICE_SRP_AUTH: {
    looks: '{ device } with all three values, or { srpA }',
    schema: z.union([
      z.strictObject({ device: z.strictObject({ deviceKey: text, deviceGroupKey: text, devicePassword: text }) }),
      withPublicValue,
    ]),
    prepare: beginDeviceProof,
  },
  EMAIL_OTP: { looks: '{ code }', schema: withCode, prepare: sendCodeAs('EMAIL_OTP_CODE') },
  MFA_SETUP: {
    looks: '{ session } of the verified software token, or { email }',
    schema: z.union([z.strictObject({ session: text }), z.strictObject({ email: text })]),
    prepare: finishMfaSetup,
  },
  NEW_PASSWORD_REQUIRED: {
    looks: '{ newPassword, attributes? }',
    schema: z.strictObject({
      newPassword: password,
      attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).optional()).optional(),
    }),
    prepare: sendNewPassword,
  },
  PASSWORD: { looks: '{ password }', schema: withPassword, prepare: sendPassword },
  PASSWORD_SRP: {
    looks: '{ password } or { srpA }',
    schema: z.union([withPassword, withPublicValue]),
    prepare: (answer, _challenge, tools) => beginPasswordProof(answer, tools),
  },
  PASSWORD_VERIFIER: { looks: '{ signature, timestamp }', schema: withClaim, prepare: sendClaim },
  SELECT_CHALLENGE: {
    looks: '{ choice }, with { password } or { srpA } where a password is chosen',
    schema: z.union([
      z.strictObject({ choice: z.enum(['EMAIL_OTP', 'SMS_OTP', 'WEB_AUTHN']) }),
      z.strictObject({ choice: z.enum(['PASSWORD', 'PASSWORD_SRP']), password }),
      z.strictObject({ choice: z.literal('PASSWORD_SRP'), srpA: publicValue }),
    ]),
    prepare: chooseFirstFactor,
  },
  SELECT_MFA_TYPE: {
    looks: '{ choice }',
    schema: z.strictObject({ choice: z.enum(['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP']) }),
    prepare: ({ choice }, challenge) => {
      requireChoice(challenge, choice);
      return { responses: { ANSWER: choice } };
    },
  },
  SMS_MFA: { looks: '{ code }', schema: withCode, prepare: sendCodeAs('SMS_MFA_CODE') },
  SMS_OTP: { looks: '{ code }', schema: withCode, prepare: sendCodeAs('SMS_OTP_CODE') },
  SOFTWARE_TOKEN_MFA: { looks: '{ code }', schema: withCode, prepare: sendCodeAs('SOFTWARE_TOKEN_MFA_CODE') },
  WEB_AUTHN: {
    looks: '{ credential } as the browser gave it',
    schema: z.strictObject({ credential: z.looseObject({ id: text, response: z.looseObject({}) }) }),
    prepare: ({ credential }) => ({ responses: { CREDENTIAL: JSON.stringify(credential) } }),
  },
};

function sendCodeAs(name: string): (answer: CodeAnswer) => PreparedAnswer {
  return ({ code }) => ({ responses: { [name]: code } });
}

function sendPassword(answer: PasswordAnswer): PreparedAnswer {
  return { responses: { PASSWORD: answer.password } };
}

function sendClaim(
  claim: SecretClaim,
  challenge: CognitoChallenge<'PASSWORD_VERIFIER' | 'DEVICE_PASSWORD_VERIFIER'>,
): PreparedAnswer {
  return { responses: claimResponses(claim, challenge) };
}

function beginPasswordProof(answer: PasswordAnswer | PublicValueAnswer, { userPoolId }: AnswerTools): PreparedAnswer {
  if ('srpA' in answer) return { responses: { SRP_A: answer.srpA } };
  const passwordProof = SecretProof.ofPassword(answer.password, userPoolId);
  return { responses: { SRP_A: passwordProof.srpA }, passwordProof };
}

/** Answers DEVICE_SRP_AUTH. */
export function beginDeviceProof(
  answer: ChallengeAnswers['DEVICE_SRP_AUTH'],
  { deviceKey }: Pick<CognitoChallenge<'DEVICE_SRP_AUTH'>, 'deviceKey'>,
): PreparedAnswer {
  if ('srpA' in answer) return { responses: { SRP_A: answer.srpA } };
  if (answer.device.deviceKey !== deviceKey) {
    throw misfit('DEVICE_SRP_AUTH', 'has to come from the device that signs in');
  }
  const deviceProof = SecretProof.ofDevice(answer.device);
  return { responses: { SRP_A: deviceProof.srpA }, deviceProof };
}

function chooseFirstFactor(
  answer: FirstFactorAnswer,
  challenge: CognitoChallenge<'SELECT_CHALLENGE'>,
  tools: AnswerTools,
): PreparedAnswer {
  requireChoice(challenge, answer.choice);
  const { responses, ...proof } = withSecretOf(answer, tools);
  return { ...proof, responses: { ANSWER: answer.choice, ...responses } };
}

function withSecretOf(answer: FirstFactorAnswer, tools: AnswerTools): PreparedAnswer {
  if ('srpA' in answer) return beginPasswordProof(answer, tools);
  if (!('password' in answer)) return { responses: {} };
  return answer.choice === 'PASSWORD' ? sendPassword(answer) : beginPasswordProof(answer, tools);
}

function finishMfaSetup(
  answer: ChallengeAnswers['MFA_SETUP'],
  challenge: CognitoChallenge<'MFA_SETUP'>,
): PreparedAnswer {
  if ('session' in answer) {
    requireChoice(challenge, 'SOFTWARE_TOKEN_MFA');
    return { responses: {}, session: answer.session };
  }
  requireChoice(challenge, 'EMAIL_OTP');
  return { responses: { EMAIL: answer.email } };
}

function sendNewPassword(
  { newPassword, attributes = {} }: ChallengeAnswers['NEW_PASSWORD_REQUIRED'],
  challenge: CognitoChallenge<'NEW_PASSWORD_REQUIRED'>,
  tools: AnswerTools,
): PreparedAnswer {
  const asked = new Set(challenge.requiredAttributes.map((name) => tools.attributes.nameOf(name)));
  const given = tools.attributes.toCognito(attributes);
  // Cognito would take any attribute that the client may write; others belong to a call that says what it changes.
  if (given.some(({ Name }) => !asked.has(Name))) {
    throw misfit('NEW_PASSWORD_REQUIRED', 'may set the attributes of requiredAttributes alone');
  }
  if (given.length < asked.size) throw misfit('NEW_PASSWORD_REQUIRED', 'has to set every one of requiredAttributes');
  const written = given.map(({ Name, Value }) => [`userAttributes.${Name}`, Value] as const);
  return { responses: { NEW_PASSWORD: newPassword, ...Object.fromEntries(written) } };
}

function requireChoice(
  { name, choices }: CognitoChallenge<'SELECT_CHALLENGE' | 'SELECT_MFA_TYPE' | 'MFA_SETUP'>,
  choice: string,
): void {
  if (!choices.some((offered) => offered === choice)) throw misfit(name, 'has to be one of the choices');
}

function misfit(name: ChallengeName, problem: string): CognitoError {
  return new CognitoError('COGNITO_CHALLENGE_ANSWER_INVALID', { detail: `The answer to ${name} ${problem}.` });
}

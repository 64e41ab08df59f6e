import type { InitiateAuthRequest } from '@aws-sdk/client-cognito-identity-provider';
import type { ChallengeName } from './challenges.js';
import { secretHashFor } from './secret-hash.js';
import { toContextData, toUserContextData } from './context-data.js';
import type { UserContext } from './user-context.js';
import type { OperationOutput, UserPoolClient } from './user-pool-client.js';

/** What every call of one sign-in has in common. */
export interface SignInCall {
  /** The name that goes along: as it was typed at first, Cognito's own as soon as it is known. */
  readonly username: string;
  /** Whether the call is signed with AWS credentials. */
  readonly admin: boolean;
  readonly deviceKey: string | undefined;
  readonly clientMetadata: Readonly<Record<string, string>> | undefined;
  readonly userContext: UserContext | undefined;
}

/** The first call of a sign-in. */
export interface Opening {
  readonly flow: NonNullable<InitiateAuthRequest['AuthFlow']>;
  /** AuthParameters of the flow, without those that go with every call. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly session?: string | undefined;
}

/** A later call of a sign-in. */
export interface Reply {
  readonly challengeName: ChallengeName;
  readonly session: string | undefined;
  /** ChallengeResponses, without those that go with every call. */
  readonly responses: Readonly<Record<string, string>>;
}

/** What Cognito answers to either. */
export type SignInOutput = OperationOutput<'InitiateAuth'> | OperationOutput<'RespondToAuthChallenge'>;

/** The calls of a sign-in, with the client's own authority or with that of an administrator. */
export class AuthCalls {
  readonly #client: UserPoolClient;

  constructor(client: UserPoolClient) {
    this.#client = client;
  }

  /** InitiateAuth or AdminInitiateAuth. */
  async initiate(call: SignInCall, { flow, parameters, session }: Opening): Promise<SignInOutput> {
    const { clientId, userPoolId } = this.#client.pool;
    const request = {
      AuthFlow: flow,
      ClientId: clientId,
      AuthParameters: { ...parameters, ...this.#identityOf(call) },
      ClientMetadata: call.clientMetadata,
      Session: session,
    };
    if (!call.admin) {
      return this.#client.send('InitiateAuth', { ...request, UserContextData: toUserContextData(call.userContext) });
    }
    return this.#client.send('AdminInitiateAuth', {
      ...request,
      UserPoolId: userPoolId,
      ContextData: toContextData(call.userContext),
    });
  }

  /** RespondToAuthChallenge or AdminRespondToAuthChallenge. */
  async respond(call: SignInCall, { challengeName, session, responses }: Reply): Promise<SignInOutput> {
    const { clientId, userPoolId } = this.#client.pool;
    const request = {
      ChallengeName: challengeName,
      ClientId: clientId,
      Session: session,
      ChallengeResponses: { ...responses, ...this.#identityOf(call) },
      ClientMetadata: call.clientMetadata,
    };
    if (!call.admin) {
      const UserContextData = toUserContextData(call.userContext);
      return this.#client.send('RespondToAuthChallenge', { ...request, UserContextData });
    }
    return this.#client.send('AdminRespondToAuthChallenge', {
      ...request,
      UserPoolId: userPoolId,
      ContextData: toContextData(call.userContext),
    });
  }

  // The hash is made over the very name that is sent beside it.
  #identityOf({ username, deviceKey }: SignInCall): Record<string, string> {
    const hash = secretHashFor(this.#client.pool, username);
    return {
      USERNAME: username,
      ...(hash === undefined ? {} : { SECRET_HASH: hash }),
      ...(deviceKey === undefined ? {} : { DEVICE_KEY: deviceKey }),
    };
  }
}

import {
  AdminInitiateAuthCommand,
  AdminRespondToAuthChallengeCommand,
  type AuthFlowType,
  type CognitoIdentityProviderClient,
  InitiateAuthCommand,
  type InitiateAuthResponse,
  RespondToAuthChallengeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import type { CognitoEmulator } from '../../lib/emulator/index.js';
import { SrpSignIn, timestampOf } from '../unit/emulator/wire-client.js';
import { sdkFor } from './sdk.js';

type Texts = Record<string, string>;

/** What a test changes in a request. */
export interface RequestChanges {
  readonly ClientId?: string;
  readonly ClientMetadata?: Texts;
  readonly Session?: string | undefined;
  readonly UserContextData?: { IpAddress?: string; EncodedData?: string };
}

/** What a test spoils in a password claim. */
export interface ClaimChanges extends RequestChanges {
  readonly timestamp?: string;
  readonly signature?: Buffer;
  readonly secretBlock?: string;
  readonly username?: string;
}

/** Sign-in through the real SDK, step by step. */
export class SdkSignIn {
  readonly sdk: CognitoIdentityProviderClient;
  private readonly clientId: string;

  constructor(
    readonly pool: CognitoEmulator,
    clientId?: string,
  ) {
    this.sdk = sdkFor(pool);
    this.clientId = clientId ?? pool.options.clientId;
  }

  /** The same steps by another app client. */
  by(clientId: string): SdkSignIn {
    return new SdkSignIn(this.pool, clientId);
  }

  async start(AuthFlow: AuthFlowType, AuthParameters: Texts, changes: RequestChanges = {}) {
    return this.sdk.send(new InitiateAuthCommand({ ClientId: this.clientId, AuthFlow, AuthParameters, ...changes }));
  }

  async adminStart(AuthFlow: AuthFlowType, AuthParameters: Texts, changes: object = {}) {
    const { userPoolId: UserPoolId } = this.pool.options;
    const input = { UserPoolId, ClientId: this.clientId, AuthFlow, AuthParameters, ...changes };
    return this.sdk.send(new AdminInitiateAuthCommand(input));
  }

  async password(USERNAME: string, PASSWORD: string, changes: RequestChanges = {}) {
    return this.start('USER_PASSWORD_AUTH', { USERNAME, PASSWORD }, changes);
  }

  /** Answers what a step asked for. */
  async answer(asked: InitiateAuthResponse, responses: Texts, changes: RequestChanges = {}) {
    const { ChallengeName, Session, ChallengeParameters = {} } = asked;
    const USERNAME = ChallengeParameters['USER_ID_FOR_SRP'] ?? ChallengeParameters['USERNAME'] ?? '';
    return this.sdk.send(
      new RespondToAuthChallengeCommand({
        ClientId: this.clientId,
        ChallengeName,
        Session,
        ChallengeResponses: { USERNAME, ...responses },
        ...changes,
      }),
    );
  }

  async adminAnswer({ ChallengeName, Session }: InitiateAuthResponse, responses: Texts, changes: object = {}) {
    return this.sdk.send(
      new AdminRespondToAuthChallengeCommand({
        UserPoolId: this.pool.options.userPoolId,
        ClientId: this.clientId,
        ChallengeName,
        Session,
        ChallengeResponses: responses,
        ...changes,
      }),
    );
  }

  /** A whole SRP sign-in. */
  async srp(username: string, password: string, changes: ClaimChanges = {}) {
    const proof = this.proof(username, password);
    return this.claim(proof, await this.start('USER_SRP_AUTH', { USERNAME: username, SRP_A: proof.srpA }), changes);
  }

  proof(username: string, password: string): SdkProof {
    return new SdkProof(this.pool, username, password);
  }

  /** Answers PASSWORD_VERIFIER. */
  async claim(proof: SdkProof, asked: InitiateAuthResponse, changes: ClaimChanges = {}) {
    const { timestamp, signature, secretBlock, username, ...request } = changes;
    const responses = proof.responses(asked.ChallengeParameters ?? {}, timestamp);
    return this.answer(
      asked,
      {
        ...responses,
        ...(signature && { PASSWORD_CLAIM_SIGNATURE: signature.toString('base64') }),
        ...(secretBlock !== undefined && { PASSWORD_CLAIM_SECRET_BLOCK: secretBlock }),
        ...(username !== undefined && { USERNAME: username }),
      },
      request,
    );
  }
}

/** The client's half of a password proof. */
export class SdkProof {
  private readonly half: SrpSignIn;

  constructor(pool: CognitoEmulator, username: string, password: string) {
    this.half = new SrpSignIn(pool, username, password);
  }

  get srpA(): string {
    return this.half.publicValue.toString(16);
  }

  signature(parameters: Texts, timestamp = timestampOf(Date.now())): Buffer {
    return this.half.signatureOf(parameters, timestamp);
  }

  responses(parameters: Texts, timestamp = timestampOf(Date.now())): Texts {
    return {
      PASSWORD_CLAIM_SECRET_BLOCK: parameters['SECRET_BLOCK'] ?? '',
      PASSWORD_CLAIM_SIGNATURE: this.signature(parameters, timestamp).toString('base64'),
      TIMESTAMP: timestamp,
    };
  }
}

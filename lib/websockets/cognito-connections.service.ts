import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { CognitoAuthenticator } from '../access/authenticator.service.js';
import { type ConnectionOptions, LongConnection } from '../access/long-connection.js';
import { CognitoError } from '../errors/cognito.error.js';
import { ConnectionRequest, type Handshake, noteConnection } from '../request/connection-request.js';

/** A handshake that was let in, and does not have its client yet. */
export interface OpenedConnection {
  readonly request: ConnectionRequest;
  readonly connection: LongConnection;
}

/** The authenticated connections of an application's gateways. */
@Injectable()
export class CognitoConnections {
  readonly #connections = new WeakMap<object, LongConnection>();

  /** @internal Built by Nest. */
  constructor(@Inject(ModuleRef) private readonly modules: ModuleRef) {}

  /**
   * Goes on with a newer token of the same user, before the present one expires. Call it in a message handler of your own.
   *
   * @param client the client as Nest hands it to the handler
   * @param token the new token; read as if it came in an `Authorization: Bearer` header
   * @throws {@link CognitoError} `COGNITO_TOKEN_WRONG_USER` for a token of somebody else, any other `COGNITO_TOKEN_…` for a bad
   * one; the connection stays as it was
   */
  async renew(client: object, token: string): Promise<void> {
    const connection = this.#connections.get(client);
    if (connection === undefined) throw new CognitoError('COGNITO_TOKEN_MISSING');
    await connection.renew(token);
  }

  /** @internal Authenticates a handshake. */
  async open(handshake: Handshake, options: ConnectionOptions): Promise<OpenedConnection> {
    const request = new ConnectionRequest(handshake);
    const authenticator = this.modules.get(CognitoAuthenticator, { strict: false });
    return { request, connection: await LongConnection.open(authenticator, request, options) };
  }

  /** @internal Watches over a client from now on. */
  attach(client: object, { request, connection }: OpenedConnection, end: (reason: CognitoError) => void): void {
    noteConnection(request, client);
    this.#connections.set(client, connection);
    connection.watch(end);
  }

  /** @internal Forgets a client that is gone. */
  detach(client: object): void {
    this.#connections.get(client)?.stop();
  }

  /** @internal Whether messages of a client may still be handled; one that never shook hands has no say. */
  async mayGoOn(client: object): Promise<boolean> {
    const connection = this.#connections.get(client);
    return connection !== undefined && (await connection.refusal()) === undefined;
  }
}

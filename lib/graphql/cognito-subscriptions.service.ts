import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { FormattedExecutionResult } from 'graphql';
import { CognitoAuthenticator } from '../access/authenticator.service.js';
import { type ConnectionOptions, cookiesCount, LongConnection } from '../access/long-connection.js';
import { CognitoError, isCognitoError } from '../errors/cognito.error.js';
import { ConnectionRequest, noteConnection } from '../request/connection-request.js';
import type { CognitoRequest } from '../request/request-of.js';
import { toGraphqlError } from './graphql-error.js';

/** How subscriptions are let in. */
export type CognitoSubscriptionOptions = ConnectionOptions;

/** A connection as the package `graphql-ws` hands it to its hooks. */
export interface SubscriptionContext {
  readonly connectionParams?: Readonly<Record<string, unknown>> | undefined;
  readonly extra: unknown;
}

/** The hooks of `graphql-ws` that authenticate a connection and watch over it. */
export interface SubscriptionHooks {
  readonly onConnect: (context: SubscriptionContext) => Promise<boolean>;
  readonly onNext: (context: SubscriptionContext) => Promise<FormattedExecutionResult | undefined>;
  readonly onClose: (context: SubscriptionContext) => void;
}

/** What `graphql-ws` keeps of a connection when it runs on the package `ws`, as it does in Nest. */
interface Transport {
  readonly request: CognitoRequest;
  readonly socket: { close(code: number, reason: string): void };
}

/** Authenticates GraphQL subscriptions over `graphql-ws`. */
@Injectable()
export class CognitoSubscriptions {
  readonly #connections = new WeakMap<object, LongConnection>();
  readonly #closed = new WeakSet<object>();

  /** @internal Built by Nest. */
  constructor(@Inject(ModuleRef) private readonly modules: ModuleRef) {}

  /**
   * What `GraphQLModule` takes under `subscriptions: { 'graphql-ws': … }`.
   *
   * The connection is opened by the token of its connection parameters, `{ authorization: 'Bearer …' }`, or of the headers of
   * its handshake. Without a good one it is closed with 4401, or with 1013 when that cannot be said now. The token is asked
   * again for every result that is sent, and the connection closed when it is no longer good.
   *
   * @param options which pool and kind of token, whether anonymous connections are let in, and whose cookies count
   */
  hooks(options: CognitoSubscriptionOptions = {}): SubscriptionHooks {
    return {
      onConnect: (context) => this.#connect(context, options),
      onNext: async (context) => this.#refuseResult(context),
      onClose: (context) => this.#close(context),
    };
  }

  async #connect(context: SubscriptionContext, options: CognitoSubscriptionOptions): Promise<boolean> {
    const { request, socket } = transportOf(context);
    const { headers, rawHeaders } = request;
    const parameters = context.connectionParams;
    const withCookies = cookiesCount(request, options);
    const connection = new ConnectionRequest({ headers, rawHeaders, parameters, withCookies });
    // Any of these may stand for the connection in the context that an application makes.
    noteConnection(connection, context, request);
    const close = (reason: CognitoError): void => socket.close(closeCodeOf(reason), reason.code);
    try {
      const authenticator = this.modules.get(CognitoAuthenticator, { strict: false });
      const opened = await LongConnection.open(authenticator, connection, options);
      // Whoever left before the answer is watched by nobody: nothing would end it until the token does.
      if (this.#closed.has(context)) return false;
      this.#connections.set(context, opened);
      opened.watch(close);
      return true;
    } catch (thrown) {
      if (!isCognitoError(thrown)) throw thrown;
      close(thrown);
      return false;
    }
  }

  #close(context: SubscriptionContext): void {
    this.#closed.add(context);
    this.#connections.get(context)?.stop();
  }

  async #refuseResult(context: SubscriptionContext): Promise<FormattedExecutionResult | undefined> {
    const connection = this.#connections.get(context);
    const refusal = connection ? await connection.refusal() : new CognitoError('COGNITO_TOKEN_MISSING');
    return refusal && { data: null, errors: [toGraphqlError(refusal).toJSON()] };
  }
}

function transportOf({ extra }: SubscriptionContext): Transport {
  if (typeof extra === 'object' && extra !== null && 'request' in extra && 'socket' in extra) return extra as Transport;
  throw new CognitoError('COGNITO_TRANSPORT_UNSUPPORTED', {
    detail: 'Subscriptions are authenticated over graphql-ws on the package ws.',
  });
}

/** As graphql-ws closes: 4401 is final for its client, 1013 (try again later) is not. */
function closeCodeOf({ status }: CognitoError): number {
  return status === 401 || status === 403 ? 4000 + status : 1013;
}

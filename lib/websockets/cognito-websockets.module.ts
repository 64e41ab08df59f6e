import { Module } from '@nestjs/common';
import { addErrorForm } from '../errors/error-forms.js';
import { CognitoConnections } from './cognito-connections.service.js';
import { toWsException } from './ws-error.js';

/**
 * Makes `CognitoAuthGuard` and its decorators work on gateways. The handshakes are authenticated by
 * {@link authenticateHandshakes}; refusals of messages are {@link CognitoWsError}s.
 *
 * Needs {@link CognitoModule} in the application, and `@nestjs/websockets`. Provides {@link CognitoConnections}.
 */
@Module({ providers: [CognitoConnections], exports: [CognitoConnections] })
export class CognitoWebsocketsModule {
  /** @internal Built by Nest. */
  constructor() {
    addErrorForm('ws', toWsException);
  }
}

import { Module } from '@nestjs/common';
import { addErrorForm } from '../errors/error-forms.js';
import { toRpcException } from './rpc-error.js';

/**
 * Makes `CognitoAuthGuard` and its decorators work on message handlers, `@MessagePattern()` and `@EventPattern()`.
 *
 * The metadata of a message are read as headers, so that the token travels as `authorization: Bearer …`; for a transport that
 * carries none, add a {@link PayloadExtractor} to the option `extractors`. Refusals are {@link CognitoRpcError}s.
 *
 * Needs {@link CognitoModule} in the application, and `@nestjs/microservices`.
 */
@Module({})
export class CognitoMicroservicesModule {
  /** @internal Built by Nest. */
  constructor() {
    addErrorForm('rpc', toRpcException);
  }
}

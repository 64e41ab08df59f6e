import { Module } from '@nestjs/common';
import { addErrorForm } from '../errors/error-forms.js';
import { CognitoSubscriptions } from './cognito-subscriptions.service.js';
import { GraphqlRefusal } from './graphql-error.js';

/**
 * Makes `CognitoAuthGuard` and its decorators work on resolvers: queries, mutations and subscriptions. Refusals are GraphQL
 * errors whose `extensions.code` is the code of the error.
 *
 * Needs {@link CognitoModule} in the application, and `graphql`. Provides {@link CognitoSubscriptions}.
 */
@Module({ providers: [CognitoSubscriptions], exports: [CognitoSubscriptions] })
export class CognitoGraphqlModule {
  /** @internal Built by Nest. */
  constructor() {
    addErrorForm('graphql', (error) => new GraphqlRefusal(error));
  }
}

export type { ConnectionOptions } from '../access/long-connection.js';
export { CognitoGraphqlModule } from './cognito-graphql.module.js';
export {
  type CognitoSubscriptionOptions,
  CognitoSubscriptions,
  type SubscriptionContext,
  type SubscriptionHooks,
} from './cognito-subscriptions.service.js';
export { toGraphqlError } from './graphql-error.js';

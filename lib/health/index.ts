export { CognitoHealthIndicator, type PoolHealth } from './cognito-health.indicator.js';

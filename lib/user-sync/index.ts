export { CognitoUserColumns } from './cognito-user-columns.js';

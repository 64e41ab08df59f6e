export { PayloadExtractor } from '../request/payload.extractor.js';
export { CognitoMicroservicesModule } from './cognito-microservices.module.js';
export { type CognitoRpcError, toRpcException } from './rpc-error.js';

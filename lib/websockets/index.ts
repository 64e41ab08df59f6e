export { authenticateHandshakes, type CognitoHandshakeOptions } from './authenticate-handshakes.js';
export { CognitoConnections } from './cognito-connections.service.js';
export { CognitoWebsocketsModule } from './cognito-websockets.module.js';
export { CognitoWsExceptionFilter, type CognitoWsError, toWsException } from './ws-error.js';

import 'reflect-metadata';
import { createServer } from 'node:http';
import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { settingsOfChild } from '../child.mjs';
import { answerWithUsage } from '../load.mjs';
import { decorate } from './decorate.mjs';

/** Each guards the same route with its own means: what it takes beside the guard, and what has to be done once it is built. */
const contenders = {
  open: () => ({ imports: [], guards: [] }),
  'a lookup and no check': () => ({ imports: [], guards: [new Lookup()] }),
  'nest-cognito': oursBy((CognitoAuthGuard) => CognitoAuthGuard),
  "nest-cognito, AuthGuard('cognito')": oursBy((_, AuthGuard) => AuthGuard('cognito')),
  '@nestjs-cognito/auth': nestjsCognito,
  'passport-jwt + jwks-rsa': passportJwt,
};

/** The least that a guard can do with a token that it knows: what no check can cost less than. */
class Lookup {
  #known = new Map();

  canActivate(context) {
    const request = context.switchToHttp().getRequest();
    const token = request.headers.authorization.slice(7);
    const end = token.slice(-43);
    const known = this.#known.get(end);
    if (known?.token === token) request.user = known.user;
    else this.#known.set(end, { token, user: {} });
    return true;
  }
}

const { contender, adapter, pool, jwks } = settingsOfChild();
const { imports, guards, providers = [], prepare } = await contenders[contender]();

class NotesController {
  list() {
    return 'notes';
  }
}
decorate(NotesController, [Controller('notes'), ...(guards.length > 0 ? [UseGuards(...guards)] : [])], {
  list: [Get()],
});

class AppModule {}
decorate(AppModule, [Module({ imports, providers, controllers: [NotesController] })]);

const app = await NestFactory.create(AppModule, await adapterOf(adapter), { logger: ['error'] });
await prepare?.(app);
await app.listen(0, '127.0.0.1');
answerWithUsage();
process.send(`${await app.getUrl()}/notes`);

async function adapterOf(name) {
  if (name === 'express') return new (await import('@nestjs/platform-express')).ExpressAdapter();
  return new (await import('@nestjs/platform-fastify')).FastifyAdapter();
}

function oursBy(chooseGuard) {
  return async () => {
    const { CognitoAuthGuard, CognitoModule } = await import('nest-cognito');
    const { AuthGuard } = await import('@nestjs/passport');
    const options = { userPoolId: pool.userPoolId, clientId: pool.clientId, jwks: { keys: jwks } };
    return { imports: [CognitoModule.forRoot(options)], guards: [chooseGuard(CognitoAuthGuard, AuthGuard)] };
  };
}

async function nestjsCognito() {
  const { AuthenticationGuard, CognitoAuthModule } = await import('@nestjs-cognito/auth');
  const { COGNITO_JWT_VERIFIER_INSTANCE_TOKEN } = await import('@nestjs-cognito/core');
  const jwtVerifier = { userPoolId: pool.userPoolId, clientId: pool.clientId, tokenUse: 'access' };
  return {
    imports: [CognitoAuthModule.register({ jwtVerifier })],
    guards: [AuthenticationGuard],
    // Its keys come from AWS; here they are put in, so that it never asks for them.
    prepare: (built) => built.get(COGNITO_JWT_VERIFIER_INSTANCE_TOKEN, { strict: false }).jwtVerifier.cacheJwks(jwks),
  };
}

/** As the documentation of Nest and of jwks-rsa show it. */
async function passportJwt() {
  const { AuthGuard, PassportModule, PassportStrategy } = await import('@nestjs/passport');
  const { ExtractJwt, Strategy } = (await import('passport-jwt')).default;
  const { passportJwtSecret } = (await import('jwks-rsa')).default;
  const keys = createServer((_, response) => response.end(JSON.stringify(jwks)));
  await new Promise((resolve) => keys.listen(0, '127.0.0.1', resolve));
  const jwksUri = `http://127.0.0.1:${keys.address().port}/jwks.json`;
  class JwtStrategy extends PassportStrategy(Strategy) {
    constructor() {
      super({
        secretOrKeyProvider: passportJwtSecret({ cache: true, rateLimit: true, jwksRequestsPerMinute: 5, jwksUri }),
        jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
        issuer: pool.issuer,
        algorithms: ['RS256'],
      });
    }

    validate({ sub, token_use: use, client_id: clientId }) {
      return use === 'access' && clientId === pool.clientId ? { sub } : null;
    }
  }
  return { imports: [PassportModule], guards: [AuthGuard('jwt')], providers: [JwtStrategy] };
}

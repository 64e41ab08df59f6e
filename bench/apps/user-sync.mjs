import 'reflect-metadata';
import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { CognitoAuthGuard, CognitoModule, CognitoUser, LocalUser } from 'nest-cognito';
import { DataSource, EntitySchema } from 'typeorm';
import { settingsOfChild } from '../child.mjs';
import { answerWithUsage } from '../load.mjs';
import { decorate } from './decorate.mjs';

const { contender, database, userPoolId, clientId, jwks } = settingsOfChild();

class User {}
const UserSchema = new EntitySchema({
  name: 'User',
  target: User,
  tableName: 'app_user',
  columns: {
    id: { type: 'int', primary: true, generated: 'increment' },
    sub: { type: 'text', unique: true },
    email: { type: 'text', nullable: true },
  },
});
const dataSource = await new DataSource({
  type: 'postgres',
  url: database,
  entities: [UserSchema],
  poolSize: 10,
}).initialize();
const users = dataSource.getRepository(User);

/** What each does for a request that the guard has let in. */
const handlers = {
  'nest-cognito': withLocalUser,
  'nest-cognito, cacheTtl 60': withLocalUser,
  'find-then-save': async ({ sub }) => (await users.findOne({ where: { sub } })) ?? users.save({ sub }),
  'find-then-save, each time': async ({ sub }) => {
    const found = await users.findOne({ where: { sub } });
    return users.save(Object.assign(found ?? new User(), { sub }));
  },
  'bare SELECT': async ({ sub }) => (await dataSource.query('SELECT * FROM app_user WHERE sub = $1', [sub]))[0],
};

class MeController {
  async me(given) {
    return { id: (await handlers[contender](given)).id };
  }
}
const isOurs = contender.startsWith('nest-cognito');
(isOurs ? LocalUser : CognitoUser)()(MeController.prototype, 'me', 0);
decorate(MeController, [Controller('me'), UseGuards(CognitoAuthGuard)], { me: [Get()] });

const cacheTtl = contender.endsWith('cacheTtl 60') ? 60 : 0;
const userSync = { entity: User, dataSource, cacheTtl, attributesFrom: 'claims' };
class AppModule {}
const cognito = CognitoModule.forRoot({ userPoolId, clientId, jwks: { keys: jwks }, ...(isOurs && { userSync }) });
decorate(AppModule, [Module({ imports: [cognito], controllers: [MeController] })]);

const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: ['error'] });
await app.listen(0, '127.0.0.1');
answerWithUsage();
process.send(`${await app.getUrl()}/me`);

function withLocalUser(user) {
  return user;
}

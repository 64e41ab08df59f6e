import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CognitoModule, type CognitoOptions } from 'nest-cognito';
import type { Inbox } from 'nest-cognito/testing';
import { MeController } from './api/me.controller.js';
import { PeopleController } from './api/people.controller.js';
import { PoolUsersController } from './api/pool-users.controller.js';
import { BrowserSessions } from './browser/browser-sessions.js';
import { FormGuard } from './browser/form.guard.js';
import { AssetsController } from './pages/assets.controller.js';
import { ConfirmController } from './pages/confirm.controller.js';
import { DEV_INBOX } from './pages/dev-inbox.js';
import { UnknownPages } from './pages/error-pages.filter.js';
import { InboxController } from './pages/inbox.controller.js';
import { LandingController } from './pages/landing.controller.js';
import { Pages } from './pages/pages.js';
import { ProfileController } from './pages/profile.controller.js';
import { SignInController } from './pages/sign-in.controller.js';
import { SignInStepController } from './pages/sign-in-step.controller.js';
import { SignInSteps } from './pages/sign-in-steps.js';
import { SignUpController } from './pages/sign-up.controller.js';
import { User } from './users/user.entity.js';

/** The user pool that the application stands on. */
export interface AppPool {
  readonly cognito: CognitoOptions;
  /** The inbox of the local pool; undefined at AWS, and then there is no route to one. */
  readonly inbox: Inbox | undefined;
}

const controllers = [
  LandingController,
  SignUpController,
  ConfirmController,
  SignInController,
  SignInStepController,
  ProfileController,
  AssetsController,
  MeController,
  PeopleController,
  PoolUsersController,
];

const providers: Provider[] = [
  BrowserSessions,
  Pages,
  SignInSteps,
  { provide: APP_GUARD, useClass: FormGuard },
  { provide: APP_FILTER, useClass: UnknownPages },
];

@Module({})
export class AppModule {
  static on({ cognito, inbox }: AppPool): DynamicModule {
    return {
      module: AppModule,
      imports: [
        // In memory and empty at each start, so the tables may follow the entities; a database that lasts wants migrations.
        TypeOrmModule.forRoot({ type: 'sqljs', entities: [User], synchronize: true }),
        TypeOrmModule.forFeature([User]),
        CognitoModule.forRoot({ ...cognito, userSync: { ...cognito.userSync, entity: User } }),
      ],
      controllers: inbox === undefined ? controllers : [...controllers, InboxController],
      providers: inbox === undefined ? providers : [...providers, { provide: DEV_INBOX, useValue: inbox }],
    };
  }
}

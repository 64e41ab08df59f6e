import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import { CognitoModule, type CognitoOptions } from 'nest-cognito';
import { CognitoAuthApiModule } from 'nest-cognito/auth-api';
import { CognitoOAuthModule } from 'nest-cognito/oauth';
import { CognitoSessionModule } from 'nest-cognito/session';
import type { Inbox } from 'nest-cognito/testing';
import { AuthenticatorController } from './account/authenticator.controller.js';
import { PasswordController } from './account/password.controller.js';
import { ProfileController } from './account/profile.controller.js';
import { PoolUsersController } from './admin/pool-users.controller.js';
import { ApiDocument } from './api/api-document.js';
import { DocsController, OpenApiController } from './api/docs.controller.js';
import { MeController } from './api/me.controller.js';
import { PeopleController } from './api/people.controller.js';
import { PoolUsersApiController } from './api/pool-users.controller.js';
import { AssetsController } from './frame/assets.controller.js';
import { UnknownPages } from './frame/error-pages.filter.js';
import { Frame } from './frame/frame.js';
import { LandingController } from './frame/landing.controller.js';
import { DEV_INBOX } from './inbox/dev-inbox.js';
import { InboxController } from './inbox/inbox.controller.js';
import { Note } from './notes/note.entity.js';
import { NotesApiController } from './notes/notes-api.controller.js';
import { NotesController } from './notes/notes.controller.js';
import { NotesService } from './notes/notes.service.js';
import { ForgotPasswordController } from './sign-in/forgot-password.controller.js';
import { MANAGED_LOGIN } from './sign-in/managed-login.js';
import { SignInController } from './sign-in/sign-in.controller.js';
import { SignInStepController } from './sign-in/sign-in-step.controller.js';
import { SignInSteps } from './sign-in/sign-in-steps.js';
import { ConfirmController } from './sign-up/confirm.controller.js';
import { SignUpController } from './sign-up/sign-up.controller.js';
import { User } from './users/user.entity.js';

/** What the application stands on. */
export interface Ground {
  readonly cognito: CognitoOptions;
  readonly database: TypeOrmModuleOptions;
  /** Where the application is reached, for example `http://127.0.0.1:3000`. */
  readonly origin: string;
  /** The inbox of the local pool; undefined at AWS, and then there is no route to one. */
  readonly inbox: Inbox | undefined;
}

const controllers: Type[] = [
  LandingController,
  SignUpController,
  ConfirmController,
  SignInController,
  SignInStepController,
  ForgotPasswordController,
  NotesController,
  ProfileController,
  PasswordController,
  AuthenticatorController,
  PoolUsersController,
  AssetsController,
  MeController,
  NotesApiController,
  PeopleController,
  PoolUsersApiController,
  DocsController,
  OpenApiController,
];

const providers: Provider[] = [
  Frame,
  SignInSteps,
  NotesService,
  ApiDocument,
  { provide: APP_FILTER, useClass: UnknownPages },
];

@Module({})
export class AppModule {
  static on({ cognito, database, origin, inbox }: Ground): DynamicModule {
    const hasManagedLogin = cognito.domain !== undefined;
    return {
      module: AppModule,
      imports: [
        // The tables follow the entities here; an application that lasts has migrations.
        TypeOrmModule.forRoot({ ...database, entities: [User, Note], synchronize: true }),
        TypeOrmModule.forFeature([User, Note]),
        CognitoModule.forRoot({ ...cognito, globalGuard: true, userSync: { ...cognito.userSync, entity: User } }),
        CognitoSessionModule.forRoot({}),
        CognitoAuthApiModule.forRoot({ path: 'api/auth' }),
        ...(hasManagedLogin ? [managedLogin(origin)] : []),
      ],
      controllers: inbox === undefined ? controllers : [...controllers, InboxController],
      providers: [
        ...providers,
        { provide: MANAGED_LOGIN, useValue: hasManagedLogin },
        ...(inbox === undefined ? [] : [{ provide: DEV_INBOX, useValue: inbox }]),
      ],
    };
  }
}

/** Cognito's own pages, and back. */
function managedLogin(origin: string): DynamicModule {
  return CognitoOAuthModule.forRoot({
    redirectUri: `${origin}/oauth/callback`,
    successRedirect: '/notes',
    errorRedirect: '/sign-in',
    logoutRedirect: `${origin}/signed-out`,
    scopes: ['openid', 'email', 'profile', 'aws.cognito.signin.user.admin'],
  });
}

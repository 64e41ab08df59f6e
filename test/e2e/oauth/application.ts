import { Controller, Get, type INestApplication, type LoggerService, Query, Req, VersioningType } from '@nestjs/common';
import { CognitoModule, type CognitoPrincipal, CognitoUser, Public } from '../../../lib/index.js';
import { CognitoOAuthModule, type OAuthSuccessHandler } from '../../../lib/oauth/index.js';
import { CognitoSessionModule, CognitoSessionService } from '../../../lib/session/index.js';
import type { CognitoEmulator } from '../../../lib/testing/index.js';
import { type RunningApp, startApp } from '../../support/nest-app.js';

const secrets = ['0123456789abcdef0123456789abcdef'];

/** The address that the application is known by; the browser is told where it really is. */
export const home = 'http://localhost:8080';
export const callback = `${home}/api/oauth/callback`;

@Controller('notes')
class NotesController {
  @Get() list(@CognitoUser() { username }: CognitoPrincipal) {
    return { username };
  }
}

@Public()
@Controller()
class LandingController {
  constructor(private readonly sessions: CognitoSessionService) {}

  @Get('sign-in') signIn(@Query('error') error: string) {
    return { error };
  }

  @Get('pool') pool(@Req() request: Parameters<CognitoSessionService['find']>[0]) {
    return this.sessions.find(request).then((session) => ({ pool: session?.pool }));
  }

  @Get('csrf') csrf(@Req() request: Parameters<CognitoSessionService['csrfToken']>[0]) {
    return this.sessions.csrfToken(request).then((token) => ({ token }));
  }
}

/** An application whose every route is guarded, below a prefix and a version, with sessions and the pages of Cognito. */
export function startOAuthApp(
  adapter: Parameters<typeof startApp>[0],
  pool: CognitoEmulator,
  logger: LoggerService,
  onSuccess: OAuthSuccessHandler,
): Promise<RunningApp> {
  const staff = { ...pool.options, clientId: 'staff', clientSecret: 'staff-secret' };
  const prepare = (app: INestApplication): void => {
    app.useLogger(logger);
    app.setGlobalPrefix('api');
    app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
  };
  return startApp(
    adapter,
    {
      imports: [
        CognitoModule.forRoot({ ...pool.options, secrets, globalGuard: true, pools: { staff } }),
        CognitoSessionModule.forRoot(),
        CognitoOAuthModule.forRoot({
          redirectUri: callback,
          successRedirect: '/api/v1/notes',
          errorRedirect: '/api/v1/sign-in?from=pages',
          logoutRedirect: `${home}/api/v1/sign-in`,
          identityProviders: ['Google'],
          onSuccess,
        }),
        CognitoOAuthModule.forRoot({
          pool: 'staff',
          path: 'staff/oauth',
          isGlobal: false,
          redirectUri: `${home}/api/staff/oauth/callback`,
          successRedirect: '/api/v1/pool',
        }),
      ],
      controllers: [NotesController, LandingController],
    },
    { prepare },
  );
}

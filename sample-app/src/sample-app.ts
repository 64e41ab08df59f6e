import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { CognitoOptions } from 'nest-cognito';
import type { CognitoEmulator } from 'nest-cognito/testing';
import { AppModule, type AppPool } from './app.module.js';
import { refuseForeignHosts } from './browser/own-address.js';
import { setSecurityHeaders } from './browser/security-headers.js';
import { startLocalPool } from './pool/local-pool.js';
import type { PoolChoice } from './pool/settings.js';
import { StartError } from './pool/start-error.js';

/** The application, and its own user pool if it has one. */
export interface SampleApp {
  /** For example `http://127.0.0.1:3000`. */
  readonly origin: string;
  readonly nest: NestExpressApplication;
  readonly localPool: CognitoEmulator | undefined;
  stop(): Promise<void>;
}

/** Starts everything, on the loopback interface. What was started is stopped again when the rest fails. */
export async function startSampleApp(choice: PoolChoice, port: number): Promise<SampleApp> {
  const localPool = choice.kind === 'local' ? await startLocalPool() : undefined;
  try {
    const cognito = choice.kind === 'local' ? localPool && optionsOf(localPool) : choice.options;
    if (cognito === undefined) throw new StartError('There is no user pool to stand on.');
    const nest = await createApplication({ cognito, inbox: localPool?.inbox });
    const origin = await listen(nest, port);
    return { origin, nest, localPool, stop: () => stopAll(nest, localPool) };
  } catch (error) {
    await localPool?.stop();
    throw error;
  }
}

// The pool is made anew at each start, and so is the secret under which a half-finished sign-in waits in the browser.
function optionsOf({ options }: CognitoEmulator): CognitoOptions {
  return { ...options, secrets: [randomBytes(32).toString('base64url')] };
}

async function createApplication(pool: AppPool): Promise<NestExpressApplication> {
  const nest = await NestFactory.create<NestExpressApplication>(AppModule.on(pool), {
    logger: ['warn', 'error'],
    abortOnError: false,
    bodyParser: false,
    forceCloseConnections: true,
  });
  nest.disable('x-powered-by');
  nest.use(setSecurityHeaders, refuseForeignHosts);
  nest.useBodyParser('urlencoded', { extended: false, limit: '16kb' });
  return nest;
}

async function listen(nest: NestExpressApplication, port: number): Promise<string> {
  const server: Server = nest.getHttpServer();
  try {
    await nest.init();
    // Not by Nest's own `listen`, which prints a failure before it can be explained.
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch (error) {
    await nest.close();
    throw listenError(error, port);
  }
  const { port: bound } = server.address() as AddressInfo;
  return `http://127.0.0.1:${bound}`;
}

function listenError(error: unknown, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new StartError(`Port ${port} is in use: stop what listens there, or choose another, for example PORT=3001.`);
  }
  return code === 'EACCES' ? new StartError(`Port ${port} may not be used by you: choose one above 1023.`) : error;
}

async function stopAll(nest: NestExpressApplication, localPool: CognitoEmulator | undefined): Promise<void> {
  try {
    await nest.close();
  } finally {
    await localPool?.stop();
  }
}

import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { INestApplication, NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { CognitoOptions } from 'nest-cognito';
import type { CognitoEmulator } from 'nest-cognito/testing';
import { ApiDocument } from './api/api-document.js';
import { AppModule, type Ground } from './app.module.js';
import { refuseForeignHosts } from './browser/own-address.js';
import { securityHeaders } from './browser/security-headers.js';
import { startLocalPool } from './pool/local-pool.js';
import type { Settings } from './pool/settings.js';
import { StartError } from './pool/start-error.js';

/** The application, and its own user pool if it has one. */
export interface SampleApp {
  /** For example `http://127.0.0.1:3000`. */
  readonly origin: string;
  readonly nest: INestApplication;
  readonly localPool: CognitoEmulator | undefined;
  stop(): Promise<void>;
}

/** Starts everything, on the loopback interface. What was started is stopped again when the rest fails. */
export async function startSampleApp({ pool, database, adapter, port }: Settings): Promise<SampleApp> {
  // The address is known before anything listens: the pool wants to know where its login pages may send people back to.
  const origin = `http://127.0.0.1:${port === 0 ? await freePort() : port}`;
  const localPool = pool.kind === 'local' ? await startLocalPool(origin) : undefined;
  try {
    const cognito = pool.kind === 'aws' ? pool.options : localPool && optionsOf(localPool);
    if (cognito === undefined) throw new StartError('There is no user pool to stand on.');
    const nest = await createApplication({ cognito, database, origin, inbox: localPool?.inbox }, adapter);
    await listen(nest, origin);
    return { origin, nest, localPool, stop: () => stopAll(nest, localPool) };
  } catch (error) {
    await localPool?.stop();
    throw error;
  }
}

// The pool is made anew at each start, and so is the secret under which sessions and half-finished sign-ins wait in the browser.
function optionsOf({ options }: CognitoEmulator): CognitoOptions {
  return { ...options, secrets: [randomBytes(32).toString('base64url')] };
}

async function createApplication(ground: Ground, adapter: Settings['adapter']): Promise<INestApplication> {
  const options: NestApplicationOptions = {
    // With its pool in the same process the application is one process; warnings about several would only be in the way.
    logger: ground.inbox === undefined ? ['warn', 'error'] : ['error'],
    abortOnError: false,
    bodyParser: false,
    forceCloseConnections: true,
  };
  const module = AppModule.on(ground);
  const nest = await (adapter === 'fastify' ? onFastify(module, options) : onExpress(module, options));
  // One by one: Fastify takes a first argument of two for a path.
  nest.use(securityHeaders(ground.origin, loginOriginOf(ground.cognito)));
  nest.use(refuseForeignHosts);
  nest.get(ApiDocument).describe(nest);
  return nest;
}

/** The domain of a pool at AWS speaks https; that of the local pool is its endpoint. */
function loginOriginOf({ domain, endpoint }: CognitoOptions): string | undefined {
  if (domain === undefined) return undefined;
  return endpoint !== undefined && new URL(endpoint).host === domain ? new URL(endpoint).origin : `https://${domain}`;
}

const LARGEST_BODY = 64 * 1024;

async function onExpress(module: object, options: NestApplicationOptions): Promise<INestApplication> {
  const nest = await NestFactory.create<NestExpressApplication>(module, options);
  nest.disable('x-powered-by');
  nest.useBodyParser('urlencoded', { extended: false, limit: LARGEST_BODY });
  nest.useBodyParser('json', { limit: LARGEST_BODY });
  return nest;
}

async function onFastify(module: object, options: NestApplicationOptions): Promise<INestApplication> {
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  const nest = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), options);
  nest.useBodyParser('application/x-www-form-urlencoded', { bodyLimit: LARGEST_BODY }, (_, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(body.toString())));
  });
  nest.useBodyParser('application/json', { bodyLimit: LARGEST_BODY });
  return nest;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function listen(nest: INestApplication, origin: string): Promise<void> {
  const port = Number(new URL(origin).port);
  const server = nest.getHttpServer() as Server;
  try {
    await nest.init();
    await (nest.getHttpAdapter().getInstance() as { ready?: () => Promise<void> }).ready?.();
    // Not by Nest's own `listen`, which prints a failure before it can be explained.
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch (error) {
    await nest.close();
    throw listenError(error, port);
  }
}

function listenError(error: unknown, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new StartError(`Port ${port} is in use: stop what listens there, or choose another, for example PORT=3001.`);
  }
  return code === 'EACCES' ? new StartError(`Port ${port} may not be used by you: choose one above 1023.`) : error;
}

async function stopAll(nest: INestApplication, localPool: CognitoEmulator | undefined): Promise<void> {
  try {
    await nest.close();
  } finally {
    await localPool?.stop();
  }
}

import type { INestApplication, ModuleMetadata, Type } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';

/** The HTTP adapters that the package works on; what a request meets is tested on both. */
export const adapters = [
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
] as const;

/** A running application and what its routes answered. */
export interface RunningApp {
  readonly nest: INestApplication;
  readonly url: string;
  get(path: string, token?: string, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly body: { readonly code?: string; readonly [key: string]: unknown };
  readonly text: string;
  readonly headers: Headers;
}

/** What may be changed on the way to a running application. */
export interface AppChanges {
  readonly override?: ((builder: TestingModuleBuilder) => TestingModuleBuilder) | undefined;
  readonly prepare?: ((app: INestApplication) => void) | undefined;
}

/** Starts an application on a free loopback port. */
export async function startApp(
  adapter: () => ExpressAdapter | FastifyAdapter,
  metadata: ModuleMetadata | Type,
  { override = (builder) => builder, prepare }: AppChanges = {},
): Promise<RunningApp> {
  const description = typeof metadata === 'function' ? { imports: [metadata] } : metadata;
  const module = await override(Test.createTestingModule(description)).compile();
  const nest = module.createNestApplication(adapter(), { logger: false });
  prepare?.(nest);
  await nest.listen(0, '127.0.0.1');
  const url = (await nest.getUrl()).replace('[::1]', '127.0.0.1');
  return {
    nest,
    url,
    get: async (path, token, headers = {}) => {
      const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
      return read(await fetch(`${url}${path}`, { headers: { ...authorization, ...headers } }));
    },
    close: () => nest.close(),
  };
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parse(text) };
}

function parse(text: string): Answer['body'] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Answer['body']) : {};
  } catch {
    return {};
  }
}

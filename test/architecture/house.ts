/** How one room may use another: freely, for its types alone, or through the files named. */
export type Arrow = string | { readonly room: string; readonly use: 'types' | readonly string[] };

export interface Room {
  readonly floor: number;
  readonly imports: readonly Arrow[];
  /** The files of lib/ itself that make up this room; without it the room is the folder of its name. */
  readonly files?: readonly string[];
  /** The entry of package.json's exports that opens this room. */
  readonly subpath?: string;
  /** Imports nothing but the library's own files and Node's modules. */
  readonly nodeOnly?: true;
  /** May `import()` what it cannot name beforehand: files of the person who runs it. */
  readonly loadsForeignFiles?: true;
}

/** Where packages may be touched. Patterns end in `*` or name a package whole. */
export interface Door {
  readonly packages: readonly string[];
  /** A room, or several; `nowhere`; or `any one`, where the first room to come keeps the package to itself. */
  readonly room: string | readonly string[];
  /** By `import type` and `import()` alone, so that nothing loads the package before it is used. */
  readonly late?: true;
  /** Files that may load it with themselves all the same, each behind an entry of its own. */
  readonly earlyIn?: readonly string[];
}

export interface House {
  readonly rooms: Readonly<Record<string, Room>>;
  readonly doors: readonly Door[];
}

const ofTheMainEntry = ['errors', 'srp', 'request', 'sealing', 'options', 'tokens', 'user-pool', 'access', 'user-sync'];

const transport = ['access', 'request', 'tokens', 'errors'];

/** The plan of lib/, the rooms not yet built included: what docs/architecture.md tells, in a form that can be checked. */
export const house: House = {
  rooms: {
    'index.ts': { floor: 7, files: ['index.ts'], subpath: '.', imports: [...ofTheMainEntry, 'cognito.module.ts'] },
    testing: { floor: 7, subpath: './testing', imports: ['emulator', 'cognito.module.ts', 'options', 'tokens'] },
    cli: { floor: 7, imports: ['emulator', 'options', 'tokens', 'user-pool', 'user-sync'], loadsForeignFiles: true },
    'cognito.module.ts': {
      floor: 6,
      files: ['cognito.module.ts', 'cognito.options.ts'],
      // Every room below but the emulator: a pretended user pool is never part of an application.
      imports: [...ofTheMainEntry, 'health', 'session', 'graphql', 'websockets', 'microservices'],
    },
    oauth: {
      floor: 6,
      subpath: './oauth',
      imports: [
        'session',
        'access',
        'request',
        'tokens',
        'sealing',
        'options',
        'errors',
        { room: 'user-pool', use: 'types' },
      ],
    },
    'auth-api': {
      floor: 6,
      subpath: './auth-api',
      imports: ['user-pool', 'session', 'access', 'request', 'tokens', 'options', 'errors'],
    },
    session: {
      floor: 5,
      subpath: './session',
      imports: ['options', 'access', 'tokens', 'user-pool', 'request', 'sealing', 'errors'],
    },
    'user-sync': { floor: 5, subpath: './user-sync', imports: ['access', 'user-pool', 'tokens', 'options', 'errors'] },
    graphql: { floor: 5, subpath: './graphql', imports: transport },
    websockets: { floor: 5, subpath: './websockets', imports: transport },
    microservices: { floor: 5, subpath: './microservices', imports: transport },
    'user-pool': { floor: 4, imports: ['options', 'srp', 'tokens', 'sealing', 'errors'] },
    access: { floor: 4, imports: ['options', 'tokens', 'request', 'errors'] },
    health: { floor: 4, subpath: './health', imports: ['tokens', 'options', 'errors'] },
    tokens: { floor: 3, imports: ['options', 'errors'] },
    options: { floor: 2, imports: ['errors'] },
    emulator: { floor: 2, imports: [{ room: 'srp', use: ['group.ts', 'pad.ts', 'modular-power.ts'] }] },
    errors: { floor: 1, imports: [] },
    srp: { floor: 1, imports: [], nodeOnly: true },
    request: { floor: 1, imports: [] },
    sealing: { floor: 1, imports: [] },
  },
  doors: [
    { packages: ['@aws-sdk/*', '@smithy/*'], room: 'user-pool', late: true },
    // Columns are declared when their class is: decorators cannot come late.
    { packages: ['typeorm'], room: 'user-sync', late: true, earlyIn: ['user-sync/cognito-user-columns.ts'] },
    { packages: ['@nestjs/typeorm'], room: 'nowhere' },
    { packages: ['aws-jwt-verify'], room: 'tokens' },
    { packages: ['lru-cache'], room: ['tokens', 'user-sync'] },
    { packages: ['otpauth', '@simplewebauthn/*'], room: 'emulator' },
    { packages: ['passport', 'passport-*', '@nestjs/passport'], room: 'access' },
    { packages: ['graphql', 'graphql-*', '@nestjs/graphql', '@apollo/*'], room: 'graphql' },
    { packages: ['@nestjs/websockets', '@nestjs/platform-socket.io', '@nestjs/platform-ws'], room: 'websockets' },
    { packages: ['socket.io', 'ws'], room: 'websockets' },
    { packages: ['@nestjs/microservices'], room: 'microservices' },
    { packages: ['@nestjs/terminus'], room: 'health' },
    { packages: ['@nestjs/swagger'], room: 'auth-api' },
    { packages: ['express-session', '@fastify/session'], room: 'session' },
    { packages: ['openid-client', 'oauth4webapi'], room: 'oauth' },
    { packages: ['iron-webcrypto'], room: 'sealing' },
    { packages: ['keyv', '@keyv/*', 'redis', '@redis/*', 'ioredis'], room: 'any one' },
  ],
};

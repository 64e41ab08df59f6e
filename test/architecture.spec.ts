import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkHouse, type Violation } from './architecture/check-house.js';
import { toldBy, toldInDocument } from './architecture/document.js';
import { house, type Arrow } from './architecture/house.js';
import { builtRooms, readSourceTree } from './architecture/source-tree.js';

const root = join(import.meta.dirname, '..');
const fixtures = join(import.meta.dirname, 'architecture', 'fixtures');

/** Planted trees, and the one thing that is wrong in each of them. */
const planted: Record<string, Violation> = {
  'upward-import-type': {
    rule: 'arrow',
    at: 'lib/tokens/verifier.ts:1',
    reason: 'tokens may not import type access/principal.ts',
  },
  'upward-import-call': {
    rule: 'arrow',
    at: 'lib/tokens/verifier.ts:1',
    reason: 'tokens may not import() user-pool/profile.service.ts',
  },
  'upward-type-node': {
    rule: 'arrow',
    at: 'lib/errors/errors.ts:1',
    reason: 'errors may not import type options/pool.ts',
  },
  'upward-export-from': {
    rule: 'arrow',
    at: 'lib/access/index.ts:1',
    reason: 'access may not import user-sync/local-users.ts',
  },
  'upward-require': { rule: 'arrow', at: 'lib/options/pool.ts:1', reason: 'options may not import access/guard.ts' },
  'upward-augmentation': {
    rule: 'arrow',
    at: 'lib/request/request-of.ts:1',
    reason: 'request may not import type access/principal.ts',
  },
  sideways: { rule: 'arrow', at: 'lib/session/renewal.ts:1', reason: 'session may not import user-sync/user-sync.ts' },
  'values-of-a-types-only-arrow': {
    rule: 'arrow',
    at: 'lib/oauth/callback.ts:1',
    reason: 'oauth may not import user-pool/signed-in-user.ts',
  },
  'emulator-borrows-the-proof': {
    rule: 'arrow',
    at: 'lib/emulator/srp-verifier.ts:1',
    reason: 'emulator may not import srp/user-proof.ts',
  },
  'in-through-the-front': {
    rule: 'arrow',
    at: 'lib/tokens/verifier.ts:1',
    reason: 'tokens may not import index.ts',
  },
  'out-of-the-library': {
    rule: 'arrow',
    at: 'lib/tokens/verifier.ts:1',
    reason: 'tokens reaches out of lib/: ../../test/support/tokens.js',
  },
  'by-alias': {
    rule: 'arrow',
    at: 'lib/tokens/verifier.ts:1',
    reason: 'tokens reaches out of lib/: #access/authenticator.js',
  },
  'hidden-import': {
    rule: 'unreadable',
    at: 'lib/user-sync/user-sync.ts:3',
    reason: 'user-sync hides what it loads: write the name of the module',
  },
  'second-room-touches-a-peer': {
    rule: 'package',
    at: 'lib/access/local-user.ts:1',
    reason: 'typeorm belongs to user-sync, not to access',
  },
  'referenced-types': {
    rule: 'package',
    at: 'lib/access/local-user.ts:1',
    reason: 'typeorm belongs to user-sync, not to access',
  },
  'two-rooms-share-a-peer': {
    rule: 'package',
    at: 'lib',
    reason: 'keyv is touched by two rooms: session, tokens',
  },
  'eager-sdk': {
    rule: 'package',
    at: 'lib/user-pool/client.ts:1',
    reason: '@aws-sdk/client-cognito-identity-provider is for import type and import() only',
  },
  'eager-typeorm': {
    rule: 'package',
    at: 'lib/user-sync/user-sync.ts:1',
    reason: 'typeorm is for import type and import() only',
  },
  'required-peer': {
    rule: 'package',
    at: 'lib/user-sync/user-sync.ts:5',
    reason: 'typeorm is for import type and import() only',
  },
  'nest-typeorm': {
    rule: 'package',
    at: 'lib/user-sync/user-sync.module.ts:1',
    reason: '@nestjs/typeorm belongs to nowhere, not to user-sync',
  },
  'nest-in-the-mathematics': {
    rule: 'package',
    at: 'lib/srp/prover.ts:1',
    reason: 'srp stands on Node alone, not on @nestjs/common',
  },
  'peer-at-the-front-door': {
    rule: 'front-door',
    at: 'lib/graphql/guard.ts:1',
    reason: 'index.ts loads this file, and with it the optional peer @nestjs/graphql',
  },
  'peer-without-a-door': {
    rule: 'package',
    at: 'package.json peer "mongoose"',
    reason: 'an optional peer needs a room that keeps it: give it a door in the plan',
  },
  circle: {
    rule: 'circle',
    at: 'lib/tokens/claims.ts',
    reason: 'round and round: tokens/claims.ts tokens/verifier.ts tokens/keys.ts',
  },
  'unknown-room': { rule: 'room', at: 'lib/identity', reason: 'the plan has no such room' },
  'stray-file': { rule: 'room', at: 'lib/guard.ts', reason: 'the plan has no such room' },
  drawer: {
    rule: 'folder',
    at: 'lib/tokens/utils',
    reason: 'a folder is named after what it is about, not after its being useful',
  },
  'subpath-without-a-room': {
    rule: 'subpath',
    at: 'package.json exports "./typeorm"',
    reason: 'the plan opens no room under this name',
  },
  'subpath-into-another-room': {
    rule: 'subpath',
    at: 'package.json exports "./testing"',
    reason: 'opens something else than {"types":"./dist/testing/index.d.ts","default":"./dist/testing/index.js"}',
  },
  'subpath-into-nothing': {
    rule: 'subpath',
    at: 'package.json exports "./testing"',
    reason: 'there is no lib/testing/index.ts',
  },
};

describe('the house', () => {
  it('stands as planned: no arrow up or sideways, no circle, each peer behind its one door', () => {
    expect(checkHouse(root, house)).toEqual([]);
  });

  it('has a plan whose arrows all point down', () => {
    const floorOf = (arrow: Arrow) => house.rooms[typeof arrow === 'string' ? arrow : arrow.room]?.floor ?? Infinity;
    const level = Object.entries(house.rooms).flatMap(([name, { floor, imports }]) =>
      imports.filter((arrow) => floorOf(arrow) >= floor).map((arrow) => ({ from: name, to: arrow })),
    );
    expect(level).toEqual([]);
  });

  it('is told by docs/architecture.md as it is built: drawing, rooms and what is still planned', () => {
    const document = readFileSync(join(root, 'docs', 'architecture.md'), 'utf8');
    expect(toldInDocument(document)).toEqual(toldBy(house, builtRooms(readSourceTree(root), house)));
  });
});

describe('the check of the house', () => {
  it('finds nothing in a tree that uses every kind of import where it is allowed', () => {
    expect(checkHouse(join(fixtures, 'clean'), house)).toEqual([]);
  });

  it.each(Object.entries(planted))('finds what is wrong in %s, and nothing else', (fixture, violation) => {
    expect(checkHouse(join(fixtures, fixture), house)).toEqual([violation]);
  });

  it('has an expectation for every planted tree', () => {
    expect(readdirSync(fixtures).toSorted()).toEqual(['clean', ...Object.keys(planted)].toSorted());
  });
});

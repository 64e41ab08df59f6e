import { ForbiddenException, ServiceUnavailableException, UnauthorizedException } from '@nestjs/common';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CognitoErrorCode, type CognitoErrorKind, errorCatalogue } from '../lib/errors/catalogue.js';
import { CognitoError } from '../lib/errors/cognito.error.js';
import { toHttpException } from '../lib/errors/http-exception.js';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs', 'errors.md'), 'utf8');
const codes = Object.keys(errorCatalogue) as CognitoErrorCode[];
const catalogued = Object.fromEntries(
  codes.map((code) => [code, [errorCatalogue[code].kind, String(errorCatalogue[code].status)]]),
);

/** Which answers each chapter of the page may give: what must never be taken for one another stands in different chapters. */
const statusesOfChapter: Readonly<Record<string, readonly number[]>> = {
  'Set-up': [500],
  Tokens: [401],
  Rights: [403],
  'Signing in and signing up': [400, 401, 403, 409, 415, 500, 503],
  'What belongs to a pool or a user': [400, 409],
  'User sync': [409],
  'Not now': [429, 500, 503],
};

describe('docs/errors.md', () => {
  it('documents every code once, with the kind and the status that it has', () => {
    const rows = rowsOf(page, 'COGNITO');

    expect(Object.fromEntries(rows.map(({ code, cells }) => [code, cells.slice(0, 2)]))).toEqual(catalogued);
    expect(rows.length).toBe(codes.length);
  });

  it('mentions no code that does not exist', () => {
    const mentioned = page.match(/\b(COGNITO|EMULATOR)_[A-Z_]+\b/g) ?? [];

    expect([...new Set(mentioned)].toSorted()).toEqual([...codes, ...emulatorCodes()].toSorted());
  });

  it('says for every code when it comes and what to do', () => {
    const cells = [...rowsOf(page, 'COGNITO'), ...rowsOf(page, 'EMULATOR')].flatMap((row) => row.cells);

    expect(cells.filter((cell) => cell === '')).toEqual([]);
  });

  it.each(Object.entries(statusesOfChapter))('answers with the right statuses under "%s"', (title, statuses) => {
    const rows = rowsOf(chapter(title), 'COGNITO');

    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ cells }) => !statuses.includes(Number(cells[1])))).toEqual([]);
  });

  it('explains every kind', () => {
    const explained = [...page.matchAll(/^\| `([a-z]+)` +\| [A-Z]/gm)].map(([, kind = '']) => kind);

    expect(explained.toSorted()).toEqual([...new Set(codes.map((code) => errorCatalogue[code].kind))].toSorted());
  });

  it('documents every code of the emulator once', () => {
    expect(
      rowsOf(chapter('Emulator'), 'EMULATOR')
        .map(({ code }) => code)
        .toSorted(),
    ).toEqual(emulatorCodes());
  });
});

describe('the catalogue of errors', () => {
  it('holds no code that nothing throws or looks at', () => {
    const sources = sourcesOf('lib').filter(
      ({ path }) => !path.endsWith('catalogue.ts') && !path.endsWith('emulator-error.ts'),
    );
    const unused = [...codes, ...emulatorCodes()].filter(
      (code) => !sources.some(({ text }) => text.includes(`'${code}'`)),
    );

    expect(unused).toEqual([]);
  });

  it('tells a bad token, a missing right, a limit and an outage apart by their names', () => {
    const startingWith = (start: string): number[] => statusesWhere((code) => code.startsWith(start));

    expect(startingWith('COGNITO_TOKEN_')).toEqual([401]);
    expect(startingWith('COGNITO_REFRESH_TOKEN_')).toEqual([401]);
    expect(statusesWhere((code) => code === 'COGNITO_USER_UNKNOWN' || code === 'COGNITO_USER_INACTIVE')).toEqual([403]);
    expect(startingWith('COGNITO_USER_SYNC_')).toEqual([500]);
    expect(statusesWhere((code) => code.endsWith('_EXISTS') || code.endsWith('_CONFLICT'))).toEqual([409]);
    expect(statusesWhere((code) => code === 'COGNITO_THROTTLED' || code === 'COGNITO_LIMIT_EXCEEDED')).toEqual([429]);
  });

  it.each<[CognitoErrorKind, number[]]>([
    ['authentication', [401]],
    ['authorization', [403]],
    ['challenge', [400, 401, 403]],
    ['validation', [400, 415]],
    ['conflict', [409]],
    ['throttled', [429]],
    ['unavailable', [503]],
    ['configuration', [500]],
    ['unexpected', [500]],
  ])('answers errors of the kind %s with %j', (kind, statuses) => {
    expect(statusesWhere((code) => errorCatalogue[code].kind === kind).toSorted((a, b) => a - b)).toEqual(statuses);
  });

  it.each(codes)('answers %s over HTTP with its status, its code and its public sentence alone', (code) => {
    const detail = 'what only the log may know';
    const { status, message } = errorCatalogue[code];

    const exception = toHttpException(new CognitoError(code, { detail }));

    expect(exception.getStatus()).toBe(status);
    expect(exception.code).toBe(code);
    expect(exception.getResponse()).toEqual({ statusCode: status, message, error: expect.any(String) as string, code });
    expect(JSON.stringify(exception.getResponse())).not.toContain(detail);
  });

  it('is found by existing filters for the exceptions of Nest', () => {
    expect(toHttpException(new CognitoError('COGNITO_TOKEN_EXPIRED'))).toBeInstanceOf(UnauthorizedException);
    expect(toHttpException(new CognitoError('COGNITO_GROUPS_REQUIRED'))).toBeInstanceOf(ForbiddenException);
    expect(toHttpException(new CognitoError('COGNITO_UNAVAILABLE'))).toBeInstanceOf(ServiceUnavailableException);
  });
});

function statusesWhere(matches: (code: CognitoErrorCode) => boolean): number[] {
  return [...new Set(codes.filter(matches).map((code) => errorCatalogue[code].status))];
}

interface Row {
  readonly code: string;
  /** What follows the code. */
  readonly cells: readonly string[];
}

function rowsOf(text: string, prefix: string): Row[] {
  return [...text.matchAll(new RegExp(`^\\| \`(${prefix}_[A-Z_]+)\` *\\|(.*)\\|$`, 'gm'))].map(
    ([, code = '', rest = '']) => ({ code, cells: rest.split('|').map((cell) => cell.trim()) }),
  );
}

function chapter(title: string): string {
  return page.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
}

function emulatorCodes(): string[] {
  const union = readFileSync(join(root, 'lib', 'emulator', 'emulator-error.ts'), 'utf8');
  return [...new Set(union.match(/\bEMULATOR_[A-Z_]+\b/g))].toSorted();
}

function sourcesOf(folder: string): { path: string; text: string }[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, text: readFileSync(join(root, folder, path), 'utf8') }));
}

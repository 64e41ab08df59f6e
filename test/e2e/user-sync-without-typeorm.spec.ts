import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { transpile, type Transpiled } from './user-sync-race/transpiled.js';

describe('where TypeORM is not installed', () => {
  let sources: Transpiled;

  beforeAll(() => {
    sources = transpile(['lib/user-sync', 'lib/errors'], mkdtempSync(path.join(tmpdir(), 'nest-cognito-')));
  });

  afterAll(() => {
    sources.remove();
  });

  it('user sync says so, and how to mend it', () => {
    const store = pathToFileURL(sources.pathOf('lib/user-sync/found-store.ts')).href;
    const program = `
      const { defaultDataSourceToken } = await import(${JSON.stringify(store)});
      const { code, message } = await defaultDataSourceToken().catch((thrown) => thrown);
      console.log(JSON.stringify({ code, message }));
    `;
    const answer = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
    expect(JSON.parse(answer)).toEqual({
      code: 'COGNITO_USER_SYNC_INVALID',
      message: 'userSync needs TypeORM, which is not installed: npm install typeorm',
    });
  });
});

import { describe, expect, it } from 'vitest';
import { countExamples, type Page, pagesOfRepository, problemsOf } from './compile-examples.js';

const pages = pagesOfRepository();

// Parsing the declarations of Nest, TypeORM and zod takes its time on a busy machine.
describe('the examples of the documentation', { timeout: 120_000 }, () => {
  it('compile against the library as it is', () => {
    expect(problemsOf(pages)).toEqual([]);
  });

  it('are found: the README is full of them', () => {
    const readme = pages.find(({ path }) => path === 'README.md');

    expect(readme && countExamples(readme)).toBeGreaterThan(5);
  });

  it('are refused, all of these at once, with the page and the line', () => {
    const planted = [
      page(
        'wrong-argument.md',
        "import { CognitoModule } from 'nest-cognito';\n\nCognitoModule.forRoot({ userPoolId: 1 });",
      ),
      page('unknown-export.md', "import { CognitoMagic } from 'nest-cognito';\nCognitoMagic();"),
      page('no-import.md', 'CognitoModule;'),
      page('syntax.md', 'const = 1;'),
      { path: 'unlabelled.md', text: '# A page\n\n```\nconst a = 1;\n```\n' },
      { path: 'other-name.md', text: '```js\nconst a = 1;\n```\n' },
    ];

    const refused = problemsOf(planted).map((problem) => problem.split(' ').slice(0, 2).join(' '));

    expect(refused.toSorted()).toEqual(
      [
        'wrong-argument.md:6: TS2322',
        'unknown-export.md:4: TS2305',
        'no-import.md:4: TS2304',
        'syntax.md:4: TS1134',
        'syntax.md:4: TS1134',
        'unlabelled.md:3: write',
        'other-name.md:1: write',
      ].toSorted(),
    );
  });

  it('may import each other by the name in their first line, within one page', () => {
    const user = '```ts\n// user.ts\nexport class User {\n  name = 1;\n}\n```\n';
    const reader = "```ts\nimport { User } from './user.js';\nexport const name: number = new User().name;\n```\n";

    expect(problemsOf([{ path: 'one.md', text: user + reader }])).toEqual([]);
    expect(
      problemsOf([
        { path: 'one.md', text: user },
        { path: 'two.md', text: reader },
      ]),
    ).toHaveLength(1);
    expect(problemsOf([{ path: 'one.md', text: user + user }])).toEqual(['one.md:8: a second fence of this name']);
  });
});

function page(path: string, code: string): Page {
  return { path, text: `# A page\n\n\`\`\`ts\n${code}\n\`\`\`\n` };
}

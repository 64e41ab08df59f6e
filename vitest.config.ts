import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.spec.ts'],
    exclude: ['**/node_modules/**', 'test/**/*.long.spec.ts'],
    pool: 'forks',
    // Nest and TypeORM are loaded once by each of two processes and not once by each file, which would take longer than the tests.
    maxWorkers: 2,
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    env: { NODE_NO_WARNINGS: '1' },
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    coverage: { provider: 'v8', include: ['lib/**/*.ts'] },
  },
});

import { defineConfig } from 'vitest/config';

// Races, process pairs, the packed tarball: what takes longer than the everyday suite may take.
export default defineConfig({
  test: {
    include: ['test/**/*.long.spec.ts'],
    pool: 'forks',
    testTimeout: 180_000,
    hookTimeout: 180_000,
    env: { NODE_NO_WARNINGS: '1' },
    reporters: ['default', './test/support/closing-line-reporter.ts'],
  },
});

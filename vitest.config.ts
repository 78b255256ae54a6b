// Three kinds of tests: unit (no root), tui (the real program in a pty), kernel (root, after all others, with the leak guard; two files at
// a time, since they wait most of the time).
import { defineConfig } from 'vitest/config';
import { Tally } from './test/tally.ts';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', development: false } },
  test: {
    reporters: ['default', new Tally()],
    env: { NODE_ENV: 'production' },
    globalSetup: 'test/built.ts',
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/{engine,cli,table,setup,vm}/**/*.test.ts'], testTimeout: 60_000 } },
      { extends: true, test: { name: 'tui', include: ['test/tui/**/*.test.{ts,tsx}'], testTimeout: 60_000 } },
      {
        extends: true,
        test: {
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts'],
          setupFiles: ['test/kernel/guard.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 30_000 } },
        },
      },
    ],
  },
});

// A file of tests for guest-run.test.ts: whether the leak guard watches it.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { STATE } from '../kernel/guard.ts';

test('is watched by the leak guard', () => {
  const { running } = JSON.parse(readFileSync(STATE, 'utf8'));
  expect(running).toEqual({ [process.pid]: 'test/vm/guarded.ts' });
  process.env['LEFT_IN_THE_ENVIRONMENT'] = 'yes';
});

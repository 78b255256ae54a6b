// One process for many files, as in the test machine: what one file has said and done is not the next one's.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundleTests } from './bundle.ts';
import { runSuite } from './guest-suite.ts';
import { described, test as describes, vi } from './guest-vitest.ts';
import { bundleOf } from './report.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vzdeck-guest-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const wrong = (): void => {
  throw new Error('wrong');
};

test('a file has neither the tests nor the limits of the one before', async () => {
  const first = await described(async () => {
    vi.setConfig({ testTimeout: 1 });
    describes('a', wrong);
  });
  const second = await described(async () => describes('b', () => {}));
  expect([first, second].map(({ items }) => items)).toMatchObject([[{ title: 'a', limit: 1 }], [{ title: 'b', limit: 60_000 }]]);
  const listeners = process.listenerCount('uncaughtException');
  expect(await runSuite(first, () => {})).toMatchObject({ passed: 0, failed: ['a'] });
  expect(await runSuite(second, () => {})).toMatchObject({ passed: 1, failed: [] });
  expect(process.listenerCount('uncaughtException')).toBe(listeners);
});

test('the leak guard watches each file, and finds the environment as it was; one that ends the process has failed, and those after it are run', async () => {
  const bundles = join(dir, 'build/vm-tests');
  await bundleTests(['test/vm/guarded.ts'], bundles);
  mkdirSync(join(bundles, 'test/kernel'), { recursive: true });
  const texts = {
    a: 'if (process.env.LEFT_IN_THE_ENVIRONMENT) throw new Error()',
    b: 'process.exit(0)',
    c: '',
    d: 'throw new Error("does not load")',
    e: '',
  };
  const files = Object.entries(texts).map(([name, text]) => {
    const file = `build/vm-tests/test/kernel/${name}.test.mjs`;
    writeFileSync(join(dir, file), text);
    return file;
  });
  files.unshift(bundleOf('test/vm/guarded.ts'));
  const env = { ...process.env, VZDECK_SHARED_MACHINE: '1' };
  const runner = new URL('guest-run.ts', import.meta.url).pathname;
  const { status, stdout } = spawnSync(process.execPath, [runner, ...files], { cwd: dir, env, encoding: 'utf8' });
  expect(status, stdout).toBe(1);
  const told = [...stdout.matchAll(/^. \S+?(\w+)(?:\.test)?\.ts: (\d) passed, (\d) failed/gm)];
  expect(told.map(([, name, passed, failed]) => `${name} ${passed} ${failed}`)).toEqual([
    'guarded 1 0',
    'a 0 0',
    'b 0 1',
    'c 0 0',
    'd 0 1',
    'e 0 0',
  ]);
});

// Output that goes to a file on a full disk: nothing is left half done for it, and it is told in a line.
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

const FULL = 'Output cannot be written: no space left on device\n';

requires(
  'root',
  'launcher',
  'busybox',
)('output that cannot be written', () => {
  let lab: Lab;
  beforeAll(() => {
    lab = openLab();
    lab.engine.bootstrap();
  });
  afterAll(() => lab.down());

  const run = (program: string, ...words: readonly string[]): { readonly status: number | null; readonly said: string } => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(join(process.cwd(), 'bin', program), words, {
      env: { ...process.env, VZDECK_ROOT: lab.root },
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    return { status, said: stderr };
  };

  test('a verb takes back what it has begun', () => {
    expect(run('vzctl', 'create', '101', '--ostemplate', 'busybox')).toEqual({ status: 3, said: `${FULL}Create was cancelled\n` });
    expect(lab.engine.find('101')).toBeNull();
    expect(readdirSync(join(lab.root, 'vz/private')).filter((name) => name.startsWith('101'))).toEqual([]);
    expect(existsSync(join(lab.root, 'var/lib/vz/lock/101.lck'))).toBe(false);
  });

  test('what had been done is done, and the status says that something is missing', () => {
    expect(run('vzdeck', 'create', '101', '--ostemplate', 'busybox')).toEqual({ status: 1, said: FULL });
    expect(lab.engine.find('101')?.state).toBe('stopped');
    for (const [program, ...words] of [['vzdeck', 'ubc', '101'], ['vzubc'], ['vzlist', '-a']] as const) {
      const { status, said } = run(program, ...words);
      expect([status, said.endsWith(FULL)]).toEqual([1, true]);
    }
  });
});

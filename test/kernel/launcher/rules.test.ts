// However many rules of a packet filter there are in one network, the others are counted whole, in a time that is set.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import type { RulesAsked } from '../../../src/engine/launcher/launcher.ts';
import { LAUNCHER, requires } from '../requires.ts';
import { until } from '../until.ts';

const MANY = 20_000;

const nft = (pid: number, input: string): void => {
  const done = spawnSync('nsenter', [`--net=/proc/${pid}/ns/net`, 'nft', '-f', '-'], { input, encoding: 'utf8' });
  expect(done.stderr).toBe('');
};
const rules = (n: number): string => `table inet t { chain c { ${'accept; '.repeat(n)} }; }\n`;
const askedOf = (pid: number): RulesAsked => ({
  init: {
    pid,
    startTime: BigInt(
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')[19] ?? 0,
    ),
  },
  group: '',
});

requires(
  'root',
  'launcher',
  'nft',
)('rules of a packet filter', () => {
  const launcher = openLauncher(LAUNCHER);
  const born: ChildProcess[] = [];
  const pids = (): readonly number[] => born.map(({ pid = 0 }) => pid);
  beforeAll(async () => {
    const own = readlinkSync('/proc/self/ns/net');
    for (let n = 0; n < 3; n++) born.push(spawn('unshare', ['--net', 'sleep', 'infinity'], { stdio: 'ignore' }));
    for (const pid of pids()) await until(() => readlinkSync(`/proc/${pid}/ns/net`) !== own);
    for (const [n, pid] of pids().entries()) nft(pid, n === 0 ? rules(MANY) : n === 1 ? rules(4) : '');
  });
  afterAll(() => {
    for (const one of born) one.kill('SIGKILL');
    launcher.close();
  });

  test('are at least so many where there are too many for the time, and whole in the others; who has ended has none', async () => {
    const [many, few, none] = pids().map(askedOf) as [RulesAsked, RulesAsked, RulesAsked];
    const [first, ...others] = await launcher.rules(
      [many, { ...few, init: { ...few.init, startTime: few.init.startTime + 1n } }, few, none],
      1,
    );
    expect(first).toMatchObject({ ok: true, more: true });
    expect(first?.ok && first.rules).toBeGreaterThan(0);
    expect(first?.ok && first.rules).toBeLessThan(MANY);
    expect(others).toEqual([
      { ok: false, errno: 'ESRCH' },
      { ok: true, rules: 4, more: false },
      { ok: true, rules: 0, more: false },
    ]);
  });

  test('are counted to the last one where an equal share would not do, and others leave theirs', async () => {
    const [many, few] = pids().map(askedOf) as [RulesAsked, RulesAsked];
    const counts = await launcher.rules([many, ...Array.from({ length: 1999 }, () => few)], 20_000);
    expect(counts[0]).toEqual({ ok: true, rules: MANY, more: false });
    expect(counts.slice(1).every((count) => count.ok && count.rules === 4)).toBe(true);
  });

  test('are counted to the last one where there is time', async () => {
    const [many, few] = pids().map(askedOf) as [RulesAsked, RulesAsked];
    expect(await launcher.rules([many, few], 600_000)).toEqual([
      { ok: true, rules: MANY, more: false },
      { ok: true, rules: 4, more: false },
    ]);
    expect(await launcher.rules([], 0)).toEqual([]);
  });
});

// Memory that really runs out: who leaks, and who is killed again and again.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Why } from '../../../src/engine/index.ts';
import { requires } from '../requires.ts';
import { until } from '../until.ts';
import { openTrouble, saidOf, type Trouble, worst } from './trouble.ts';

requires(
  'root',
  'launcher',
  'busybox',
  'cc',
)('why, of memory', () => {
  let trouble: Trouble;
  beforeAll(async () => {
    trouble = openTrouble();
    await trouble.born(102, { NAME: 'quiet' });
  });
  afterAll(() => trouble.down());
  afterEach(async () => {
    await trouble.lab.engine.stop(101, { fast: true });
    await trouble.lab.engine.destroy(101);
  });

  test('a leak is told before it fills the container, with its speed and the process that grows', async () => {
    const { engine } = trouble.lab;
    await trouble.born(101, { PHYSPAGES: '0:262144' });
    await trouble.begin(101, 'leak', 1);
    await until(() => (engine.vitals(101)?.memory.held ?? 0) > 4 << 20);
    const found = await trouble.heard('leak');
    const said = worst(found);
    expect(said).toMatchObject({ rule: 'leak', id: 101 });
    const { memory } = found.evidence.containers.find(({ id }) => id === 101) ?? {};
    expect(memory?.limit).toBe(1 << 30);
    expect(memory?.grown).toBeGreaterThan(1 << 20);
    expect(said?.text).toMatch(
      /^memory grows by [\d.]+ MiB\/s, and its 1 GiB are full in .*; .*leak.* \(pid \d+, \d+ inside\) grew by [\d.]+ MiB$/,
    );
    expect(said?.evidence.join('\n')).toMatch(/MiB: .*leak.*, own memory/);
    expect(saidOf(found, 102)).toEqual([]);
    const held = await engine.who(101, 'physpages');
    expect(held?.lines[0]).toMatchObject({ name: 'leak', what: 'own memory' });
  });

  test('what is killed again and again for lack of memory is an alarm with the number of kills', async () => {
    const { engine } = trouble.lab;
    await trouble.born(101, { PHYSPAGES: '0:16384', SWAPPAGES: '0:0' });
    await engine.set(101, { PHYSPAGES: '0:8192' }, { save: true }, { command: 'vzctl set 101 --ram 32M --save' });
    await trouble.begin(101, 'oom');
    const killsIn = (why: Why): number => why.evidence.containers.find(({ id }) => id === 101)?.oom?.kills ?? 0;
    let found = await engine.why();
    // a busy node takes its time to kill twice between two looks
    while (killsIn(found) < 2) found = await engine.why();
    const said = worst(found);
    expect(said).toMatchObject({ rule: 'oom', severity: 'alarm', id: 101, remedy: 'vzctl set 101 --ram 64M --save' });
    expect(said?.text).toMatch(
      new RegExp(
        `^the kernel killed ${killsIn(found)} processes for lack of memory in the last [\\d.]+ s at 32 MiB of RAM, again and again`,
      ),
    );
    expect(said?.text).toMatch(/the limit was lowered from 64 MiB by `vzctl set` [\d.]+ (s|minutes) ago$/);
    expect(saidOf(found, 102)).toEqual([]);
  });
});

// CPU and disk that are really used up: who spins, who is held back, who writes, who keeps a neighbour waiting.
import { availableParallelism } from 'node:os';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Why } from '../../../src/engine/index.ts';
import { judge } from '../../../src/engine/spec/why/judge.ts';
import { requires } from '../requires.ts';
import { until } from '../until.ts';
import { openTrouble, saidOf, type Trouble, worst } from './trouble.ts';

requires(
  'root',
  'launcher',
  'busybox',
  'cc',
)('why, of CPU and disk', () => {
  let trouble: Trouble;
  beforeAll(async () => {
    trouble = openTrouble();
    await trouble.born(102, { NAME: 'quiet' });
    // what else goes on on this machine is not what is tried; but on a single CPU the test itself must have its turn
    if (availableParallelism() > 1) await trouble.lab.engine.set(0, { CPUUNITS: '8' }, { save: false });
  });
  afterAll(() => trouble.down());
  afterEach(async () => {
    for (const { id } of trouble.lab.engine.list().filter((ct) => ct.id !== 102)) {
      await trouble.lab.engine.stop(id, { fast: true });
      await trouble.lab.engine.destroy(id);
    }
  });

  const evidenceOf = ({ evidence }: Why, id: number) => evidence.containers.find((ct) => ct.id === id);
  const runs = (id: number): Promise<void> => {
    const reader = trouble.lab.engine.processes();
    const busy = (): boolean => reader.look(trouble.lab.engine.list().filter((ct) => ct.id === id)).some(({ cpuTime }) => cpuTime > 0.1);
    return until(busy).finally(() => reader.close());
  };

  test('a process that spins is named with what it uses', async () => {
    await trouble.born(101);
    await trouble.begin(101, 'spin');
    await runs(101);
    const found = await trouble.heard('spin');
    const said = worst(found);
    expect(said).toMatchObject({ rule: 'spin', id: 101 });
    expect(said?.text).toMatch(/spin.* \(pid \d+, \d+ inside\) uses \d+ % of a CPU/);
    expect(evidenceOf(found, 101)?.processes?.top[0]?.cpu).toBeGreaterThan(20);
    expect(saidOf(found, 102)).toEqual([]);
  });

  test('who wants more than its CPU limit is told by how many periods it was held back', async () => {
    await trouble.born(101, { CPULIMIT: '20' });
    await trouble.begin(101, 'spin');
    await runs(101);
    const found = await trouble.heard('held-back');
    expect(worst(found)).toMatchObject({ rule: 'held-back', id: 101, severity: 'warning', remedy: 'vzctl set 101 --cpulimit 40 --save' });
    const cpu = evidenceOf(found, 101)?.cpu;
    expect(worst(found)?.text).toContain(`CPU limit of 20 %: held back in ${cpu?.throttled} of ${cpu?.periods} periods`);
    expect(saidOf(found, 102)).toEqual([]);
  });

  test('a noisy neighbour is told with who waits because of it', async () => {
    await trouble.born(101, { NAME: 'noisy', CPUUNITS: '50000' });
    await trouble.born(103, { NAME: 'slowed', CPUUNITS: '100' });
    for (let i = 0; i < 4; i++) await trouble.begin(101, 'spin');
    await trouble.begin(103, 'spin');
    await runs(101);
    // where the node itself has much to do, no container is to blame
    const found = await trouble.heard('noisy-neighbour');
    const said = found.sentences.find(({ rule }) => rule === 'noisy-neighbour');
    expect(said).toBe(worst(found));
    expect(said).toMatchObject({ id: 101, subject: '101 (noisy)', severity: 'warning' });
    expect(said?.text).toMatch(
      /^takes \d+ % of the node's \d+00 % of CPU time, while 103 \(slowed\) waits \d+ % of the time for the CPU; most by .*spin/,
    );
    expect(said?.evidence.join('\n')).toMatch(/cpu.pressure of 103 \(slowed\): \d+ % of the last [\d.]+ s/);
    expect(saidOf(found, 102)).toEqual([]);
    // who asks about the one that suffers hears of it as well
    const asked = judge({ ...found.evidence, only: 103 });
    expect(asked.some(({ rule, id }) => rule === 'noisy-neighbour' && id === 101)).toBe(true);
    expect(judge({ ...found.evidence, only: 102 }).some(({ id }) => id === 102)).toBe(false);
  });

  test('a storm of writes is told with its rate and the process', async () => {
    await trouble.born(101);
    await trouble.begin(101, 'writes', '/storm');
    const found = await trouble.heard('disk-storm');
    const storm = evidenceOf(found, 101);
    const top = storm?.processes?.top.toSorted((a, b) => b.written - a.written)[0];
    expect(top?.written).toBeGreaterThan((storm?.io?.written ?? 0) * 0.9);
    expect(worst(found)).toMatchObject({ rule: 'disk-storm', id: 101 });
    expect(worst(found)?.text).toMatch(/^reads 0 B\/s and writes [\d.]+ [KMG]iB\/s.*; most by .*writes/);
    // a fast disk keeps nobody waiting
    const waits = Math.max(storm?.pressure.io ?? 0, found.evidence.node.pressure.io ?? 0) >= 20;
    expect(worst(found)?.severity).toBe(waits ? 'warning' : 'note');
    expect(worst(found)?.remedy).toMatch(waits ? /^vzctl set 101 --iolimit \S+ --save$/ : /^$/);
    expect(saidOf(found, 102)).toEqual([]);
  });
});

// Guarantees hold while others want the same: two containers that spin on one CPU get it by their units, however many processes each has.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findTopology } from '../../../src/engine/cgroup/topology.ts';
import { readCounter } from '../../../src/engine/cgroup/usage.ts';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { until } from '../until.ts';

/** CPU time of both together: until the scheduler knows their loads, and then until they are compared, some hundred turns later. */
const WARM_USEC = 1_000_000;
const ENOUGH_USEC = 4_000_000;
const TIME_LIMIT_MS = 240_000;

requires(
  'root',
  'launcher',
  'busybox',
)('two containers that spin on one CPU', () => {
  let lab: Lab;
  const ids = [101, 102] as const;
  beforeAll(async () => {
    lab = openLab();
    for (const id of ids) await lab.born(id, { CPUMASK: '0' });
  });
  afterAll(() => lab.down());

  const used = (id: number): number => readCounter(linuxFiles, findTopology(linuxFiles, '/proc', lab.engine.node.tag), id, 'cpuUsec');
  const spin = async (id: number, count: number): Promise<void> => {
    await lab.inside(id, `for i in $(seq ${count}); do (while :; do :; done) >/dev/null 2>&1 & echo $! >>/spinning; done`);
  };
  const still = async (id: number): Promise<void> => void (await lab.inside(id, 'kill -9 $(cat /spinning); rm /spinning'));

  /** How much more CPU time the first one got. */
  const ratio = async (): Promise<number> => {
    const after = async (usec: number): Promise<readonly [number, number]> => {
      const from = used(101) + used(102);
      await until(() => used(101) + used(102) - from >= usec);
      return [used(101), used(102)];
    };
    const [one, two] = await after(WARM_USEC);
    await after(ENOUGH_USEC);
    return (used(101) - one) / (used(102) - two);
  };

  test.each([1, 10])(
    'with %i processes each get it as their units are',
    async (count) => {
      await lab.engine.set(101, { CPUUNITS: '2000' }, { save: false });
      await lab.engine.set(102, { CPUUNITS: '1000' }, { save: false });
      for (const id of ids) await spin(id, count);
      const before = await ratio();
      await lab.engine.set(101, { CPUUNITS: '1000' }, { save: false });
      await lab.engine.set(102, { CPUUNITS: '2000' }, { save: false });
      const after = await ratio();
      for (const id of ids) await still(id);
      expect(before).toBeGreaterThan(1.8);
      expect(before).toBeLessThan(2.2);
      expect(1 / after).toBeGreaterThan(1.8);
      expect(1 / after).toBeLessThan(2.2);
    },
    TIME_LIMIT_MS,
  );
});

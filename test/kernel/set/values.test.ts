// Each limit that acts at once, as the kernel has it after a set, after a start with it, and after it was taken away again.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { controlText, placeOf, versionOf } from './control-file.ts';

interface Row {
  readonly key: string;
  readonly value: string;
  /** Takes the limit away. */
  readonly none: string;
  readonly of: readonly string[];
  readonly files: { readonly 1?: string; readonly 2?: string };
  readonly texts: { readonly 1?: string; readonly 2?: string };
}

const MEMORY = ['memory'];
const same = (text: string): Row['texts'] => ({ 1: text, 2: text });
const PIDS = { of: ['pids'], files: same('pids.max') };
/** CPU time of each tenth of a second. */
const QUOTA = { of: ['cpu'], files: { 1: 'cpu.cfs_quota_us', 2: 'cpu.max' } };
const ROWS: readonly Row[] = [
  { key: 'NUMPROC', value: '50', none: '300', ...PIDS, texts: same('50') },
  {
    key: 'PHYSPAGES',
    value: '0:16384',
    none: '0:unlimited',
    of: MEMORY,
    files: { 1: 'memory.limit_in_bytes', 2: 'memory.max' },
    texts: same('67108864'),
  },
  {
    key: 'OOMGUARPAGES',
    value: '4096:unlimited',
    none: '0',
    of: MEMORY,
    files: { 2: 'memory.low' },
    texts: { 2: '16777216' },
  },
  {
    key: 'CPUUNITS',
    value: '2000',
    none: '1000',
    of: ['cpu'],
    files: { 1: 'cpu.shares', 2: 'cpu.weight' },
    texts: { 1: '2048', 2: '200' },
  },
  {
    key: 'CPULIMIT',
    value: '30',
    none: '0',
    ...QUOTA,
    texts: { 1: '30000', 2: '30000 100000' },
  },
  {
    key: 'CPUS',
    value: '1',
    none: '0',
    ...QUOTA,
    texts: { 1: '100000', 2: '100000 100000' },
  },
  {
    key: 'CPUMASK',
    value: '0',
    none: 'all',
    of: ['cpuset'],
    files: same('cpuset.cpus'),
    // of a single CPU the first one is all
    texts: { 1: '0', 2: availableParallelism() === 1 ? '' : '0' },
  },
];

requires(
  'root',
  'launcher',
  'busybox',
)('a limit that is set', () => {
  let lab: Lab;
  const rows = ROWS;
  beforeAll(async () => {
    lab = openLab();
    await lab.born(101);
  });
  afterAll(() => lab.down());

  const text = (id: number, { of, files }: Row): string | null => controlText(lab, id, of, files);
  const expected = ({ of, texts }: Row): string | null => texts[versionOf(lab, of) ?? 1] ?? null;

  test.each(rows)('$key $value stands in the kernel at once, and goes again', async (row) => {
    const fresh = text(101, row);
    await lab.engine.set(101, { [row.key]: row.value }, { save: false });
    expect(text(101, row)).toBe(expected(row));
    await lab.engine.set(101, { [row.key]: row.none }, { save: false });
    // a place in a hierarchy of its own, once taken, holds it to nothing
    const after = text(101, row);
    if (fresh !== null) expect([fresh, 'max']).toContain(after?.replace(/^9223372036854771712$/, fresh));
    else if (expected(row) !== null) expect(after).not.toBe(expected(row));
  });

  test('a guarantee of memory is let through by the groups above, as much as is promised together', async () => {
    const place = placeOf(lab, 101, MEMORY);
    if (place?.version !== 2) return expect(place?.version).toBe(1);
    const top = (): string => readFileSync(`${place.dir.slice(0, -'/101'.length)}/memory.low`, 'utf8').trim();
    await lab.born(104, { OOMGUARPAGES: '1024:unlimited' });
    await lab.engine.set(101, { OOMGUARPAGES: '4096:unlimited' }, { save: false });
    expect(top()).toBe(String((4096 + 1024) * 4096));
    await lab.engine.set(101, { OOMGUARPAGES: '0' }, { save: false });
    expect(top()).toBe(String(1024 * 4096));
  });

  test('several at once hold for a start with them just as for a set', async () => {
    const values = Object.fromEntries(rows.filter(({ key }) => key !== 'CPUS').map(({ key, value }) => [key, value]));
    await lab.born(102, { ...values, SWAPPAGES: '0:4096' });
    await lab.engine.set(101, { ...values, SWAPPAGES: '0:4096' }, { save: false });
    for (const row of rows) expect([row.key, text(101, row)]).toEqual([row.key, text(102, row)]);
    const files = { 1: 'memory.memsw.limit_in_bytes', 2: 'memory.swap.max' };
    expect(controlText(lab, 101, MEMORY, files)).toBe(controlText(lab, 102, MEMORY, files));
  });

  test('a set of CPUs is seen inside, by who runs already and by who comes', async () => {
    await lab.engine.set(101, { CPUMASK: '0' }, { save: false });
    const list = async (pid: string): Promise<string> =>
      (await lab.inside(101, `sed -n 's/^Cpus_allowed_list:[^0-9]*//p' /proc/${pid}/status`)).out.trim();
    expect([await list('1'), await list('self')]).toEqual(['0', '0']);
    await lab.engine.set(101, { CPUMASK: 'all' }, { save: false });
    expect(await list('1')).toBe(await list('self'));
  });

  test('CPUs and nodes that the node does not have are refused by name, before anything is changed', async () => {
    await lab.engine.set(101, { NUMPROC: '60' }, { save: false });
    await expect(lab.engine.set(101, { NUMPROC: '70', CPUMASK: '4000' }, { save: false })).rejects.toThrow(
      /^CPUMASK 4000 names nothing of this node, which has 0/,
    );
    expect(controlText(lab, 101, ['pids'], { 1: 'pids.max', 2: 'pids.max' })).toBe('60');
  });

  test('"auto" is the CPUs of the memory nodes', async () => {
    await lab.engine.set(101, { NODEMASK: '0', CPUMASK: 'auto' }, { save: false });
    const { out } = await lab.inside(101, 'cat /sys/devices/system/node/node0/cpulist 2>/dev/null || echo all');
    const mask = controlText(lab, 101, ['cpuset'], { 1: 'cpuset.cpus', 2: 'cpuset.cpus' });
    expect(['', 'all', out.trim()]).toContain(mask);
    await lab.engine.set(101, { NODEMASK: 'all', CPUMASK: 'all' }, { save: false });
  });

  test('shmpages bounds System V segments inside, at once, with a start, and taken back', async () => {
    const shmall = async (id: number): Promise<string> => (await lab.inside(id, 'cat /proc/sys/kernel/shmall')).out.trim();
    const [none, node] = [await shmall(101), readFileSync('/proc/sys/kernel/shmall', 'utf8')];
    await lab.engine.set(101, { SHMPAGES: '1000' }, { save: false });
    expect(await shmall(101)).toBe('1000');
    expect((await lab.inside(101, 'echo 5 >/proc/sys/kernel/shmall')).code).not.toBe(0);
    const told = async (): Promise<unknown> => (await lab.engine.parameters(101)).find(({ key }) => key === 'SHMPAGES')?.live;
    expect(await told()).toBe('1000');
    // refused when the limit is there already
    await lab.inside(101, 'mv /etc/hostname /etc/was; mkdir -p /etc/hostname/full');
    await expect(lab.engine.set(101, { SHMPAGES: '2000', HOSTNAME: 'other' }, { save: false })).rejects.toMatchObject({
      code: 'not-applied',
    });
    await lab.inside(101, 'rm -r /etc/hostname; mv /etc/was /etc/hostname');
    expect(await shmall(101)).toBe('1000');
    await lab.engine.set(101, { SHMPAGES: 'unlimited' }, { save: false });
    expect(await shmall(101)).toBe(none);
    expect(await told()).toBeNull();
    await lab.born(105, { SHMPAGES: '3000' });
    expect(await shmall(105)).toBe('3000');
    expect(readFileSync('/proc/sys/kernel/shmall', 'utf8')).toBe(node);
  });

  test('--reset_ub puts the limits of the file back, and begins the highest use anew where the kernel can', async () => {
    const files = { 1: 'memory.max_usage_in_bytes', 2: 'memory.peak' };
    await lab.engine.set(101, { NUMPROC: '61', PHYSPAGES: '0:unlimited', OOMGUARPAGES: '0' }, { save: false });
    await lab.inside(101, 'dd if=/dev/zero of=/dev/shm/peak bs=1M count=30 2>/dev/null; rm /dev/shm/peak');
    const before = Number(controlText(lab, 101, MEMORY, files));
    lab.said();
    await lab.engine.set(101, {}, { save: false, resetUb: true }, lab.run);
    expect(controlText(lab, 101, ['pids'], { 1: 'pids.max', 2: 'pids.max' })).toBe('300');
    const after = Number(controlText(lab, 101, MEMORY, files));
    const kept = lab.said().join('\n');
    expect(kept).toMatch(
      /^UB limits were set successfully\nFail counts of container 101 begin at 0\nThe kernel keeps the highest use of .*numproc/,
    );
    if (versionOf(lab, MEMORY) === 1) expect(after).toBeLessThan(before - 20 * 2 ** 20);
    else expect(kept).toContain('memory');
  });

  test('one that is kept and that nobody holds is told as that', async () => {
    lab.said();
    await lab.engine.set(101, { KMEMSIZE: '9999999', DCACHESIZE: '9999999' }, { save: false }, lab.run);
    expect(lab.said()).toContain(
      '! Warning: nothing acts on KMEMSIZE, DCACHESIZE: the kernel has no limit for it alone: it counts as memory, and physpages bounds that',
    );
  });
});

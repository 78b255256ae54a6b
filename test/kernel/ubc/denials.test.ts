// What the kernel itself refuses and counts nowhere: each refusal is counted, for the container that it was refused to alone, whoever looks or does not, over all
// its lives; and the programs that count go with the last container.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { denialsIn } from '../../../src/engine/account/denials.ts';
import { findTopology } from '../../../src/engine/cgroup/topology.ts';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import { type DenialCounts, parseDenials } from '../../../src/engine/spec/bpf/denials.ts';
import { uncountedText } from '../../../src/engine/spec/ubc-holds.ts';
import { bpfPlace } from '../../../src/engine/store/bpf-place.ts';
import { requires } from '../requires.ts';
import { type Loads, openLoads, untilRow } from './loads.ts';

const SIGNALS = 20;
/** What the load is sent, SIGRTMIN + 5 of the C library. */
const LATE = 39;
const VALUES = { NUMSIGINFO: String(SIGNALS) };

requires(
  'root',
  'launcher',
  'busybox',
  'cc',
  'cgroup2',
)('what the kernel refuses by itself', () => {
  let loads: Loads;
  beforeAll(async () => {
    loads = openLoads();
    for (const id of [101, 102]) await loads.born(id, VALUES);
  });
  afterAll(() => loads.down());

  const topology = () => findTopology(linuxFiles, '/proc', loads.lab.engine.node.tag);
  const dir = (): string => denialsIn({ files: linuxFiles, root: loads.lab.root }, topology()) ?? '';
  const groupOf = (id: number): number => statSync(`${topology().unified}${topology().top}/${id}`).ino;
  const counts = (): ReadonlyMap<number, DenialCounts> => parseDenials(readFileSync(`${dir()}/counts`, 'utf8'));
  /** A process that has ended holds its signals until its parent knows. */
  const calm = (id: number): Promise<unknown> => untilRow(loads, id, 'numsiginfo', ({ held }) => held < 2);
  const failcnt = (id: number): number => loads.row(id, 'numsiginfo').failcnt;

  test('signals that find no room are counted one by one, for their container alone', async () => {
    const before = [101, 102].map(failcnt);
    expect(loads.row(101, 'numsiginfo')).toMatchObject({ failSource: expect.stringMatching(/^bpf signal_generate/), enforced: 'kernel' });
    const load = await loads.hold(101, 'signal', 50);
    expect(load.errno).toBe('EAGAIN');
    expect(load.refused).toBeGreaterThanOrEqual(50 - SIGNALS);
    expect([101, 102].map(failcnt)).toEqual([(before[0] ?? 0) + load.refused, before[1]]);
    await load.end();
    // what fits is no refusal
    const few = await loads.hold(101, 'signal', SIGNALS / 2);
    expect([few.refused, failcnt(101)]).toEqual([0, (before[0] ?? 0) + load.refused]);
    await few.end();
    await calm(101);
  });

  test('so are those that arrive without what they say, and those from outside', async () => {
    const before = failcnt(101);
    const load = await loads.hold(101, 'kill', 50);
    expect(load.refused).toBe(0);
    const lost = failcnt(101) - before;
    expect(lost).toBeGreaterThanOrEqual(50 - SIGNALS);
    expect(lost).toBeLessThan(50 - SIGNALS + 2);
    // it is full: another one of the node's
    expect(spawnSync('kill', [`-${LATE}`, String(load.pid())]).status).toBe(0);
    expect(failcnt(101) - before).toBe(lost + 1);
    await load.end();
    await calm(101);
  });

  test('timers that find no room for their signal are counted where a program sees them, and said not to be elsewhere', async () => {
    // both take a trampoline
    const told = existsSync(`${dir()}/devpts_new_index`);
    const before = loads.row(101, 'numsiginfo');
    expect(before.failSource).toBe(told ? 'bpf signal_generate, timer_create' : 'bpf signal_generate');
    expect(uncountedText(before)).toBe(told ? '' : 'timers that are refused are not counted: that takes BPF trampolines');
    const [load, others] = [await loads.hold(101, 'timer', 50), failcnt(102)];
    expect(load.errno).toBe('EAGAIN');
    expect(load.refused).toBeGreaterThanOrEqual(50 - SIGNALS);
    expect([failcnt(101) - before.failcnt, failcnt(102)]).toEqual([told ? load.refused : 0, others]);
    await load.end();
    await calm(101);
  });

  test('nobody has to look meanwhile, and the counts of a life are kept at its end and leave the kernel', async () => {
    const before = failcnt(101);
    const load = await loads.hold(101, 'signal', 50);
    const group = groupOf(101);
    expect(counts().get(group)?.numsiginfo).toBe(before + load.refused);
    await loads.lab.engine.stop(101, { fast: true });
    expect(failcnt(101)).toBe(before + load.refused);
    expect(counts().has(group)).toBe(false);
    await loads.lab.engine.start(101);
    expect(loads.row(101, 'numsiginfo')).toMatchObject({ failcnt: before + load.refused, lifeFailcnt: 0 });
    const more = await loads.hold(101, 'signal', 50);
    expect(loads.row(101, 'numsiginfo')).toMatchObject({ failcnt: before + load.refused + more.refused, lifeFailcnt: more.refused });
    await more.end();
  });

  test('one set serves all containers, and goes with the last one', async () => {
    const place = bpfPlace({ root: loads.lab.root });
    expect(readdirSync(place).filter((name) => name.includes('denials'))).toHaveLength(1);
    expect(existsSync(`${dir()}/signal_generate`)).toBe(true);
    // where the kernel lets no program see them nobody counts refused terminals, and nobody says 0 of them
    const told = existsSync(`${dir()}/devpts_new_index`);
    expect(loads.row(101, 'numpty').failSource).toBe(told ? 'bpf devpts_new_index' : 'none');
    await loads.lab.engine.stop(101, { fast: true });
    expect(existsSync(`${dir()}/counts`)).toBe(true);
    await loads.lab.engine.stop(102, { fast: true });
    expect(existsSync(place)).toBe(false);
    for (const id of [101, 102]) await loads.lab.engine.start(id);
    expect(failcnt(101)).toBeGreaterThan(0);
    const load = await loads.hold(102, 'signal', 50);
    expect(loads.row(102, 'numsiginfo')).toMatchObject({ failcnt: load.refused, lifeFailcnt: load.refused });
    await load.end();
  });
});

requires(
  'root',
  'launcher',
  'busybox',
  'cc',
  'cgroup2',
  'bpf-trampoline',
)('terminals that the kernel refuses', () => {
  let loads: Loads;
  beforeAll(async () => {
    loads = openLoads();
    for (const id of [101, 102]) await loads.born(id, { NUMPTY: '5' });
  });
  afterAll(() => loads.down());
  const numpty = (id: number) => loads.row(id, 'numpty');

  test('are counted one by one, for their container alone, over its lives', async () => {
    expect(numpty(101)).toMatchObject({ failcnt: 0, failSource: 'bpf devpts_new_index' });
    const load = await loads.hold(101, 'pty', 12);
    expect([load.had, load.refused, load.errno]).toEqual([5, 7, 'ENOSPC']);
    expect([numpty(101).failcnt, numpty(102).failcnt]).toEqual([7, 0]);
    await load.end();
    // what is given is no refusal
    const few = await loads.hold(101, 'pty', 3);
    expect([few.refused, numpty(101).failcnt]).toEqual([0, 7]);
    await few.end();
    await loads.lab.engine.restart(101);
    expect(numpty(101)).toMatchObject({ failcnt: 7, lifeFailcnt: 0 });
    const more = await loads.hold(101, 'pty', 6);
    expect(more.refused).toBe(1);
    expect(numpty(101)).toMatchObject({ failcnt: 8, lifeFailcnt: 1 });
    await more.end();
  });
});

// Each row of an account against a load of known size: held follows it up and down, the highest stays, the refusal has the errno of old, and the
// fail counter says how many there were.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requires } from '../requires.ts';
import { type Loads, openLoads, untilRow } from './loads.ts';

interface Case {
  readonly row: string;
  readonly kind: string;
  readonly tries: number;
  /** What of the row one of them takes. */
  readonly each: number;
  /** How many of them are given; null: as many as are asked for. */
  readonly given: number | null;
  readonly errno: string;
  /** So many fewer at most: others inside may hold some for a moment. */
  readonly less?: number;
}

const VALUES = {
  NUMPROC: '60',
  SHMPAGES: '1000',
  LOCKEDPAGES: '64',
  NUMPTY: '5',
  NUMSIGINFO: '20',
  TCPSNDBUF: '65536:131072',
  TCPRCVBUF: '65536:131072',
};

const CASES: readonly Case[] = [
  { row: 'shmpages', kind: 'segment', tries: 100, each: 16, given: 62, errno: 'ENOSPC' },
  { row: 'shmpages', kind: 'shared', tries: 20, each: 16, given: null, errno: '-' },
  { row: 'lockedpages', kind: 'locked', tries: 10, each: 16, given: 4, errno: 'ENOMEM' },
  { row: 'numpty', kind: 'pty', tries: 8, each: 1, given: 5, errno: 'ENOSPC' },
  { row: 'numsiginfo', kind: 'signal', tries: 30, each: 1, given: 20, errno: 'EAGAIN', less: 2 },
  { row: 'numflock', kind: 'lock', tries: 10, each: 1, given: null, errno: '-' },
  { row: 'numfile', kind: 'file', tries: 100, each: 1, given: null, errno: '-' },
  { row: 'physpages', kind: 'mib', tries: 10, each: 256, given: null, errno: '-' },
  { row: 'oomguarpages', kind: 'mib', tries: 10, each: 256, given: null, errno: '-' },
  { row: 'privvmpages', kind: 'mib', tries: 10, each: 256, given: null, errno: '-' },
];

requires(
  'root',
  'launcher',
  'busybox',
  'cc',
)('a row of the account', () => {
  let loads: Loads;
  beforeAll(async () => {
    loads = openLoads();
    await loads.born(101, VALUES);
  });
  afterAll(() => loads.down());

  test.each(CASES)('$row: $tries × $kind', async ({ row, kind, tries, each, given, errno, less = 0 }) => {
    const before = loads.row(101, row);
    expect(before.source).not.toBe('none');
    const load = await loads.hold(101, kind, tries);
    const most = given ?? tries;
    expect(load).toMatchObject({ refused: tries - load.had, errno });
    expect(load.had).toBeLessThanOrEqual(most);
    expect(load.had).toBeGreaterThanOrEqual(most - less);
    // memory is counted in batches, and the load is a process itself
    const during = await untilRow(loads, 101, row, ({ held }) => held >= before.held + (load.had - less) * each * 0.95);
    if (each === 1) expect(during.held - before.held).toBeLessThan(load.had + 12);
    expect(during.maxheld).toBeGreaterThanOrEqual(during.held);
    if (during.failSource === 'none') expect(during.failcnt).toBe(0);
    else if (given !== null) expect(during.failcnt - before.failcnt).toBe(load.refused);
    await load.end();
    await untilRow(loads, 101, row, ({ held }) => held < before.held + (load.had * each) / 4 + 1);
  });

  test('numproc: what is refused is counted one by one, and the highest stays', async () => {
    const before = loads.row(101, 'numproc');
    const load = await loads.hold(101, 'fork', 100);
    expect(load.errno).toBe('EAGAIN');
    const during = loads.row(101, 'numproc');
    expect(during).toMatchObject({ limit: 60n, enforced: 'kernel', reason: '' });
    // the shell that began it has ended since
    expect(during.held).toBeGreaterThan(55);
    expect(during.failcnt - before.failcnt).toBe(load.refused);
    // where it was refused it had been counted for a moment
    expect([60, 61]).toContain(during.maxheld);
    await load.end();
    const after = await untilRow(loads, 101, 'numproc', ({ held }) => held <= before.held + 1);
    expect(after.failcnt - before.failcnt).toBe(load.refused);
    expect(after.maxheld).toBe(during.maxheld);
  });

  test('a limit that was set without --save is the one that is told, and one of the next start is not', async () => {
    await loads.lab.engine.set(101, { NUMPTY: '7', NUMPROC: '70' }, { save: false });
    await loads.lab.engine.set(101, { NUMSIGINFO: '30' }, { save: true, setmode: 'ignore' });
    expect(loads.row(101, 'numpty')).toMatchObject({ barrier: 7n, limit: 7n });
    expect(loads.row(101, 'numproc')).toMatchObject({ barrier: 70n, limit: 70n });
    expect(loads.row(101, 'numsiginfo')).toMatchObject({ barrier: 20n, limit: 20n });
    await loads.lab.engine.set(101, { NUMPTY: '5', NUMPROC: '60' }, { save: false });
  });

  test('kmemsize: what the kernel keeps for processes comes and goes with them', async () => {
    const before = loads.row(101, 'kmemsize');
    const load = await loads.hold(101, 'fork', 40);
    const during = await untilRow(loads, 101, 'kmemsize', ({ held }) => held > before.held + 40 * 8192);
    await load.end();
    const after = await untilRow(loads, 101, 'kmemsize', ({ held }) => held < during.held - 20 * 8192);
    expect(after).toMatchObject({ enforced: 'accounting-only', failcnt: 0, failSource: 'none' });
    // version 1 keeps a highest value of it, version 2 leaves that to who samples
    if (after.maxheld > after.held) expect(after.maxheld).toBeGreaterThanOrEqual(during.held);
  });

  test('dcachesize: told where the kernel counts slabs of a group, and none elsewhere', async () => {
    const before = loads.row(101, 'dcachesize');
    const load = await loads.hold(101, 'inode', 3000);
    const during = loads.row(101, 'dcachesize');
    if (during.source === 'none') expect(during.held).toBe(0);
    else expect(during.held).toBeGreaterThan(before.held + 3000 * 100);
    await load.end();
  });

  describe('of memory', () => {
    beforeAll(() => loads.born(102, { PHYSPAGES: '0:4096', SWAPPAGES: '0:0' }));

    test('physpages: a limit that is hit is counted, and who is killed for it counts for oomguarpages', async () => {
      const [ram, oom] = [loads.row(102, 'physpages'), loads.row(102, 'oomguarpages')];
      await loads.push(102, 'mib', 40);
      const hit = await untilRow(loads, 102, 'oomguarpages', ({ failcnt }) => failcnt > oom.failcnt);
      expect(hit.failcnt).toBe(oom.failcnt + 1);
      const during = await untilRow(loads, 102, 'physpages', ({ failcnt }) => failcnt > ram.failcnt);
      expect(during).toMatchObject({ limit: 4096n, enforced: 'kernel' });
      expect(during.maxheld).toBeGreaterThan(3800);
      expect(during.maxheld).toBeLessThanOrEqual(4096);
      await untilRow(loads, 102, 'physpages', ({ held }) => held < 2000);
    });
  });

  describe('of TCP', () => {
    beforeAll(() => loads.born(103));

    test('tcpsndbuf, tcprcvbuf: what is in flight is counted, and less with a limit', async () => {
      const free = await loads.hold(103, 'tcp', 1);
      const both = (id: number): number => loads.row(id, 'tcpsndbuf').held + loads.row(id, 'tcprcvbuf').held;
      expect(both(103)).toBeGreaterThanOrEqual(free.had * 1024 * 0.5);
      await free.end();
      await untilRow(loads, 103, 'tcpsndbuf', ({ held }) => held === 0);
      const held = await loads.hold(101, 'tcp', 1);
      expect(held.had * 2).toBeLessThan(free.had);
      expect(loads.row(101, 'tcpsndbuf')).toMatchObject({ barrier: 65_536n, limit: 131_072n, enforced: 'partial' });
      await held.end();
    });

    test('a limit that is set while it runs acts on what comes', async () => {
      await loads.lab.engine.set(103, { TCPSNDBUF: '65536:131072', TCPRCVBUF: '65536:131072' }, { save: false });
      const held = await loads.hold(103, 'tcp', 1);
      await held.end();
      await loads.lab.engine.set(103, { TCPSNDBUF: 'unlimited', TCPRCVBUF: 'unlimited' }, { save: false });
      const free = await loads.hold(103, 'tcp', 1);
      expect(held.had * 2).toBeLessThan(free.had);
      await free.end();
    });
  });

  test('what nobody counts is 0 and says so', () => {
    for (const name of ['vmguarpages', 'diskspace', 'diskinodes'])
      expect(loads.row(101, name)).toMatchObject({ held: 0, source: 'none', failcnt: 0, failSource: 'none', enforced: 'accounting-only' });
  });

  test('a container that does not run holds nothing, and its limits are those of its file', async () => {
    await loads.lab.engine.stop(103, { fast: true });
    const [account] = loads.lab.engine.ubc([103]);
    expect(account?.running).toBe(false);
    expect(account?.rows.every(({ held }) => held === 0)).toBe(true);
    expect(loads.row(103, 'numproc').limit).toBeGreaterThan(0n);
  });
});

// Limits of sockets: refused with the error of the old kernel, counted as often as the load has seen it, changed at once, read back, shown.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { countsOf, type Inmate, openInmate } from './inmate.ts';

const ID = 101;
const ENOBUFS = '105';

requires(
  'root',
  'launcher',
  'busybox',
  'cgroup2',
  'x64',
)('limits of sockets', () => {
  let lab: Lab;
  let one: Inmate;
  let idle = 0;
  const row = (name: string) => lab.engine.ubc([ID])[0]?.rows.find((each) => each.name === name);
  /** Where programs refuse sockets of all families, those that are tried here leave the others to them. */
  const others = (): boolean => row('numothersock')?.failSource === 'bpf: sockets';
  const failures = (kind: 'numtcpsock' | 'numothersock'): number => countsOf(lab, ID)[kind].failcnt;

  beforeAll(async () => {
    lab = openLab();
    await lab.born(ID, { NUMTCPSOCK: '30:40', NUMOTHERSOCK: '0:20' });
    idle = countsOf(lab, ID).numtcpsock.held;
    one = await openInmate(lab, ID);
  });
  beforeEach(async () => void (await one.do('dropped()')));
  afterAll(async () => {
    await one.killed();
    await lab.down();
  });

  test('hold from the start on: the lower of barrier and limit, and the limit where the barrier is 0', async () => {
    expect(await one.do('make(100, \\&tcp)')).toBe(`${30 - idle} ${ENOBUFS}`);
    if (others()) expect(await one.do('dropped(); make(30, \\&udp)')).toBe(`20 ${ENOBUFS}`);
    await one.do('dropped()');
  });

  describe('each refusal counts once', () => {
    test.each([
      ['numtcpsock', 'tcp', 30],
      ['numothersock', 'udp', 20],
    ] as const)('%s', async (kind, make, limit) => {
      if (kind === 'numothersock' && !others()) return;
      const before = failures(kind);
      const room = limit - (kind === 'numtcpsock' ? idle : 0);
      expect(await one.do(`my $no = 0; for (1 .. 50) { eval { ${make}(); 1 } or $no++ } $no`)).toBe(String(50 - room));
      expect(failures(kind) - before).toBe(50 - room);
      await one.do('dropped()');
      expect(failures(kind) - before).toBe(50 - room);
    });

    test('of several processes at once, too', async () => {
      const before = failures('numtcpsock');
      const crowd = await Promise.all([1, 2, 3].map(() => openInmate(lab, ID)));
      const said = await Promise.all(
        crowd.map((each) => each.do('my $no = 0; for (1 .. 400) { eval { tcp(); 1 } or $no++; splice @kept, 0, 12 if @kept > 12 } $no')),
      );
      const seen = said.reduce((sum, no) => sum + Number(no), 0);
      expect(failures('numtcpsock') - before).toBe(seen);
      expect(countsOf(lab, ID).numtcpsock.maxheld).toBe(30);
      for (const each of crowd) await each.killed();
      expect(countsOf(lab, ID).numtcpsock.held).toBe(idle);
    });
  });

  test('a connection that comes in is counted beyond the limit, and keeps new ones from being made', async () => {
    await one.do(`listener(); make(${28 - idle}, \\&tcp)`);
    await one.do('client()');
    expect(countsOf(lab, ID).numtcpsock.held).toBe(31);
    expect(await one.do('make(1, \\&tcp)')).toBe(`0 ${ENOBUFS}`);
    await one.do('dropped()');
    expect(countsOf(lab, ID).numtcpsock.held).toBe(idle);
  });

  test('are changed at once, and told as they hold', async () => {
    await lab.engine.set(ID, { NUMTCPSOCK: '10:10', NUMOTHERSOCK: '3:3' }, { save: false }, lab.run);
    expect(await one.do('make(100, \\&tcp)')).toBe(`${10 - idle} ${ENOBUFS}`);
    if (others()) expect(await one.do('make(100, \\&udp)')).toBe(`3 ${ENOBUFS}`);
    expect(lab.said().join('\n')).not.toMatch(/nothing/);
    expect(row('numtcpsock')).toMatchObject({ held: 10, limit: 10n, enforced: 'bpf' });
    // who is above a lower limit keeps what he has
    await lab.engine.set(ID, { NUMTCPSOCK: '5:5' }, { save: false }, lab.run);
    expect(await one.do('make(1, \\&tcp)')).toBe(`0 ${ENOBUFS}`);
    expect(row('numtcpsock')).toMatchObject({ held: 10, limit: 5n });
    await lab.engine.set(ID, { NUMTCPSOCK: 'unlimited', NUMOTHERSOCK: 'unlimited' }, { save: false }, lab.run);
    expect(await one.do('make(100, \\&tcp)')).toBe('100');
    expect(await one.do('make(100, \\&udp)')).toBe('100');
    await one.do('dropped()');
  });

  test('five parameters of which one is refused leave them as they were', async () => {
    await lab.engine.set(ID, { NUMTCPSOCK: '12:12' }, { save: false }, lab.run);
    const change = lab.engine.set(ID, { NUMTCPSOCK: '9:9', NUMPROC: '200', BINDMOUNT: '/nowhere/at/all:/mnt' }, { save: false }, lab.run);
    await expect(change).rejects.toThrow();
    expect(await one.do('make(100, \\&tcp)')).toBe(`${12 - idle} ${ENOBUFS}`);
    await one.do('dropped()');
  });

  test('the row of the account says what is held, the highest, and the refusals', async () => {
    await lab.engine.set(ID, { NUMTCPSOCK: '30:40' }, { save: false }, lab.run);
    await one.do('make(7, \\&tcp)');
    const { maxheld, failcnt } = countsOf(lab, ID).numtcpsock;
    expect(row('numtcpsock')).toMatchObject({
      held: 7 + idle,
      maxheld,
      failcnt,
      barrier: 30n,
      limit: 40n,
      source: 'bpf: sockets',
      failSource: 'bpf: sockets',
      enforced: 'bpf',
    });
    await one.do('dropped()');
    expect(row('numtcpsock')?.held).toBe(idle);
  });
});

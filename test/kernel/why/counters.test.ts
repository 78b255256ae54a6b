// Beancounters that really run full: the sentence names container, counter, number and culprit, and its neighbour is left alone.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { requires } from '../requires.ts';
import { until } from '../until.ts';
import { openTrouble, saidOf, type Trouble, worst } from './trouble.ts';

requires(
  'root',
  'launcher',
  'busybox',
  'cc',
)('why, of beancounters', () => {
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

  const row = (name: string) => trouble.lab.engine.ubc([101])[0]?.rows.find((one) => one.name === name);
  const reaches = (name: string, n: number): Promise<void> => until(() => (row(name)?.held ?? 0) >= n);

  test('a storm of forks is the first thing that is said, with refusals, limit, program and who lowered it', async () => {
    const { lab } = trouble;
    await trouble.born(101, { NAME: 'web', NUMPROC: '120' });
    await lab.engine.set(101, { NUMPROC: '60' }, { save: true }, { command: 'vzctl set 101 --numproc 60 --save' });
    await trouble.begin(101, 'forks', 100);
    await until(() => (row('numproc')?.failcnt ?? 0) > 0);
    const found = await trouble.heard('refused');
    const said = worst(found);
    expect(said).toMatchObject({ rule: 'refused', severity: 'alarm', id: 101, subject: '101 (web)' });
    const numproc = found.evidence.containers.find(({ id }) => id === 101)?.rows.find(({ name }) => name === 'numproc');
    expect(numproc?.refused).toBeGreaterThan(0);
    expect(said?.text.replaceAll(',', '')).toContain(`refused ${numproc?.refused} forks in the last `);
    expect(said?.text).toMatch(/at numproc 60; worker holds \d\d; the limit was lowered from 120 by `vzctl set` [\d.]+ (s|minutes) ago$/);
    expect(said?.evidence.join('\n')).toMatch(/pids\.events.*: [\d,]+ refusals in all/);
    expect(said?.evidence.join('\n')).toMatch(/begun by forks \(pid \d+\)/);
    expect(said?.evidence.join('\n')).toContain('vzctl set 101 --numproc 60 --save (NUMPROC was 120)');
    expect(said?.remedy).toBe('vzctl set 101 --numproc 120 --save');
    expect(saidOf(found, 102)).toEqual([]);
    const held = await lab.engine.who(101, 'numproc');
    expect(held?.lines[0]).toMatchObject({ name: 'worker', parent: { name: 'forks' } });
    expect(held?.held).toBe(60);
  });

  test('terminals that ran out are told with whoever has them', async () => {
    await trouble.born(101, { NUMPTY: '6' });
    await trouble.begin(101, 'ptys');
    await reaches('numpty', 6);
    const found = await trouble.lab.engine.why();
    const said = worst(found);
    expect(said?.id).toBe(101);
    expect(['full', 'refused']).toContain(said?.rule);
    expect(said?.text).toMatch(/numpty.* 6.*; ptys holds 6/);
    expect(said?.remedy).toBe('vzctl set 101 --numpty 9 --save');
    expect(saidOf(found, 102)).toEqual([]);
  });

  test('shared memory that is too little is told with its limit and who holds it', async () => {
    await trouble.born(101, { SHMPAGES: '1024' });
    await trouble.begin(101, 'segments', 256);
    await reaches('shmpages', 1024);
    const found = await trouble.lab.engine.why();
    const said = worst(found);
    expect(said?.id).toBe(101);
    expect(said?.text).toContain('shmpages');
    expect(said?.text).toContain('4 MiB');
    expect(said?.text).toContain('segments holds');
    expect(said?.remedy).toBe('vzctl set 101 --shmpages 6M --save');
    expect(saidOf(found, 102)).toEqual([]);
  });

  test('locked memory that one process may have no more of is told with who holds it, and that each has the limit alone', async () => {
    await trouble.born(101, { LOCKEDPAGES: '64' });
    await trouble.begin(101, 'locks', 64);
    await reaches('lockedpages', 64);
    const found = await trouble.lab.engine.why();
    const said = worst(found);
    expect(said).toMatchObject({ id: 101, rule: 'full', severity: 'alarm' });
    expect(said?.text).toContain(
      'lockedpages is full, 256 KiB of 256 KiB: a process that holds as much alone can lock no more; locks holds 256 KiB',
    );
    expect(said?.remedy).toBe('vzctl set 101 --lockedpages 384K --save');
    expect(saidOf(found, 102)).toEqual([]);
  });

  test('sockets that are never closed are told with program, port and state', async () => {
    await trouble.born(101);
    await trouble.begin(101, 'sockets', 150);
    await reaches('numtcpsock', 150);
    const found = await trouble.lab.engine.why(101);
    const said = saidOf(found, 101).find(({ rule }) => rule === 'close-wait');
    expect(said).toMatchObject({ severity: 'warning', text: 'sockets does not close 150 connections whose peers have: it leaks sockets' });
    expect(said?.evidence[0]).toMatch(/150: \S.*sockets.* \(pid \d+, \d+ inside\), TCP on port 4711, CLOSE_WAIT/);
    expect(saidOf(found, 102)).toEqual([]);
    const held = await trouble.lab.engine.who(101, 'numtcpsock');
    expect(held?.lines[0]).toMatchObject({ name: 'sockets', amount: 150, what: 'TCP on port 4711, CLOSE_WAIT' });
  });

  test('processes that ended and are not asked how are told with whoever began them', async () => {
    await trouble.born(101);
    await trouble.begin(101, 'zombies', 40);
    await reaches('numproc', 40);
    const found = await trouble.lab.engine.why(101);
    expect(worst(found)).toMatchObject({ rule: 'zombies', severity: 'warning' });
    expect(worst(found)?.text).toBe('zombies does not ask how 40 processes that it began ended: they count until it does');
  });

  test('open files that grow without a limit are told before anything is refused', async () => {
    await trouble.born(101);
    await trouble.begin(101, 'files');
    await reaches('numfile', 500);
    const held = await trouble.lab.engine.who(101, 'numfile');
    expect(held?.lines[0]).toMatchObject({ name: 'files', what: 'devices' });
    expect(held?.lines[0]?.amount).toBeGreaterThan(400);
  });
});

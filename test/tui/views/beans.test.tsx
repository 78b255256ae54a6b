// A container's beancounters over an engine in memory: growth and its decay, order, what is narrowed, and what keys do.
import { afterEach, describe, expect, test } from 'vitest';
import { ACCOUNT_ROWS } from '../../../src/engine/index.ts';
import { beanRows } from '../../../src/tui/store/ubc.ts';
import { columnsOf } from '../../../src/tui/views/history-lines.ts';
import { beanOf, FakeEngine, sampleOf, stoppedOf } from '../fake-engine.ts';
import { ManagerRig, type RigOptions } from '../manager-rig.tsx';

let rig: ManagerRig;
afterEach(() => rig.close());

const both = (n: number) => ({ barrier: BigInt(n), limit: BigInt(n) });

function open(options: RigOptions = {}): ManagerRig {
  const engine = new FakeEngine([sampleOf(101, { name: 'web' }), stoppedOf(102)]);
  engine.beans.set(101, [
    beanOf('kmemsize', { held: 5, failSource: 'none', enforced: 'accounting-only', reason: 'counts as memory' }),
    beanOf('numproc', { held: 10, maxheld: 60, ...both(60), failcnt: 400 }),
    beanOf('physpages', { held: 90, barrier: 0n, limit: 100n }),
    beanOf('numpty', { held: 1, ...both(16) }),
    beanOf('vmguarpages', { source: 'none', failSource: 'none', enforced: 'accounting-only' }),
  ]);
  engine.configs.set(101, new Map([['NUMPROC', '60']]));
  rig = new ManagerRig(engine, options);
  rig.press('b');
  return rig;
}

/** A second in which so many more were refused. */
function second(more = 0): void {
  rig.engine.refuse(101, 'numproc', more);
  rig.look();
}

const names = (): readonly string[] => beanRows(rig.state).map(({ name }) => name);
const numproc = () => beanRows(rig.state).find(({ name }) => name === 'numproc');

test('are those of the sampler’s look: nothing is read for them again', () => {
  open();
  for (let n = 0; n < 3; n++) second(1);
  rig.press('e', 'h', '>');
  expect(numproc()).toMatchObject({ failcnt: 403 });
  expect(rig.engine.readings).toBe(0);
});

test('of which there is more than was looked at have a sign of it', async () => {
  open();
  rig.engine.beans.set(101, [beanOf('numfile', { held: 32_000, atLeast: true }), beanOf('numflock', { held: 7 })]);
  rig.look();
  expect(await rig.text()).toMatch(/numfile .*≥32000/);
  expect(await rig.text()).toMatch(/numflock .* 7 /);
});

describe('growth', () => {
  test('is told for a second, a minute and since one looks', async () => {
    open({ columns: 120 });
    second(2);
    for (let n = 0; n < 65; n++) second(n === 64 ? 38 : 0);
    expect(numproc()?.grown).toEqual({ second: 38, minute: 38, opened: 40 });
    expect(await rig.text()).toMatch(/numproc +! .* 440 +\+38 +\+38 +\+40/);
  });

  test('is an alarm for three looks, a warning for two, then nothing', () => {
    open();
    second(1);
    const ages = [numproc()?.trouble];
    for (let n = 0; n < 5; n++) {
      second();
      ages.push(numproc()?.trouble);
    }
    expect(ages).toEqual(['refused', 'refused', 'refused', 'refused', 'refused', 'was-refused']);
  });

  test('of counts that began anew is never negative', () => {
    open();
    second(5);
    rig.engine.refuse(101, 'numproc', -400);
    rig.look();
    expect(numproc()?.grown?.second).toBe(0);
  });

  test('of what nobody counts is nothing, and its fail count a dash', async () => {
    open();
    expect(beanRows(rig.state).find(({ name }) => name === 'kmemsize')?.grown).toBeNull();
    expect(await rig.text()).toMatch(/kmemsize .* – +counted/);
    expect(await rig.text()).toMatch(/vmguarpages +– +– /);
  });

  test('begins anew when another container is looked at', () => {
    open();
    second(5);
    rig.press(']', '[');
    expect(numproc()?.grown?.opened).toBe(0);
  });
});

describe('the rows', () => {
  test('have what needs somebody on top, or the order of the old file', () => {
    open();
    expect(names()).toEqual(['physpages', 'numproc', 'numpty', 'kmemsize', 'vmguarpages']);
    second(1);
    expect(names()[0]).toBe('numproc');
    rig.press('>');
    expect(names()).toEqual(['kmemsize', 'numproc', 'physpages', 'numpty', 'vmguarpages']);
  });

  test('can be those in trouble alone, or those that are looked for', () => {
    open().press('t');
    expect(names()).toEqual(['physpages', 'numproc']);
    rig.press('t', '/', ...'pty', 'enter');
    expect(names()).toEqual(['numpty']);
  });
});

describe('keys', () => {
  test('explain a row, and set it to what was advised after the changes were looked at', async () => {
    open();
    for (let n = 0; n < 2; n++) second(1);
    rig.engine.beans.set(101, [beanOf('numproc', { held: 60, maxheld: 60, ...both(60), failcnt: 402 })]);
    rig.look();
    rig.press('e');
    expect(await rig.text()).toContain('vzctl set 101 --numproc 90 --save');
    rig.press('y');
    expect(rig.asked.at(-1)).toBe('copy vzctl set 101 --numproc 90 --save');
    rig.press('s');
    await expect.poll(() => rig.state.overlay?.kind).toBe('parameter');
    rig.press('enter');
    await expect.poll(() => rig.state.review?.lines).not.toBeNull();
    rig.press('enter');
    await rig.manager.tasks.settled();
    await expect.poll(() => rig.engine.calls.find((call) => call.startsWith('set 101'))).toContain('"NUMPROC":{"set":"90"}');
  });

  test('ask before counts begin at 0, and only y does it', async () => {
    open();
    rig.press('R', 'enter');
    expect(rig.state.overlay?.kind).toBe('confirm');
    expect(rig.engine.calls).toEqual([]);
    rig.press('y');
    await rig.manager.tasks.settled();
    expect(rig.engine.calls).toContain('set 101 {}');
  });

  test('change nothing in read-only mode', () => {
    open({ readOnly: true });
    for (const key of ['s', 'R']) {
      rig.press(key);
      expect(rig.state.hint).toContain('Read-only');
    }
  });

  test('ask who once, drop a late answer, and take the question back', async () => {
    open();
    const gate = rig.engine.hold('who');
    rig.press('w');
    expect(await rig.text()).toContain('Looking up who holds');
    rig.press('w');
    gate.open();
    await new Promise((resume) => setImmediate(resume));
    expect(rig.state.ubc.panel).toBeNull();
  });

  test('have what they gave up under another name', () => {
    open().press('f2');
    expect(rig.state.views.at(-1)?.name).toBe('tasks');
  });
});

describe('the columns of a history', () => {
  const at = (seconds: number, held: number, failcnt = 0) => ({ at: seconds * 1000, held, failcnt });

  test('hold a value as long as it may stand for what follows', () => {
    const columns = columnsOf([at(0, 5), at(60, 7)], 0, 100_000, 20_000, 10);
    expect(columns.map(({ held }) => held)).toEqual([5, 5, 5, null, null, null, 7, 7, 7, null]);
  });

  test('count refusals where they came, also after a reset', () => {
    const columns = columnsOf([at(0, 1, 10), at(50, 1, 14), at(90, 1, 3)], 0, 100_000, 50_000, 10);
    expect(columns.map(({ refused }) => refused)).toEqual([0, 0, 0, 0, 0, 4, 0, 0, 0, 3]);
  });
});

describe('what is said', () => {
  const ME = { pid: 4002, inner: 2, name: 'apache2', command: 'apache2', what: 'process', parent: null, processes: 1, amount: 9, share: 1 };
  /** The panel of who holds it, answered. */
  async function asked(): Promise<void> {
    for (const name of ['numproc', 'physpages', 'kmemsize'])
      rig.engine.holders.set(name, { id: 101, name, unit: 'items', held: 9, lines: [ME], notes: [] });
    rig.press('w');
    await expect.poll(() => (rig.state.ubc.panel?.kind === 'who' ? rig.state.ubc.panel.answer : null)).not.toBeNull();
  }

  const stopped = (): ManagerRig => {
    const engine = new FakeEngine([stoppedOf(102)]);
    const left = { source: 'none', failSource: 'none', maxheld: 60, failcnt: 412 };
    engine.beans.set(102, [
      beanOf('numproc', { ...left, ...both(60) }),
      beanOf('numpty', { ...left, maxheld: 0, failcnt: 0, ...both(16) }),
    ]);
    rig = new ManagerRig(engine, { columns: 120 });
    rig.press('b');
    return rig;
  };

  test('of one that does not run is what its lives have left', async () => {
    const text = (await stopped().text()).replaceAll(/\s+/g, ' ');
    expect(text).toMatch(/numproc – 60 60 60 412 kernel/);
    expect(text).toContain(
      'It does not run; when it did it held 60 at most; refused 412 times in all. The kernel enforces it when it runs.',
    );
    expect(text).toMatch(/numpty – – 16 16 – kernel/);
  });

  test('of counts that may be missing is since when, whether or not it runs', async () => {
    const today = new Date();
    const at = (hours: number, minutes: number): number => new Date(today).setHours(hours, minutes, 0, 0);
    open({ columns: 120 });
    rig.engine.gaps = [{ from: at(8, 12), to: at(8, 31) }];
    rig.look();
    expect((await rig.text()).replaceAll(/\s+/g, ' ')).toContain('; counts between 08:12 and 08:31 may be missing');
    const { engine } = stopped();
    engine.gaps = [
      { from: at(1, 0), to: at(2, 0) },
      { from: 0, to: at(8, 31) },
    ];
    rig.look();
    const text = (await rig.text()).replaceAll(/\s+/g, ' ');
    expect(text).toContain('counts before 08:31 may be missing, and some of before');
  });

  test('of who holds it is that nothing runs, however long the panel was open', async () => {
    open();
    await asked();
    rig.engine.put(stoppedOf(101));
    rig.look();
    rig.press('down');
    expect(await rig.text()).toContain('It does not run: nobody in it holds anything.');
  });

  test('of sockets at their limit does not contradict who enforces it', async () => {
    open({ columns: 120 });
    const reason = 'a program on its cgroup; connections that come in are counted, not refused';
    rig.engine.beans.set(101, [beanOf('numtcpsock', { held: 9, ...both(10), enforced: 'bpf', reason })]);
    rig.look();
    rig.press('e');
    const text = await rig.text();
    expect(text).toContain('At the limit socket() fails with ENOBUFS.');
    expect(text).not.toContain('dropped');
  });

  test('of who lowered it stands in the explanation, and what it was is the advice', async () => {
    const engine = new FakeEngine([sampleOf(101, { name: 'web' })]);
    engine.beans.set(101, [beanOf('numproc', { held: 60, maxheld: 60, ...both(60), failcnt: 9 })]);
    const lowered = { key: 'NUMPROC', before: '120', after: '60', ago: 240, verb: 'set', program: 'vzctl' };
    engine.lowered.set(101, new Map([['numproc', { ...lowered, command: '', user: 'ada', from: '' }]]));
    rig = new ManagerRig(engine, { columns: 120 });
    rig.press('b', 'e');
    const text = await rig.text();
    expect(text).toContain('The limit was lowered from 120 by `vzctl set` 4 minutes ago.');
    expect(text).toContain('vzctl set 101 --numproc 120 --save');
  });

  test('offers no key that read-only mode refuses', async () => {
    open({ readOnly: true });
    rig.engine.beans.set(101, [beanOf('numproc', { held: 60, maxheld: 60, ...both(60) })]);
    rig.look();
    rig.press('e');
    const text = await rig.text();
    expect(text).toContain('--numproc 90 --save');
    expect(text).toContain('y copy');
    expect(text).not.toContain('set it');
  });

  test('takes no line from the rows that it does not need', async () => {
    open({ columns: 80, rows: 24 });
    const shown = async (): Promise<number> =>
      (await rig.screen()).filter((line) => /^[▌ ][a-z]+pages|^[▌ ][a-z]+size|^[▌ ]num/.test(line)).length;
    rig.engine.beans.set(
      101,
      ACCOUNT_ROWS.map((name) => beanOf(name, { held: 1, ...both(100) })),
    );
    rig.look();
    const word = await shown();
    await asked();
    expect(word - (await shown())).toBeLessThan(3);
  });

  test('names the whole of a source where there is room', async () => {
    open({ columns: 200, rows: 50 });
    rig.engine.beans.set(101, [beanOf('kmemsize', { held: 5, source: 'memory.kmem.tcp.usage_in_bytes' })]);
    rig.look();
    expect(await rig.text()).toContain('memory.kmem.tcp.usage_in_bytes');
  });
});

describe('the grid', () => {
  const promised = (name: 'ram' | 'cpu', unbounded: readonly number[] = []) =>
    ({ name, has: 100, held: 50, promised: null, limits: 171, unbounded }) as const;

  test('leads to what was promised where that has no room below', async () => {
    const engine = new FakeEngine([sampleOf(101), sampleOf(102)]);
    for (const id of [101, 102]) engine.beans.set(id, [beanOf('numproc', both(60))]);
    engine.promised = [promised('ram', [102]), { ...promised('cpu'), unkept: [101] }];
    rig = new ManagerRig(engine, { columns: 60, rows: 20 });
    rig.press('N', 'end');
    expect(await rig.text()).toMatch(/RAM .* 171% !/);
    expect(await rig.text()).toContain('171% of it sold; nobody keeps it here: 101');
    rig.press('up');
    expect(await rig.text()).toContain('RAM: 171% of it sold; without limit: 102');
    rig.press('enter');
    expect(rig.state.hint).toContain('no container under the cursor');
    rig.press('home', 'enter');
    expect(rig.state.views.at(-1)).toMatchObject({ name: 'container', ct: 101 });
  });
});

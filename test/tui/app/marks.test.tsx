import { afterEach, describe, expect, test } from 'vitest';
import { type CtSample, VzError } from '../../../src/engine/index.ts';
import { FakeEngine, sampleOf, stoppedOf } from '../fake-engine.ts';
import { ManagerRig, type RigOptions } from '../manager-rig.tsx';

const CTS = [
  sampleOf(101, { name: 'web' }),
  sampleOf(102, { name: 'db' }),
  stoppedOf(103, { name: 'spare' }),
  sampleOf(104, { name: 'mail' }),
  sampleOf(105, { name: 'web-2' }),
  sampleOf(106, { name: 'lab' }),
];

let rig: ManagerRig;
const open = (containers: readonly CtSample[] = CTS, options: RigOptions = {}): ManagerRig => {
  rig = new ManagerRig(new FakeEngine(containers), options);
  return rig;
};
afterEach(() => rig.close());
const marks = (): readonly number[] => [...rig.state.marks].sort();
const settled = (): Promise<void> => expect.poll(() => rig.state.bulk?.endedAt ?? null).not.toBeNull();

describe('marks', () => {
  test('are set one by one and taken away again, and the cursor goes on', async () => {
    open().press('space', 'v', 'j', 'space');
    expect(marks()).toEqual([101, 102, 104]);
    expect(rig.state.cursor.ct).toBe(105);
    const screen = await rig.screen();
    expect(screen[3]).toMatch(/^●101 +web/);
    expect(screen[5]).toMatch(/^ 103/);
    expect(await rig.text()).toMatch(/─ 3 marked ─/);
    rig.press('k', 'space');
    expect(marks()).toEqual([101, 102]);
    rig.press('\\');
    expect(marks()).toEqual([]);
  });

  test('cover a range in both directions, all that is shown, and the others', () => {
    open().press('j', 'space', 'j', 'j', 'V');
    expect(marks()).toEqual([102, 103, 104, 105]);
    rig.press('g', 'V');
    expect(marks()).toEqual([101, 102, 103, 104, 105]);
    rig.press('I');
    expect(marks()).toEqual([106]);
    rig.press('A');
    expect(marks()).toEqual([101, 102, 103, 104, 105, 106]);
    rig.press('escape');
    expect(marks()).toEqual([]);
  });

  test('stay on what a filter hides, and the rule tells it', async () => {
    open().press('space', 'j', '/');
    rig.type('name~web');
    rig.press('enter', 'A');
    expect(marks()).toEqual([101, 105]);
    rig.press('I');
    expect(marks()).toEqual([]);
    rig.press('escape', 'A', '/');
    rig.type('web');
    rig.press('enter');
    expect(await rig.text()).toMatch(/6 marked, 4 not shown {2}\/web {2}2 of 6 shown/);
  });

  test('are copied by name, the CTID where there is none; without marks the one under the cursor', () => {
    open([...CTS, sampleOf(107)]).press('y', 'end', 'y', 'g', 'space', 'G', 'space', 'y');
    expect(rig.asked).toEqual(['copy web\n', 'copy 107\n', 'copy web\n107\n']);
    expect(rig.state.hint).toBe('Copied the names of 2 to your clipboard');
  });

  test('go with their containers', () => {
    open().press('A');
    rig.engine.remove(102);
    rig.look();
    expect(marks()).toEqual([101, 103, 104, 105, 106]);
  });
});

describe('a verb on what is marked', () => {
  test('asks first, with numbers and names and what is left out, and tells how each ended', async () => {
    open().press('A', 'x');
    const asked = await rig.text();
    expect(asked).toContain('Stop 5 containers?');
    expect(asked).toContain('101 web, 102 db, 104 mail, 105 web-2, 106 lab.');
    expect(asked).toContain('40 processes end.');
    expect(asked).toMatch(/Left out: 103: Unable to stop: container is not running/);
    expect(rig.engine.calls).toEqual([]);
    rig.engine.fail('stop', new VzError('cancelled', { what: 'stop' }));
    rig.press('enter');
    await settled();
    expect([...rig.engine.calls].sort()).toEqual([101, 102, 104, 105, 106].map((id) => `stop ${id}`));
    const screen = await rig.text();
    expect(screen).toMatch(/stop 5 containers .*4 of 5 done, 1 failed/);
    expect(screen).toMatch(/^▌✘ 101 web +failed/m);
    expect(screen).toMatch(/^ ✔ 106 lab +done/m);
    expect(marks()).toEqual([101, 103]);
  });

  test('runs on four at once, and no more', async () => {
    open().press('A');
    const gate = rig.engine.hold('stop');
    rig.press('x', 'y');
    await expect.poll(() => rig.engine.calls.length).toBe(4);
    expect(await rig.text()).toContain('0 of 5 done, 4 at work, 1 to come');
    rig.press('escape', 's');
    expect(rig.state.hint).toMatch(/^stop is at work: 0 of 5 done.*w shows it$/);
    gate.open();
    await settled();
    rig.press('j');
    expect(rig.engine.calls).toHaveLength(5);
    expect(rig.state.notices.at(-1)?.text).toBe('stop: 5 of 5 done');
    expect(await rig.text()).toContain('stop: 5 of 5 done');
  });

  test('is done again to those that failed, after the same question', async () => {
    open().press('A');
    rig.engine.fail('stop', new VzError('cancelled', { what: 'stop' }));
    rig.press('X');
    rig.press('enter');
    expect(rig.state.hint).toMatch(/^Only y does that/);
    rig.press('y');
    await settled();
    rig.press('enter');
    expect(rig.state.views.at(-1)).toMatchObject({ name: 'trouble', ct: 101 });
    rig.press('escape', 'r');
    expect(await rig.text()).toContain('Kill 1 container?');
    rig.engine.calls.length = 0;
    rig.press('y');
    await expect.poll(() => rig.state.bulk?.items.length).toBe(1);
    await settled();
    expect(rig.engine.calls).toEqual(['stop 101']);
    rig.press('r');
    expect(rig.state.hint).toBe('Nothing of it is left to be done');
    expect(marks()).toEqual([]);
  });

  test('can be cancelled: what has not begun is left, what runs is undone', async () => {
    open().press('A');
    rig.engine.hold('stop');
    rig.press('x', 'y');
    await expect.poll(() => rig.engine.calls.length).toBe(4);
    rig.press('x');
    await settled();
    expect(rig.engine.calls).toHaveLength(4);
    expect(rig.state.bulk?.items.map((item) => item.state)).toEqual(Array(5).fill('cancelled'));
    expect(await rig.text()).toContain('0 of 5 done, 5 not done');
  });

  test('goes on to its end when only the screen is gone', async () => {
    open().press('A');
    const gate = rig.engine.hold('stop');
    rig.press('x', 'y');
    await expect.poll(() => rig.engine.calls.length).toBe(4);
    const settled = rig.manager.tasks.settled();
    gate.open();
    await settled;
    expect(rig.engine.calls).toHaveLength(5);
  });

  test('ends with the manager: nothing of it begins after the answer', async () => {
    open().press('A');
    rig.engine.hold('stop');
    rig.press('x', 'y', 'q');
    expect(await rig.text()).toContain('1 more is not begun.');
    rig.press('y');
    await expect.poll(() => rig.asked).toContain('quit 0');
    expect(rig.engine.calls.filter((call) => call.startsWith('stop'))).toHaveLength(4);
  });

  test('is void when what was marked has gone while the question stood there: nothing else is hit', async () => {
    open([stoppedOf(101), stoppedOf(102), stoppedOf(103)]).press('space', 'D');
    expect(await rig.text()).toContain('Destroy 1 container?');
    rig.engine.remove(101);
    rig.look();
    rig.press('y');
    expect(rig.state.hint).toBe('What was marked has changed meanwhile; ask again');
    expect(rig.engine.calls).toEqual([]);
  });

  test('that fits none of them says why', () => {
    open([stoppedOf(101), stoppedOf(102)]).press('A', 'x');
    expect(rig.state.hint).toBe('All 2 marked: Unable to stop: container is not running');
  });

  test('is about the container that is looked at, wherever that is another screen', async () => {
    open().press('A', 'g', 'enter', 'x');
    expect(await rig.text()).toContain('Stop 101 web?');
  });

  test('is refused read-only', () => {
    open(CTS, { readOnly: true }).press('A', 'x');
    expect(rig.state.hint).toMatch(/^Read-only/);
    expect(rig.state.bulk).toBeNull();
  });

  test('has a result to come back to, once there is one', () => {
    open().press('w');
    expect(rig.state.hint).toBe('Nothing has been done to marked containers yet');
  });
});

describe('rows that hold still', () => {
  const cpu = (id: number, percent: number): CtSample => sampleOf(id, { cpu: percent });
  const ids = (): readonly number[] => rig.state.rows.map((row) => row.id);

  test('keep their order while their figures go on, and everybody is told', async () => {
    open([cpu(101, 10), cpu(102, 20), cpu(103, 30)], { settings: { sort: { column: 'cpu', descending: true } } });
    expect(ids()).toEqual([103, 102, 101]);
    rig.press('H');
    rig.engine.put(cpu(101, 90));
    rig.engine.put(cpu(104, 99));
    rig.engine.remove(102);
    rig.look();
    expect(ids()).toEqual([103, 101, 104]);
    expect(await rig.text()).toMatch(/─ rows hold still ─/);
    expect(await rig.text()).toContain('90%');
    rig.press('H');
    expect(ids()).toEqual([104, 101, 103]);
  });

  test('do not vanish when they no longer fit the filter, and follow another filter or order', () => {
    open([cpu(101, 10), cpu(102, 60)]).press('/');
    rig.type('cpu>50');
    rig.press('enter', 'H');
    rig.engine.put(cpu(102, 0));
    rig.look();
    expect(ids()).toEqual([102]);
    rig.press('escape', 'R');
    expect(ids()).toEqual([102, 101]);
    expect(rig.state.held).toEqual([102, 101]);
  });
});

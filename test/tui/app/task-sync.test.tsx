import { afterEach, describe, expect, test } from 'vitest';
import type { TaskRecord } from '../../../src/engine/index.ts';
import { FakeEngine, sampleOf, stoppedOf } from '../fake-engine.ts';
import { ManagerRig, type RigOptions } from '../manager-rig.tsx';

let rig: ManagerRig;
const open = (engine: FakeEngine, options: RigOptions = {}): ManagerRig => {
  rig = new ManagerRig(engine, options);
  return rig;
};
afterEach(() => rig.close());

const record = (fields: Partial<TaskRecord> = {}): TaskRecord => ({
  record: '77.1.1',
  pid: 77,
  uid: 1000,
  user: 'anna',
  from: 'pts/3',
  title: 'build template debian-12',
  verb: 'template',
  ct: null,
  command: 'vzdeck template build debian-12',
  state: 'running',
  startedAt: 1000,
  endedAt: null,
  lines: [{ level: 0, text: 'Unpacking \x1b[2J' }],
  progress: { done: 1, total: 4, unit: 'bytes' },
  failure: '',
  remedy: '',
  left: true,
  ...fields,
});

describe('a task of another session', () => {
  test('is shown with whose it is, and told at the beginning', async () => {
    const engine = new FakeEngine([sampleOf(101)]);
    engine.records.running = [record()];
    open(engine);
    expect(rig.state.notices.at(-1)?.text).toBe('build template debian-12 goes on from another session');
    rig.press('t');
    const text = await rig.text();
    expect(text).toMatch(/build template debian-12 .*runs/);
    expect(text).toContain('by anna (pts/3), process 77, without a screen');
    expect(text).not.toContain('\x1b[2J');
  });

  test('is cancelled by asking its process, but not in read-only mode', () => {
    const engine = new FakeEngine([]);
    engine.records.running = [record()];
    open(engine, { readOnly: true }).press('t', 'x');
    expect(engine.records.told).toEqual([]);
    rig.manager.store.setState({ readOnly: false });
    rig.press('x');
    expect(engine.records.told).toEqual(['cancel 77.1.1']);
  });

  test('that ends is told, and stays in the list', async () => {
    const engine = new FakeEngine([]);
    engine.records.running = [record()];
    open(engine).press('t');
    engine.records.running = [];
    engine.records.ended = [record({ state: 'failed', failure: 'No space left', endedAt: 5000 })];
    engine.records.change();
    expect(rig.state.notices.at(-1)).toMatchObject({ tone: 'alarm', text: 'build template debian-12: No space left' });
    expect(await rig.text()).toContain('No space left');
  });

  test('keeps its container busy here as well', () => {
    const engine = new FakeEngine([stoppedOf(101)]);
    engine.records.running = [record({ ct: 101, title: 'start 101', verb: 'start' })];
    open(engine).press('s');
    expect(rig.state.hint).toMatch(/^101 is busy: start 101 is running/);
    expect(engine.calls).toEqual([]);
  });

  test('that was left running and has ended meanwhile is told at the beginning', () => {
    const engine = new FakeEngine([]);
    engine.records.ended = [
      record({ state: 'failed', failure: 'No space left', endedAt: 5000 }),
      record({ left: false, state: 'done', endedAt: 6000 }),
    ];
    open(engine);
    expect(rig.state.notices).toMatchObject([{ tone: 'alarm', text: 'build template debian-12: No space left' }]);
  });

  test('of a manager that was killed says so', async () => {
    const engine = new FakeEngine([]);
    engine.records.ended = [record({ state: 'lost', endedAt: 5000 })];
    open(engine).press('t');
    expect(await rig.text()).toContain('The manager that did it was killed');
  });
});

describe('an own task', () => {
  test('is written down from its beginning to its end', async () => {
    open(new FakeEngine([stoppedOf(101)])).press('s');
    await rig.manager.tasks.settled();
    expect(rig.engine.records.told).toEqual(['1 running', '1 done']);
  });

  test('is cancelled when another manager asks for it', async () => {
    open(new FakeEngine([stoppedOf(101)]));
    rig.engine.hold('start');
    rig.press('s');
    await Promise.resolve();
    rig.engine.records.wishes = [1];
    rig.engine.records.change();
    await rig.manager.tasks.settled();
    expect(rig.state.tasks[0]?.state).toBe('cancelled');
  });

  test('that runs may be left running by whoever leaves', async () => {
    open(new FakeEngine([stoppedOf(101)]));
    const gate = rig.engine.hold('start');
    rig.press('s', 'q');
    expect(await rig.text()).toMatch(/y ↵ leave {4}l leave running {4}n Esc stay/);
    rig.press('l');
    expect(rig.asked).toEqual(['leave running']);
    rig.manager.sync.leave();
    gate.open();
    await rig.manager.tasks.settled();
    expect(rig.engine.records.told.at(-1)).toBe('1 done left');
  });

  test('l is no answer to other questions', () => {
    open(new FakeEngine([sampleOf(101)])).press('x', 'l');
    expect(rig.state.overlay?.kind).toBe('confirm');
    expect(rig.asked).toEqual([]);
  });
});

describe('the log of a task', () => {
  test('has all that it has said, follows its end, is searched and copied from', async () => {
    open(new FakeEngine([stoppedOf(101)]));
    const gate = Promise.withResolvers<void>();
    let report = (_: number): void => {};
    const order = { title: 'make it', verb: 'make', ct: null, command: 'vzdeck make', done: 'made' };
    void rig.manager.tasks.run(order, async (run) => {
      report = (i) => run.report?.({ level: 0, text: `line ${i} \x1b[2J` });
      for (let i = 0; i < 60; i++) report(i);
      await gate.promise;
    });
    await Promise.resolve();
    await Promise.resolve();
    rig.press('t', 'L');
    expect(await rig.text()).toMatch(/make it .*runs/);
    expect(await rig.text()).toContain('line 59');
    report(60);
    expect(await rig.text()).toContain('line 60');
    rig.press('g');
    expect(await rig.text()).toMatch(/▌line 0/);
    report(61);
    // The foot says the newest; the list stays where the cursor is.
    expect(await rig.text()).not.toMatch(/^ line 61/m);
    rig.press('/');
    rig.type('line 4');
    expect(await rig.text()).toContain('line 14');
    expect(await rig.text()).not.toContain('line 15');
    rig.press('escape', 'Y', 'x');
    expect(rig.asked).toEqual(['copy vzdeck make']);
    expect(rig.state.tasks[0]?.state).toBe('cancelling');
    gate.resolve();
    await rig.manager.tasks.settled();
    rig.press('escape');
    expect(rig.state.views.at(-1)?.name).toBe('tasks');
  });

  test('ends with why it failed and what to do', async () => {
    open(new FakeEngine([]));
    await rig.manager.tasks.run({ title: 'make it', verb: 'make', ct: null, command: '', done: '' }, () =>
      Promise.reject(new Error('No space left')),
    );
    rig.press('t', 'right');
    expect(await rig.text()).toContain('No space left');
  });
});

import { describe, expect, test } from 'vitest';
import { VzError } from '../../../src/engine/index.ts';
import { DEFAULT_SETTINGS } from '../../../src/tui/store/settings.ts';
import { createManagerStore, type Store } from '../../../src/tui/store/store.ts';
import { type TaskOrder, Tasks } from '../../../src/tui/store/tasks.ts';

const order: TaskOrder = { title: 'start 101', verb: 'start', ct: 101, command: 'vzctl start 101', done: '101 is running' };

function rig(): { readonly store: Store; readonly tasks: Tasks } {
  const store = createManagerStore({ settings: DEFAULT_SETTINGS, readOnly: false, size: { columns: 80, rows: 24 }, now: 0 });
  let now = 1000;
  return { store, tasks: new Tasks(store, () => ++now) };
}

describe('a task', () => {
  test('shows its lines and progress while it runs, and its result afterwards', async () => {
    const { store, tasks } = rig();
    const gate = Promise.withResolvers<void>();
    const end = tasks.run(order, async ({ report }) => {
      report?.({ level: 0, text: 'Mounting \x1b[2J', progress: { done: 1, total: 2, unit: 'bytes' } });
      await gate.promise;
    });
    await Promise.resolve();
    await Promise.resolve();
    expect(store.getState().tasks[0]).toMatchObject({ state: 'running', progress: { done: 1, total: 2 } });
    expect(store.getState().tasks[0]?.lines[0]?.text).toMatch(/^Mounting [^\x1b]*$/);
    gate.resolve();
    expect(await end).toBe(true);
    expect(store.getState().tasks[0]).toMatchObject({ state: 'done', failure: null });
    expect(store.getState().notices.at(-1)).toMatchObject({ text: '101 is running', command: 'vzctl start 101', tone: 'good' });
  });

  test('that fails keeps cause and remedy until it is dismissed', async () => {
    const { store, tasks } = rig();
    const well = await tasks.run(order, async () => {
      throw new VzError('locked', { ct: 101, pid: 7, verb: 'stop' });
    });
    expect(well).toBe(false);
    const [task] = store.getState().tasks;
    expect(task).toMatchObject({ state: 'failed', dismissed: false, failure: { code: 'locked' } });
    expect(task?.failure?.remedy).toMatch(/^Wait/);
    tasks.dismiss(task!.id);
    expect(store.getState().tasks[0]?.dismissed).toBe(true);
  });

  test('that fails is moot when the same has gone well since, or its container is no more', async () => {
    const fail = async (): Promise<void> => {
      throw new VzError('locked', { ct: 101, pid: 7, verb: 'stop' });
    };
    const well = async (): Promise<void> => {};
    const stop: TaskOrder = { ...order, title: 'stop 101', verb: 'stop' };
    const destroy: TaskOrder = { ...order, title: 'destroy 101', verb: 'destroy' };
    const { store, tasks } = rig();
    const waiting = () =>
      store
        .getState()
        .tasks.filter((task) => task.state === 'failed' && !task.dismissed)
        .map((task) => `${task.verb} ${task.ct}`);
    await tasks.run(order, fail);
    await tasks.run({ ...order, ct: 102 }, fail);
    await tasks.run(stop, fail);
    expect(waiting()).toEqual(['start 101', 'start 102', 'stop 101']);
    await tasks.run(order, well);
    expect(waiting()).toEqual(['start 102', 'stop 101']);
    await tasks.run(destroy, well);
    expect(waiting()).toEqual(['start 102']);
  });

  test('that throws before it waits is a failure like any other', async () => {
    const { store, tasks } = rig();
    await tasks.run(order, () => {
      throw new TypeError('no such thing');
    });
    expect(store.getState().tasks[0]?.failure).toMatchObject({ code: 'unknown', message: 'no such thing' });
  });

  test('can be cancelled, and says that it is being undone until it is', async () => {
    const { store, tasks } = rig();
    const undone = Promise.withResolvers<void>();
    const end = tasks.run(order, async ({ signal }) => {
      await new Promise((resolve) => signal?.addEventListener('abort', resolve));
      await undone.promise;
      throw new VzError('cancelled', { what: 'start' });
    });
    await Promise.resolve();
    await Promise.resolve();
    tasks.cancelAll();
    expect(store.getState().tasks[0]?.state).toBe('cancelling');
    undone.resolve();
    await end;
    expect(store.getState().tasks[0]?.state).toBe('cancelled');
    await tasks.settled();
  });

  test('that was cancelled too late has ended as it would have', async () => {
    const { store, tasks } = rig();
    const gate = Promise.withResolvers<void>();
    const end = tasks.run(order, () => gate.promise);
    tasks.cancelAll();
    gate.resolve();
    expect(await end).toBe(true);
    expect(store.getState().tasks[0]?.state).toBe('done');
  });

  test('does not grow without bound, and running ones are never forgotten', async () => {
    const { store, tasks } = rig();
    const gate = Promise.withResolvers<void>();
    const first = tasks.run(order, async ({ report }) => {
      for (let i = 0; i < 1000; i++) report?.({ level: 0, text: `line ${i}` });
      await gate.promise;
    });
    for (let i = 0; i < 150; i++) await tasks.run(order, async () => {});
    expect(store.getState().tasks.length).toBeLessThanOrEqual(100);
    expect(store.getState().tasks[0]?.state).toBe('running');
    expect(store.getState().tasks[0]?.lines.length).toBe(200);
    gate.resolve();
    await first;
  });

  test('that failed is not forgotten for those that went well, and all that failed are not kept for ever', async () => {
    const { store, tasks } = rig();
    const fail = (): Promise<void> => Promise.reject(new Error('no'));
    await tasks.run({ ...order, ct: 7 }, fail);
    for (let i = 0; i < 150; i++) await tasks.run(order, async () => {});
    expect(store.getState().tasks[0]).toMatchObject({ ct: 7, state: 'failed', dismissed: false });
    for (let i = 0; i < 150; i++) await tasks.run(order, fail);
    expect(store.getState().tasks.length).toBeLessThanOrEqual(100);
    expect(store.getState().tasks[0]?.ct).toBe(101);
  });
});

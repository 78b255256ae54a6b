// Tasks as several processes see them, on plain directories: two of them are played by two start times.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import { loadNodeConfig } from '../../../src/engine/store/node-config.ts';
import { type TaskNote, type TaskRecords, taskRecords } from '../../../src/engine/store/task-records.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vzdeck-tasks-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A manager with a pid and start of its own; `alive` says whose processes there are. */
const manager = (start: bigint, alive: () => readonly bigint[] = () => [1n, 2n, 3n]): TaskRecords => {
  let asked = false;
  const startTime = (): bigint | null => {
    // The first question is about itself.
    if (!asked) {
      asked = true;
      return start;
    }
    return alive().find((one) => one !== start) ?? null;
  };
  return taskRecords({ files: linuxFiles, proc: '/proc', startTime, now: () => 5000 }, loadNodeConfig(linuxFiles, root));
};
const note = (fields: Partial<TaskNote> = {}): TaskNote => ({
  title: 'build template',
  verb: 'template',
  ct: null,
  command: 'vzdeck template build debian-12',
  state: 'running',
  startedAt: 1000,
  endedAt: null,
  lines: [{ level: 0, text: 'Unpacking' }],
  progress: { done: 1, total: 4, unit: 'bytes' },
  failure: '',
  remedy: '',
  left: false,
  ...fields,
});
const running = (): readonly string[] => readdirSync(join(root, 'run/vzdeck/tasks'));

describe('a task', () => {
  test('is seen by others while it runs and after it has ended', () => {
    const one = manager(1n);
    const two = manager(2n, () => [1n]);
    one.write(7, note());
    expect(two.others()).toMatchObject([{ ...note(), pid: process.pid }]);
    expect(one.others()).toEqual([]);
    one.end(7, note({ state: 'done', endedAt: 2000 }));
    expect(two.others()).toEqual([]);
    expect(two.past(10)).toMatchObject([{ state: 'done', endedAt: 2000 }]);
    expect(one.past(10), 'its own are in its own list').toEqual([]);
    expect(running()).toEqual([]);
  });

  test('is cancelled by a wish that reaches its owner once', () => {
    const one = manager(1n);
    const two = manager(2n, () => [1n]);
    one.write(7, note());
    two.cancel(two.others()[0]!.record);
    expect(one.asked()).toEqual([7]);
    expect(one.asked()).toEqual([]);
    expect(two.asked()).toEqual([]);
  });

  test('of a process that was killed is lost, and nothing of it is left', () => {
    const one = manager(1n);
    one.write(7, note());
    const two = manager(2n, () => []);
    expect(two.others()).toEqual([]);
    expect(two.past(10)).toMatchObject([{ state: 'lost', endedAt: 5000 }]);
    expect(running()).toEqual([]);
    expect(two.others()).toEqual([]);
    expect(two.past(10)).toHaveLength(1);
  });

  test('keeps the last lines of many', () => {
    const one = manager(1n);
    one.write(7, note({ lines: Array.from({ length: 500 }, (_, i) => ({ level: 0, text: `${i}` }) as const) }));
    const [seen] = manager(2n, () => [1n]).others();
    expect(seen?.lines).toHaveLength(40);
    expect(seen?.lines.at(-1)?.text).toBe('499');
  });

  test('that can not be read is no task', () => {
    const one = manager(1n);
    one.write(7, note());
    const [name = ''] = running();
    for (const text of ['', '{', '{"record":"x"}', '[]', 'null']) {
      writeFileSync(join(root, 'run/vzdeck/tasks', name), text);
      expect(manager(2n, () => [1n]).others()).toEqual([]);
    }
  });

  test('is told to whoever watches', async () => {
    const one = manager(1n);
    const two = manager(2n, () => [1n]);
    let told = 0;
    const stop = two.watch(() => told++);
    one.write(7, note());
    await expect.poll(() => told).toBeGreaterThan(0);
    stop();
  });
});

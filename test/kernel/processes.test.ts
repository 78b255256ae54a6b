// What is told of a container's processes, and whom a signal reaches, on the real kernel.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CtProcess, ProcessReader } from '../../src/engine/engine.ts';
import { type Lab, openLab } from './lab.ts';
import { requires } from './requires.ts';
import { until } from './until.ts';

requires(
  'root',
  'launcher',
  'busybox',
)('processes of a container', () => {
  let lab: Lab;
  let reader: ProcessReader;
  beforeAll(async () => {
    lab = openLab();
    await lab.born(101);
    await lab.born(102);
    reader = lab.engine.processes();
  });
  afterAll(async () => {
    reader.close();
    await lab.down();
  });

  const look = (...ids: readonly number[]): readonly CtProcess[] => reader.look(lab.engine.list().filter(({ id }) => ids.includes(id)));
  const called = (command: string): CtProcess | undefined => look(101, 102).find((one) => one.command === command);
  /** Begins a program that goes on when the shell that began it has ended. */
  const begin = async (line: string, id = 101): Promise<void> => void (await lab.inside(id, `(${line}) </dev/null >/dev/null 2>&1 &`));
  const seen = async (command: string): Promise<CtProcess> => {
    await until(() => called(command) !== undefined);
    return called(command) as CtProcess;
  };

  test('are told with both pids, the user inside, their parents, and nothing of another container', async () => {
    await begin('exec sleep 1111');
    const sleep = await seen('sleep 1111');
    expect(sleep).toMatchObject({ ct: 101, uid: 0, nice: 0, threads: 1 });
    expect((await lab.inside(101, `cat /proc/${sleep.inner}/cmdline | tr '\\0' ' '`)).out).toBe('sleep 1111 ');
    const init = look(101).find(({ inner }) => inner === 1);
    expect(init).toMatchObject({ pid: lab.engine.find('101')?.init?.pid, parent: null });
    expect(look(101).some(({ parent }) => parent === init?.pid)).toBe(true);
    expect(
      look(101, 102)
        .filter(({ ct }) => ct === 102)
        .every(({ command }) => command !== 'sleep 1111'),
    ).toBe(true);
    expect(look(102).map(({ ct }) => ct)).not.toContain(101);
  });

  test('have the user ids that the container knows', async () => {
    await lab.inside(101, 'echo web:x:1234:1234::/:/bin/sh >>/etc/passwd');
    await begin('exec start-stop-daemon -S -c 1234 -x /bin/sleep -- 1112');
    const { uid } = await seen('/bin/sleep 1112');
    expect(uid).toBe(1234);
    expect((await lab.engine.users(101)).get(1234)).toBe('web');
    expect((await lab.engine.users(101)).get(0)).toBe('root');
  });

  test('show what they use of the CPU, and rest again', async () => {
    await begin("exec sh -c 'while :; do :; done' busy");
    const busy = await seen('sh -c while :; do :; done busy');
    await until(() => (called(busy.command)?.cpu ?? 0) > 0);
    await lab.engine.freeze(101);
    look(101);
    await until(() => called(busy.command)?.cpu === 0);
    await lab.engine.thaw(101);
    await lab.engine.signal(101, busy, 9);
    await until(() => called(busy.command) === undefined);
  });

  test('cannot hide in a group that is called as a control file is', async () => {
    const hidden =
      'for d in /sys/fs/cgroup/hugetlb.2MB.max /sys/fs/cgroup/freezer.state /sys/fs/cgroup/memory.oom_control; do mkdir $d && break; done';
    await begin(`${hidden}; sh -c 'echo 0 >$0/cgroup.procs; exec sleep 1113' $d || exec sleep 1113`);
    expect((await seen('sleep 1113')).ct).toBe(101);
  });

  test('draw nothing but text, whatever they call themselves', async () => {
    await begin(`exec sh -c 'while :; do sleep 1114; done' "$(printf 'x\\033]0;owned\\007\\nnew')"`);
    await begin(`printf '#!/bin/sh\\nwhile :; do sleep 1115; done' >"/tmp/a) R 1 (b"; chmod +x /tmp/a*; exec "/tmp/a) R 1 (b"`);
    await until(() => look(101).filter(({ command }) => /R 1 \(b|owned/.test(command)).length === 2);
    for (const { command, state } of look(101)) {
      expect(command).not.toMatch(/\p{C}/u);
      expect(state).toMatch(/^[RSDTtZXI]$/);
    }
  });

  test('get signals that are meant for them, and can be let wait in the queue for the CPU', async () => {
    await begin('exec sleep 1116');
    const sleep = await seen('sleep 1116');
    await lab.engine.renice(101, sleep, 7);
    await until(() => called('sleep 1116')?.nice === 7);
    await expect(lab.engine.renice(101, sleep, 20)).rejects.toMatchObject({ code: 'bad-value' });
    await lab.engine.signal(101, sleep, 19);
    await until(() => called('sleep 1116')?.state === 'T');
    await lab.engine.signal(101, sleep, 9);
    await until(() => called('sleep 1116') === undefined);
    await expect(lab.engine.signal(101, sleep, 9)).rejects.toMatchObject({ code: 'no-process' });
  });

  test('are never hit in the place of another: not one with the same pid, not one of the node, not one of another container', async () => {
    await begin('exec sleep 1117');
    await begin('exec sleep 1118', 102);
    const [mine, theirs] = [await seen('sleep 1117'), await seen('sleep 1118')];
    const wrong = [
      { ...mine, startTime: mine.startTime + 1n },
      theirs,
      { pid: process.pid, startTime: BigInt(0) },
      { pid: 1, startTime: BigInt(0) },
    ];
    for (const one of wrong) {
      await expect(lab.engine.signal(101, one, 9)).rejects.toMatchObject({ code: 'no-process' });
      await expect(lab.engine.renice(101, one, 5)).rejects.toMatchObject({ code: 'no-process' });
    }
    expect([called('sleep 1117'), called('sleep 1118')].every((one) => one?.nice === 0)).toBe(true);
  });

  test('come and go while they are read', async () => {
    await begin('while :; do /bin/true & /bin/true & wait; done');
    for (let i = 0; i < 300; i++) expect(look(101).length).toBeGreaterThan(0);
  });

  test('of a container that has stopped are none', async () => {
    await lab.engine.stop(102, { fast: true });
    expect(look(101, 102).filter(({ ct }) => ct === 102)).toEqual([]);
    await expect(lab.engine.signal(102, { pid: 1, startTime: 0n }, 9)).rejects.toMatchObject({ code: 'not-running' });
  });
});

// The place of programs that have names in the kernel: it is there for containers only, nobody waits for ever to make something in it, and what cannot
// be made there fails nobody who looks.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { groupNumbers } from '../../../src/engine/account/group-numbers.ts';
import { TASK_ROWS } from '../../../src/engine/account/iterator-rows.ts';
import { findIterators, makeIterators } from '../../../src/engine/account/iterators.ts';
import { makeRefusals, refusalsIn } from '../../../src/engine/cgroup/refusals.ts';
import type { Host } from '../../../src/engine/host/port.ts';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import { parseBtf } from '../../../src/engine/spec/bpf/btf.ts';
import { createMap, isNever, loadTypes } from '../../../src/engine/spec/bpf/call.ts';
import { REFUSAL_TYPES } from '../../../src/engine/spec/bpf/refusals.ts';
import { mapTypes } from '../../../src/engine/spec/bpf/types.ts';
import { bpfPlace, dropBpfPlace, hasBpfPlace, inBpfPlace } from '../../../src/engine/store/bpf-place.ts';
import { patience } from '../../../src/engine/watch/timer.ts';
import { LAUNCHER, requires } from '../requires.ts';
import { IteratorLab } from './load.ts';

requires(
  'root',
  'launcher',
  'cgroup2',
  'x64',
)('the place of programs in the kernel', () => {
  const lab = new IteratorLab();
  beforeAll(async () => {
    await lab.open();
    await lab.container(1);
  });
  afterAll(() => lab.close());
  const soon = (): AbortSignal => AbortSignal.timeout(50);
  const nothing = async (): Promise<boolean> => true;

  test('goes with all that is pinned there, what a killed end has left as well, and is not made anew for who only looks', async () => {
    const { host } = lab;
    await makeIterators(host, lab.lab.topology);
    expect(findIterators(host, lab.lab.topology)).not.toBe(null);
    for (const dir of ['gone_sockets/v1', 'sockets/v2']) mkdirSync(`${bpfPlace(host)}/${dir}`, { recursive: true });
    await dropBpfPlace(host, patience);
    expect(hasBpfPlace(host)).toBe(true);
    const record = `${lab.dir}/run/vzdeck/1/record`;
    rmSync(record);
    await dropBpfPlace(host, patience);
    await makeIterators(host, lab.lab.topology);
    expect([existsSync(bpfPlace(host)), readFileSync('/proc/self/mounts', 'utf8').includes(lab.dir)]).toEqual([false, false]);
    lab.record();
  });

  test('is not waited for without end', async () => {
    const other = openLauncher(LAUNCHER);
    const path = `${lab.dir}/run/vzdeck/lock/bpf`;
    const own = readFileSync('/proc/self/cmdline', 'utf8').replaceAll('\0', ' ').trim();
    mkdirSync(`${lab.dir}/run/vzdeck/lock`, { recursive: true });
    try {
      const held = await other.lock(path, { wait: true });
      const stuck = { code: 'lock-stuck', message: `${path} has been held by process ${process.pid} (${own}) for 10 s` };
      await expect(inBpfPlace(lab.host, soon, nothing)).rejects.toMatchObject(stuck);
      await expect(dropBpfPlace(lab.host, soon)).rejects.toMatchObject(stuck);
      await held?.release();
      expect(await inBpfPlace(lab.host, soon, nothing)).toBe(true);
    } finally {
      other.close();
    }
  });

  test('fails no sampler when its launcher is gone', async () => {
    const { host } = lab;
    let asked: Promise<unknown> | null = null;
    const lock: Host['launcher']['lock'] = () => {
      asked = Promise.reject(new Error('gone'));
      return asked as Promise<null>;
    };
    await dropBpfPlace(host, patience, true);
    const source = TASK_ROWS.open(
      { ...host, launcher: { ...host.launcher, lock } },
      lab.lab.topology,
      TASK_ROWS.rows,
      groupNumbers(host, lab.lab.topology),
      () => null,
    );
    expect(source?.look([])).toEqual(new Map());
    // the runner fails for rejections that nobody has caught
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).not.toBe(null);
  });

  test('a kernel’s refusal for good is told from one that passes', async () => {
    const types = mapTypes(8, 'vz_x', [{ name: 'x', size: 8 }]);
    const SOCKHASH = 18;
    const ops = [
      loadTypes(1, types.bytes),
      // such maps take no types: 524, which is the kernel's own and has no name for programs
      createMap(2, { type: SOCKHASH, key: 8, value: 8, entries: 1, name: 'x', types: { slot: 1, key: types.key, value: types.value } }),
    ];
    const refused = await lab.host.launcher.ops({ ops }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ fields: { op: 'bpf', errno: 'ENOTSUPP' } });
    expect(isNever(refused)).toBe(true);
    const gone = await lab.host.launcher.ops({ ops: [{ op: 'open', slot: 0, path: '/no/such' }] }).catch((error: unknown) => error);
    expect(isNever(gone)).toBe(false);
  });

  test('programs that refuse are whole, or this kernel has none; a moment’s trouble is neither', async () => {
    const { host } = lab;
    const dir = refusalsIn(bpfPlace(host), lab.lab.topology);
    const btf = parseBtf(readFileSync('/sys/kernel/btf/vmlinux'), REFUSAL_TYPES);
    const made = await inBpfPlace(host, patience, () => makeRefusals(host, lab.lab.topology, dir, btf));
    expect(['whole', 'never']).toContain(made);
    await dropBpfPlace(host, patience, true);
    // in a directory that is not there any more nothing can be pinned
    expect(await makeRefusals(host, lab.lab.topology, dir, btf)).toBe('failed');
  });
});

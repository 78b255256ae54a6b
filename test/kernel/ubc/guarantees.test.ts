// Guarantees of memory (oomguarpages) under real want of it: what a container was promised stays while its neighbour takes more than there is, and goes
// without the promise, whether the groups above run out or the node itself. What the kernel was told is what the node view says.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findTopology } from '../../../src/engine/cgroup/topology.ts';
import { tryLimits } from '../../../src/engine/ct/mechanisms.ts';
import { openLinuxHost } from '../../../src/engine/host/linux/host.ts';
import type { Host } from '../../../src/engine/host/port.ts';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import { type Lab, openLab } from '../lab.ts';
import { LAUNCHER, requires } from '../requires.ts';
import { placeOf } from '../set/control-file.ts';

const MIB = 2 ** 20;
/** MiB that one of them holds, and the other one wants. */
const [HELD, WANTED] = [16, 64];
const TIME_LIMIT_MS = 120_000;
/** Of what was promised so much stays at least, where of all that is not a good part goes: half of what was used once the kernel keeps for a while. */
const STAYS = 0.9;
const GOES = 0.7;
const TREE = '/sys/fs/cgroup';

const pair = (barrier: number, limit: number | 'unlimited'): string =>
  [barrier, limit].map((mib) => (mib === 'unlimited' ? mib : mib * 256)).join(':');
const RAM = { PHYSPAGES: pair(0, 256), SWAPPAGES: '0:unlimited', SHMPAGES: 'unlimited' };

requires(
  'root',
  'launcher',
  'busybox',
  'cgroup2-controllers',
)('two containers that want the same memory', () => {
  let lab: Lab;
  let top: string;
  beforeAll(async () => {
    lab = openLab();
    for (const id of [101, 102]) await lab.born(id, { ...RAM, OOMGUARPAGES: '0:unlimited' });
    top = dirname(placeOf(lab, 101, ['memory'])?.dir ?? '');
  });
  afterAll(() => lab.down());

  const text = (path: string): string => readFileSync(path, 'utf8').trim();
  const set = (id: number, values: Readonly<Record<string, string>>): Promise<unknown> => lab.engine.set(id, values, { save: false });
  const run = async (id: number, line: string): Promise<void> => {
    const { code, out } = await lab.inside(id, `${line} 2>&1`);
    expect(code, out).toBe(0);
  };
  const writing = (file: string, mib: number, way: string): string => `dd if=/dev/zero of=${file} bs=65536 count=${mib * 16} ${way}`;
  /** Anew: what has been in memory before is kept for longer. */
  const write = (id: number, file: string): Promise<void> => run(id, `rm -f ${file}; ${writing(file, HELD, 'conv=fsync')}`);
  /** The neighbour's wish for memory, a MiB at a time: what is not on the disk yet the kernel spares, and takes from who was promised. */
  const GROWING = `for i in $(seq ${WANTED}); do ${writing('/wanted.$i', 1, 'conv=fsync')} || exit; done; rm /wanted.*`;

  /** MiB of files of a disk in memory: what can be taken back without swap. */
  const files = (id: number): number => {
    const stat = text(`${top}/${id}/memory.stat`);
    const part = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1]) / MIB;
    return part('inactive_file') + part('active_file');
  };

  /** The neighbour takes more than all may have together. */
  const press = async (wish: string): Promise<void> => {
    writeFileSync(`${top}/memory.max`, String(Number(text(`${top}/memory.current`)) + MIB));
    try {
      await run(102, wish);
    } finally {
      writeFileSync(`${top}/memory.max`, 'max');
    }
  };

  /** Again and again, until what is not promised has gone, or does not go at all. Returns what is left. */
  const pressOut = async (wish: string, held: () => number, before: number): Promise<number> => {
    for (let times = 0; times < 5 && held() >= GOES * before; times++) await press(wish);
    return held();
  };

  /** Asks the whole node for some back; that there was less is no failure. */
  const reclaim = (): void => {
    try {
      writeFileSync(`${TREE}/memory.reclaim`, '8M');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  };

  /** What of it is left after want of memory, with a promise and without. */
  const leftOf = async (held: () => number, wish: string): Promise<readonly [number, number]> => {
    await set(101, { OOMGUARPAGES: pair(2 * HELD, 'unlimited') });
    const before = held();
    expect(before).toBeGreaterThanOrEqual(HELD);
    await press(wish);
    const kept = held();
    await set(101, { OOMGUARPAGES: '0:unlimited' });
    return [kept / before, (await pressOut(wish, held, before)) / before];
  };

  test(
    'files of a disk stay where they were promised, and go without the promise',
    async () => {
      await write(101, '/held');
      const [kept, left] = await leftOf(() => files(101), GROWING);
      expect(kept).toBeGreaterThan(STAYS);
      expect(left).toBeLessThan(GOES);
    },
    TIME_LIMIT_MS,
  );

  requires('disposable')('of a node that can be spoilt', () => {
    const SWAP = '/swap-of-a-test';
    let host: Host;
    beforeAll(() => {
      host = openLinuxHost('/', openLauncher(LAUNCHER));
    });
    afterAll(() => host.launcher.close());
    const found = async (mechanism: string) =>
      (await tryLimits(host, findTopology(host.files, host.proc, lab.engine.node.tag), false)).find(({ name }) => name === mechanism);
    const shell = (line: string): string => execFileSync('sh', ['-c', line], { encoding: 'utf8' });

    test(
      'memory that only swap can give back stays in RAM where it was promised, and is swapped without',
      async () => {
        shell(`fallocate -l 128M ${SWAP} && chmod 600 ${SWAP} && mkswap ${SWAP} && swapon ${SWAP}`);
        try {
          await write(101, '/dev/shm/held');
          const wish = `${writing('/dev/shm/wanted', WANTED, '')}; rm /dev/shm/wanted`;
          const [kept, left] = await leftOf(() => HELD - Number(text(`${top}/101/memory.swap.current`)) / MIB, wish);
          expect(kept).toBeGreaterThan(STAYS);
          expect(left).toBeLessThan(GOES);
        } finally {
          await lab.inside(101, 'rm -f /dev/shm/held');
          shell(`swapoff ${SWAP}`);
          rmSync(SWAP);
        }
      },
      TIME_LIMIT_MS,
    );

    test(
      'it holds where the node itself runs out, but for a newer LRU; more than its RAM nobody is promised, so that the rest spares no neighbour',
      async () => {
        const ram = HELD + 8;
        await set(101, { PHYSPAGES: pair(0, ram), OOMGUARPAGES: 'unlimited' });
        expect([text(`${top}/101/memory.low`), text(`${top}/memory.low`)]).toEqual([String(ram * MIB), String(ram * MIB)]);
        const promised = lab.engine.promises(lab.engine.ubc([101, 102])).find(({ name }) => name === 'guaranteed');
        expect(promised).toMatchObject({ promised: ram * MIB, unbounded: [] });
        const lru = '/sys/kernel/mm/lru_gen/enabled';
        const before = existsSync(lru) ? text(lru) : null;
        if (before !== null) writeFileSync(lru, 'n');
        try {
          expect((await found('memory-low-node'))?.answer).toBe('yes');
          for (const id of [101, 102]) await write(id, '/held');
          const [one, two] = [files(101), files(102)];
          for (let rounds = 0; rounds < 60 && files(102) > GOES * two; rounds++) reclaim();
          expect(files(102)).toBeLessThanOrEqual(GOES * two);
          expect(files(101)).toBeGreaterThan(STAYS * one);
          // of which the kernel of this machine takes from who was promised, too
          if (before !== null) writeFileSync(lru, 'y');
          if (before !== null)
            expect(await found('memory-low-node')).toMatchObject({ answer: 'no', detail: expect.stringContaining('lru_gen') });
        } finally {
          if (before !== null) writeFileSync(lru, before);
        }
        await set(101, { PHYSPAGES: RAM.PHYSPAGES, OOMGUARPAGES: '0:unlimited' });
      },
      TIME_LIMIT_MS,
    );

    test(
      'on a tree that hands no guarantee on to groups inside it nothing is promised, and that is found and told',
      async () => {
        const before = shell(`findmnt -no FS-OPTIONS ${TREE}`).trim();
        expect((await found('memory-low'))?.answer).toBe('yes');
        shell(`mount -o remount,nsdelegate cgroup2 ${TREE}`);
        try {
          expect(await found('memory-low')).toMatchObject({
            answer: 'no',
            detail: expect.stringContaining('without memory_recursiveprot'),
          });
          await write(101, '/held');
          await set(101, { OOMGUARPAGES: pair(2 * HELD, 'unlimited') });
          const held = files(101);
          expect((await pressOut(GROWING, () => files(101), held)) / held).toBeLessThan(GOES);
        } finally {
          shell(`mount -o remount,${before} cgroup2 ${TREE}`);
        }
      },
      TIME_LIMIT_MS,
    );
  });
});

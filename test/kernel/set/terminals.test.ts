// Pseudo-terminals: the limit of a running container's devpts, changed by the node whatever stands in the container's way to it.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

requires(
  'root',
  'launcher',
  'busybox',
)('numpty of a running container', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = openLab();
    await lab.born(101, { NUMPTY: '4' });
  });
  afterAll(() => lab.down());

  /** How many a program inside gets, of seven. */
  const had = async (ptmx = '/dev/ptmx'): Promise<number> => {
    const { out } = await lab.inside(
      101,
      `n=0; for i in 3 4 5 6 7 8 9; do eval "exec $i<>${ptmx}" 2>/dev/null; n=$((n+1)); echo $n; done 2>/dev/null`,
    );
    return Number(out.trim().split('\n').at(-1));
  };

  test('is more, and fewer, at once', async () => {
    expect(await had()).toBe(4);
    await lab.engine.set(101, { NUMPTY: '6' }, { save: false });
    expect(await had()).toBe(6);
    await lab.engine.set(101, { NUMPTY: '2' }, { save: false });
    expect(await had()).toBe(2);
    // what stood beside the limit stays
    expect((await lab.inside(101, 'exec 3<>/dev/ptmx; stat -c %a:%u:%g /dev/pts/0')).out).toBe('620:0:5\n');
  });

  test('is told as the kernel has it', async () => {
    const told = (await lab.engine.parameters(101)).find(({ key }) => key === 'NUMPTY');
    expect(told).toMatchObject({ file: '4', live: '2', badge: 'live', drift: true });
  });

  test('is taken back with a call that is refused', async () => {
    await expect(lab.engine.set(101, { NUMPTY: '7', HOSTNAME: 'x'.repeat(65) }, { save: false })).rejects.toThrow();
    expect(await had()).toBe(2);
  });

  test('is that of the node’s devpts, whatever root inside mounts in its place', async () => {
    const held = (): unknown => lab.engine.ubc([101])[0]?.rows.find(({ name }) => name === 'numpty')?.limit;
    const node = (): string => /devpts devpts.*\/dev\/pts .*|.* \/dev\/pts devpts .*/.exec(mounts())?.[0] ?? '';
    const before = node();
    // the node's one in another place, and one of his own where it was
    await lab.inside(
      101,
      'mount --make-rprivate /; mkdir /tmp/real; mount --bind /dev/pts /tmp/real; umount -l /dev/pts; mount -t devpts -o max=900,ptmxmode=666 none /dev/pts',
    );
    await lab.engine.set(101, { NUMPTY: '5' }, { save: false });
    expect(await had('/tmp/real/ptmx')).toBe(5);
    expect(await had()).toBe(7);
    expect((await lab.engine.parameters(101)).find(({ key }) => key === 'NUMPTY')).toMatchObject({ live: '5' });
    expect(held()).toBe(5n);
    await lab.inside(101, 'umount -l /dev/pts; rmdir /dev/pts && ln -s /proc/1/root/dev/pts /dev/pts');
    await lab.engine.set(101, { NUMPTY: '3' }, { save: false });
    expect(await had('/tmp/real/ptmx')).toBe(3);
    expect(node()).toBe(before);
  });
});

const mounts = (): string => readFileSync('/proc/self/mounts', 'utf8');

// A limit below what is in use: it is told what happens, and nobody dies of it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { controlText } from './control-file.ts';

const LIMIT = { 1: 'memory.limit_in_bytes', 2: 'memory.max' };
const MIB = 2 ** 20;

requires(
  'root',
  'launcher',
  'busybox',
)('a limit below present use', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = openLab();
    await lab.born(101, { PHYSPAGES: '0:65536', SWAPPAGES: '0:0', NUMPROC: '100' });
  });
  afterAll(() => lab.down());

  test('processes: nobody ends, no new one begins, and that is said', async () => {
    await lab.inside(101, 'for i in 1 2 3 4 5; do sleep 1000 >/dev/null 2>&1 & done');
    const before = Number(controlText(lab, 101, ['pids'], { 1: 'pids.current', 2: 'pids.current' }));
    lab.said();
    await lab.engine.set(101, { NUMPROC: '3' }, { save: false }, lab.run);
    expect(lab.said().join('\n')).toContain('none is ended, but no new one begins before fewer than 3 are left');
    expect(Number(controlText(lab, 101, ['pids'], { 1: 'pids.current', 2: 'pids.current' }))).toBeGreaterThanOrEqual(Math.min(before, 6));
    await expect(lab.inside(101, 'true')).rejects.toThrow('at their limit (numproc)');
    await lab.engine.set(101, { NUMPROC: '100' }, { save: false });
    expect((await lab.inside(101, 'true')).code).toBe(0);
  });

  test('memory that nobody can give back: refused, nobody is killed, and the values before it are taken back', async () => {
    // pages of a tmpfs are nobody's to reclaim without swap
    expect((await lab.inside(101, `dd if=/dev/zero of=/dev/shm/held bs=1M count=40 2>&1`)).code).toBe(0);
    const units = controlText(lab, 101, ['cpu'], { 1: 'cpu.shares', 2: 'cpu.weight' });
    lab.said();
    const refused = lab.engine.set(101, { CPUUNITS: '3000', PHYSPAGES: `0:${(8 * MIB) / 4096}`, NUMPROC: '90' }, { save: true }, lab.run);
    await expect(refused).rejects.toMatchObject({ code: 'not-applied', exit: 1 });
    const error = await refused.catch((thrown: Error) => thrown);
    expect((error as Error).message).toMatch(
      /^Unable to set physpages 0:2048: Container 101 holds more memory than 8388608 bytes and cannot give it back: the limit was not lowered; /,
    );
    // which of them came first is the machine's order of hierarchies
    const others = (error as Error).message.split('not lowered; ')[1] ?? '';
    expect(others).toMatch(/^((cpuunits 3000|numproc 90)( and (cpuunits 3000|numproc 90))? (was|were) (taken back|not tried)(; |$)){1,2}$/);
    for (const other of ['cpuunits 3000', 'numproc 90']) expect(others.split(other)).toHaveLength(2);
    expect(lab.said().join('\n')).toMatch(/holds 4\d(\.\d)? MiB of memory: the kernel tries for 10 seconds/);
    expect(controlText(lab, 101, ['memory'], LIMIT)).toBe(String(256 * MIB));
    expect(controlText(lab, 101, ['cpu'], { 1: 'cpu.shares', 2: 'cpu.weight' })).toBe(units);
    expect(lab.engine.config(101).own.get('CPUUNITS')).not.toBe('3000');
    expect((await lab.inside(101, 'ls -l /dev/shm/held')).out).toContain(String(40 * MIB));
  });

  test('memory that can be given back: it is, and the limit holds', async () => {
    await lab.inside(101, 'rm /dev/shm/held');
    // file cache
    expect((await lab.inside(101, 'dd if=/dev/zero of=/root/cached bs=1M count=64 2>&1; sync')).code).toBe(0);
    await lab.engine.set(101, { PHYSPAGES: `0:${(32 * MIB) / 4096}` }, { save: false });
    expect(controlText(lab, 101, ['memory'], LIMIT)).toBe(String(32 * MIB));
    const use = Number(controlText(lab, 101, ['memory'], { 1: 'memory.usage_in_bytes', 2: 'memory.current' }));
    expect(use).toBeLessThanOrEqual(33 * MIB);
  });
});

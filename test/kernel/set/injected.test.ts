// All or nothing against the kernel: whichever write of a call is refused, every control file says afterwards what it said before.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containerCgroups } from '../../../src/engine/cgroup/container.ts';
import { applyLive, planLive } from '../../../src/engine/ct/live/apply.ts';
import { LIMITS } from '../../../src/engine/ct/live/limits.ts';
import type { LiveTarget } from '../../../src/engine/ct/live/part.ts';
import { VzError } from '../../../src/engine/errors.ts';
import type { Launcher } from '../../../src/engine/launcher/launcher.ts';
import { type Cell, Lab, MIB, VIEWS } from '../cgroup/lab.ts';
import { requires } from '../requires.ts';

const suite = requires('root', 'launcher');
const ID = 7;

const BEFORE = new Map([
  ['NUMPROC', '100'],
  ['PHYSPAGES', '0:16384'],
  ['SWAPPAGES', '0:4096'],
  ['CPUUNITS', '1000'],
  ['CPULIMIT', '50'],
]);
const CHANGED = new Map([
  ['NUMPROC', '40'],
  ['PHYSPAGES', '0:32768'],
  ['SWAPPAGES', '0:1024'],
  ['CPUUNITS', '3000'],
  ['CPULIMIT', '80'],
]);

describe.each(VIEWS)('a refusal on %s', (_view, files) => {
  suite('at any write', () => {
    const lab = new Lab(files);
    let cell: Cell;
    beforeAll(async () => {
      await lab.open();
      cell = await lab.cell(ID, { numproc: 100, memory: 64 * MIB, swap: 16 * MIB, cpulimit: 50 });
    });
    afterAll(() => lab.close([ID]));

    /** What the limits of the container's groups say. */
    const told = (): Readonly<Record<string, string>> =>
      Object.fromEntries(
        cell.ct.directories
          .filter((dir) => !dir.endsWith('/init'))
          .flatMap((dir) =>
            readdirSync(dir)
              .filter((name) =>
                /^(pids\.max|memory\.(max|low|swap\.max|limit_in_bytes|memsw\.limit_in_bytes)|cpu\.(shares|weight|max|cfs_quota_us))$/.test(
                  name,
                ),
              )
              .map((name) => [`${dir}/${name}`, readFileSync(`${dir}/${name}`, 'utf8').trim()]),
          ),
      );

    /** Refuses the write of this number, from 1 on. */
    const refusing = (nth: number): { launcher: Launcher; refused: () => boolean } => {
      let writes = 0;
      let done = false;
      const { launcher } = lab.host;
      const ops: Launcher['ops'] = async (plan, signal) => {
        if (plan.ops.some((op) => op.op === 'write') && ++writes === nth) {
          done = true;
          throw new VzError('launch-failed', { stage: 'host', index: 0, op: 'write', syscall: 'write', path: '/refused', errno: 'EIO' });
        }
        await launcher.ops(plan, signal);
      };
      return { launcher: { ...launcher, ops }, refused: () => done };
    };

    const change = async (nth: number): Promise<{ refused: boolean; error: unknown }> => {
      const { launcher, refused } = refusing(nth);
      const host = { ...lab.host, launcher };
      const context = {
        host,
        node: {},
        report: () => {},
        members: () => [],
        cgroups: (id: number) => containerCgroups(files, lab.topology, id),
      };
      const target = { context, config: { id: ID, values: BEFORE, own: BEFORE }, init: { pid: 1, startTime: 0n } } as unknown as LiveTarget;
      const error = await applyLive(await planLive(target, CHANGED, [LIMITS])).catch((thrown: unknown) => thrown);
      return { refused: refused(), error };
    };

    it('leaves every limit as it was, and without one all are changed', async () => {
      const before = told();
      expect(Object.keys(before).length).toBeGreaterThanOrEqual(5);
      let nth = 1;
      for (; ; nth++) {
        const { refused, error } = await change(nth);
        if (!refused) break;
        expect(error).toMatchObject({ code: 'not-applied' });
        expect((error as Error).message).toMatch(/^Unable to set .*: Input\/output error \(\/refused\)/);
        expect(told()).toEqual(before);
      }
      // each of the five has at least a file of its own
      expect(nth).toBeGreaterThanOrEqual(6);
      const after = told();
      expect(Object.keys(before).filter((path) => !path.endsWith('memory.low') && before[path] === after[path])).toEqual([]);
    });
  });
});

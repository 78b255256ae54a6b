import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isBelowUse, NO_LIMITS } from '../../../src/engine/cgroup/limits.ts';
import { requires } from '../requires.ts';
import { until } from '../until.ts';
import { type Inmate, Lab, MIB, OWNER, VIEWS } from './lab.ts';

const suite = requires('root', 'launcher');

describe.each(VIEWS)('limits on %s', (_view, files) => {
  suite('bite, and are counted', () => {
    const lab = new Lab(files);
    const used: number[] = [];
    let id = 0;
    const cell = (limits: Parameters<Lab['cell']>[1]) => {
      used.push(++id);
      return lab.cell(id, limits);
    };

    beforeAll(() => lab.open());
    afterAll(() => lab.close(used));

    it('numproc: forks beyond it are refused', async () => {
      const ct = await cell({ numproc: 10 });
      const shell = await ct.run('n=0; while [ $n -lt 20 ]; do n=$((n+1)); sleep 1000 & echo $n; done 2>/dev/null; echo all');
      const lines: string[] = [];
      // dash ends at the first fork that fails, so its last line is the last success
      for (;;) {
        const line = await shell.line().catch(() => null);
        if (line === null) break;
        lines.push(line);
        if (line === 'all') break;
        if (lines.length === 9) break;
      }
      expect(lines).not.toContain('all');
      expect(await shell.ended).toBe(2);
      const usage = ct.usage('numproc', 'numprocLimit', 'numprocPeak', 'numprocFail');
      expect(usage.numproc).toBe(9);
      expect(usage.numprocLimit).toBe(10);
      expect(usage.numprocFail).toBeGreaterThanOrEqual(1);
      expect(usage.numprocPeak).toBeGreaterThanOrEqual(10);
    });

    it('numproc: a fork bomb is contained, counted, and gone with one operation', async () => {
      const ct = await cell({ numproc: 50 });
      // bash tries a refused fork again, so the bomb does not go out by itself
      const bomb = await ct.run("exec bash -c 'echo lit; b() { b | b & }; b 2>/dev/null; exec sleep 1000'");
      await bomb.line();
      await until(() => ct.usage('numprocFail').numprocFail > 0);
      expect(ct.usage('numproc').numproc).toBeLessThanOrEqual(50);
      await lab.ops(ct.ct.kill());
      // Zombies stay charged until they are reaped, here by the node's init.
      expect(ct.processes()).toEqual([]);
      expect(await bomb.ended).toBe('SIGKILL');
    });

    it('memory: what takes more is killed, and the kill and the cause are counted', async () => {
      const ct = await cell({ memory: 32 * MIB, swap: 0 });
      const hog = await ct.run('exec tail /dev/zero');
      expect(await hog.ended).toBe('SIGKILL');
      const usage = ct.usage('memoryFail', 'memoryPeak', 'memoryLimit', 'oomKill', 'swap');
      expect(usage.oomKill).toBe(1);
      expect(usage.memoryFail).toBeGreaterThanOrEqual(1);
      expect(usage.memoryLimit).toBe(32 * MIB);
      expect(usage.memoryPeak).toBeGreaterThan(30 * MIB);
      expect(usage.memoryPeak).toBeLessThanOrEqual(32 * MIB);
      expect(usage.swap).toBe(0);
    });

    const holder = async (ct: Awaited<ReturnType<typeof cell>>): Promise<Inmate> => {
      const shell = await ct.run('x=$(head -c 20000000 /dev/zero | tr "\\0" x); echo held; read end; echo still here');
      expect(await shell.line()).toBe('held');
      return shell;
    };

    it('memory: a limit below what is held is refused, and nobody is killed for it', async () => {
      const ct = await cell({ memory: 64 * MIB, swap: 0 });
      const shell = await holder(ct);
      const refusal = await lab.ops(ct.ct.update({ ...UNCHANGED, memory: 8 * MIB, swap: 0 })).catch((error: unknown) => error);
      expect(isBelowUse(refusal)).toBe(true);
      expect(ct.usage('memoryLimit', 'oomKill')).toEqual({ memoryLimit: 64 * MIB, oomKill: 0 });
      shell.say('go on');
      expect(await shell.line()).toBe('still here');
      expect(await shell.ended).toBe(0);
    });

    it('memory: raised and lowered while it runs, memory and swap in every direction', async () => {
      const ct = await cell({ memory: 64 * MIB, swap: 64 * MIB });
      for (const [memory, swap] of [
        [256, 16],
        [48, 512],
        [512, 0],
        [64, 64],
        [128, 128],
      ] as const) {
        await lab.ops(ct.ct.update({ ...UNCHANGED, memory: memory * MIB, swap: swap * MIB }));
        expect(ct.usage('memoryLimit').memoryLimit).toBe(memory * MIB);
        expect(ct.usage('swapLimit').swapLimit - swap * MIB).toBeLessThanOrEqual(4096);
      }
      await lab.ops(ct.ct.update(UNCHANGED));
      expect(ct.usage('memoryLimit', 'swapLimit')).toEqual({ memoryLimit: Infinity, swapLimit: Infinity });
    });

    it('cpulimit: who wants more waits, and that is counted', async () => {
      const ct = await cell({ cpulimit: 10 });
      const worker = await ct.run('while :; do :; done');
      await until(() => ct.usage('cpuThrottled').cpuThrottled > 0);
      await lab.ops(ct.ct.kill());
      expect(await worker.ended).toBe('SIGKILL');
    });

    it('no cpulimit: nobody waits', async () => {
      const ct = await cell({});
      const worker = await ct.run('i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done');
      expect(await worker.ended).toBe(0);
      expect(ct.usage('cpuThrottled').cpuThrottled).toBe(0);
      expect(ct.usage('cpuUsec').cpuUsec).toBeGreaterThan(0);
    });

    it('freeze: no time passes inside until thaw', async () => {
      const ct = await cell({});
      const shell = await ct.run('echo on; while read x; do echo $x; done & while :; do :; done');
      await shell.line();
      expect(ct.usage('frozen').frozen).toBe(0);
      await lab.ops(ct.ct.freeze(true));
      await ct.frozen(true);
      expect(ct.usage('frozen').frozen).toBe(1);
      const before = ct.usage('cpuUsec').cpuUsec;
      // long enough for another one to get something done
      const worker = await (await cell({})).run('i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done');
      expect(await worker.ended).toBe(0);
      expect(ct.usage('cpuUsec').cpuUsec).toBe(before);
      await lab.ops(ct.ct.freeze(false));
      await ct.frozen(false);
      expect(ct.usage('frozen').frozen).toBe(0);
      await until(() => ct.usage('cpuUsec').cpuUsec > before);
      await lab.ops(ct.ct.kill());
      expect(await shell.ended).toBe('SIGKILL');
    });

    it('kill: also what is frozen', async () => {
      const ct = await cell({});
      const shell = await ct.run('echo on; exec sleep 1000');
      await shell.line();
      await lab.ops(ct.ct.freeze(true));
      await ct.frozen(true);
      await lab.ops(ct.ct.kill());
      expect(await shell.ended).toBe('SIGKILL');
      expect(ct.processes()).toEqual([]);
    });

    it('devices: what the table names can be used, even by root nothing else', async () => {
      const ct = await cell({});
      const tries = [
        ': </dev/null',
        'head -c1 /dev/zero >/dev/null',
        'head -c1 /dev/urandom >/dev/null',
        ': </dev/kmsg',
        ': </dev/mem',
        `mknod /tmp/vzdeck-device-${process.pid} c 1 11`,
        `mknod /tmp/vzdeck-device-${process.pid} b 7 0`,
      ];
      const shell = await ct.run(tries.map((line) => `(${line}) 2>/dev/null && echo yes || echo no`).join('; '));
      const answers: string[] = [];
      while (answers.length < tries.length) answers.push(await shell.line());
      expect(answers).toEqual(['yes', 'yes', 'yes', 'no', 'no', 'no', 'no']);
      expect(await shell.ended).toBe(0);
    });

    it('CPU weights as the kernel took them', async () => {
      const ct = await cell({ cpuunits: 2000 });
      const weights = ct.ct.directories
        .flatMap((dir) => [`${dir}/cpu.weight`, `${dir}/cpu.shares`])
        .flatMap((path) => {
          const text = lab.host.files.read(path);
          return text === null || path.includes('/init/') ? [] : [text.trim()];
        });
      expect([['200'], ['2048']]).toContainEqual(weights);
    });

    it('processes die with the container’s groups, and nothing of it is left', async () => {
      const ct = await cell({ numproc: 5 });
      const shell = await ct.run('echo on; exec sleep 1000');
      await shell.line();
      await lab.ops([...ct.ct.kill(), ...ct.ct.remove()]);
      expect(await shell.ended).toBe('SIGKILL');
      for (const dir of ct.ct.directories) expect(lab.host.files.stat(dir)).toBeNull();
      await lab.ops(ct.ct.remove());
    });

    it('a start after a crash gets new counters', async () => {
      const ct = await cell({ numproc: 3 });
      const shell = await ct.run('sleep 1000 & sleep 1000 & sleep 1000 & sleep 1000', []);
      expect(await shell.ended).toBe(2);
      expect(ct.usage('numprocFail').numprocFail).toBeGreaterThanOrEqual(1);
      await lab.ops(ct.ct.kill());
      await lab.ops(ct.ct.create({ ...UNCHANGED, numproc: 7 }, OWNER));
      expect(ct.usage('numprocFail', 'numprocLimit')).toEqual({ numprocFail: 0, numprocLimit: 7 });
    });
  });
});

const UNCHANGED = NO_LIMITS;

describe('this kernel', () => {
  it('says what is delegated', () => {
    expect(readFileSync('/sys/kernel/cgroup/delegate', 'utf8')).toContain('cgroup.procs\n');
  });
});

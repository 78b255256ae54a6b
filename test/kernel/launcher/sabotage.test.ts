// Fails the n-th occurrence of each system call of a birth (strace --inject) and asks each time: is there an answer, and is nothing left behind?
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeFailure, decodeStarted, encodeStart, REPLY, REQUEST, Writer } from '../../../src/engine/launcher/protocol.ts';
import { LAUNCHER, requires } from '../requires.ts';
import { BareServer } from './bare-server.ts';
import { type Bed, descendants, makeBed } from './bed.ts';

let bed: Bed;
beforeAll(() => {
  bed = makeBed();
});
afterAll(() => bed.down());

/** Those whose failure a birth must survive, and after how many of each process there are no more of them. */
const CALLS = {
  open_tree: 5,
  move_mount: 7,
  mount_setattr: 5,
  fsopen: 4,
  fsconfig: 8,
  fsmount: 4,
  mount: 3,
  openat2: 16,
  openat: 24,
  clone3: 3,
  pipe2: 4,
  write: 9,
  prctl: 9,
  setresuid: 4,
  setresgid: 2,
  setgroups: 2,
  keyctl: 2,
  unshare: 2,
  pivot_root: 2,
  umount2: 2,
  chdir: 4,
  fchdir: 3,
  ioctl: 7,
  fchown: 2,
  fchmod: 2,
  fcntl: 6,
  socket: 2,
  bind: 2,
  listen: 2,
  renameat: 2,
  signalfd4: 3,
  dup2: 5,
} as const;

requires(
  'root',
  'launcher',
  'busybox',
)('a birth in which a system call fails', () => {
  describe.skipIf(!existsSync('/usr/bin/strace'))('(needs strace)', () => {
    test.each(Object.entries(CALLS))('%s, up to %i times in a process', { timeout: 120_000 }, async (call, most) => {
      let failures = 0;
      for (let when = 1; when <= most; when++) {
        const name = `${call} number ${when}`;
        const server = new BareServer('strace', [
          '-f',
          '-qq',
          '-o',
          '/dev/null',
          '-e',
          `inject=${call}:error=EPERM:when=${when}`,
          LAUNCHER,
          'serve',
        ]);
        const reply = await server.ask(REQUEST.start, encodeStart(bed.plan({ plan: { lease: `${bed.dir}/lease` } })));
        const left = () => descendants(server.process.pid ?? 0).slice(1);
        if (reply.kind === REPLY.done) {
          const { init } = decodeStarted(reply.payload);
          const kill = () => server.ask(REQUEST.kill, new Writer().u32(init.pid).u64(init.startTime).u32(9).done());
          // The call that is failed may be one of killing, too.
          for (let again = 0; again < 3 && (await kill()).payload[0] !== 1; again++);
        } else {
          failures++;
          if (reply.kind === REPLY.failed) expect(decodeFailure(reply.payload).errno, name).not.toBe('0');
          for (const note of ['keeper', 'init']) expect(existsSync(`${bed.runDir}/${note}`), `${name}: ${note}`).toBe(false);
        }
        if (server.dead === null) await expect.poll(left, { interval: 5, message: name }).toEqual([]);
        await server.close();
        await bed.umount();
        for (const note of readdirSync(bed.runDir)) rmSync(`${bed.runDir}/${note}`);
        expect(bed.mounts(), name).toEqual([]);
      }
      expect(failures, 'the failures were noticed').toBeGreaterThan(0);
    });
  });
});

// The filter as this kernel runs it. Every entry answers with a number of its own, so that it is seen to be the filter and not the kernel that refuses.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rules, seccompProgram } from '../../../src/engine/rootfs/wall/seccomp.ts';
import { REFUSED } from '../../../src/engine/rootfs/wall/syscalls.ts';
import { requires } from '../requires.ts';
import { compileProbe, probeUnder, type Try } from './prober.ts';
import { REFUSED_TRIES } from './refused-calls.ts';

/** Above all errno values of the kernel, below the 4095 that a filter may give. */
const MARK = 1000;

requires('cc', 'x64')('the filter on this kernel', () => {
  let dir: string;
  let filter: string;
  beforeAll(() => {
    dir = compileProbe();
    filter = join(dir, 'filter');
    writeFileSync(filter, seccompProgram(rules({ noPacketFilter: true }).map((rule, i) => ({ ...rule, errno: MARK + i }))));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  test('every entry acts, for 64-bit and for 32-bit calls', () => {
    const got = probeUnder(dir, filter, REFUSED_TRIES);
    const seen = REFUSED_TRIES.map(({ way, call, refusal }, i) => [way, call, got[i], REFUSED.indexOf(refusal)]);
    expect(seen).toEqual(
      REFUSED_TRIES.map(({ way, call, refusal }) => [way, call, -(MARK + REFUSED.indexOf(refusal)), REFUSED.indexOf(refusal)]),
    );
  });

  test('what its conditions let through reaches the kernel', () => {
    const CLONE_NEWUSER = 0x1000_0000;
    const passing: readonly Try[] = [
      { way: '64', nr: 41, args: [1, 1, 0] },
      { way: '32', nr: 359, args: [1, 1, 0] },
      { way: '64', nr: 272, args: [0] },
      { way: '64', nr: 272, args: [CLONE_NEWUSER] },
      { way: '64', nr: 16, args: [-1, 0x5401] },
    ];
    const [socket64, socket32, nothing, newUser, badFd] = probeUnder(dir, filter, passing);
    expect([socket64, socket32].every((fd) => Number(fd) >= 0)).toBe(true);
    expect([nothing, newUser, badFd]).toEqual([0, 0, -9]);
  });

  test('32-bit user land makes its sockets by socketcall when that is lifted', () => {
    const lifted = join(dir, 'lifted');
    writeFileSync(lifted, seccompProgram(rules({ sockets32: true })));
    const EFAULT = -14;
    expect(probeUnder(dir, lifted, [{ way: '32', nr: 102, args: [1, 0] }])).toEqual([EFAULT]);
  });

  test('x32 calls and numbers that nobody looked at do not exist', () => {
    const tries: readonly Try[] = [
      { way: 'x32', nr: 39 },
      { way: '64', nr: 1000 },
      { way: '32', nr: 1000 },
    ];
    expect(probeUnder(dir, filter, tries)).toEqual([-38, -38, -38]);
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ANSWER, answer, assemble, branch } from '../../../src/engine/rootfs/wall/bpf.ts';
import { ARCH, rules, seccompProgram } from '../../../src/engine/rootfs/wall/seccomp.ts';
import { type Condition, ERRNO, NEWEST, type Numbers, REFUSED } from '../../../src/engine/rootfs/wall/syscalls.ts';
import { run } from './bpf-machine.ts';

const ALL = { noPacketFilter: true };
const usual = seccompProgram();
const program = seccompProgram(rules(ALL));
const machines = Object.entries(ARCH).map(([machine, arch], index) => ({ machine, arch, index }));
const errno = (name: keyof typeof ERRNO): number => ANSWER.errno | ERRNO[name];

/** Every refused call of every machine. */
const rows = REFUSED.flatMap((refusal) =>
  Object.entries(refusal.calls).flatMap(([call, numbers]) =>
    machines.flatMap(({ machine, arch, index }) => {
      const nr = (numbers as Numbers)[index];
      return typeof nr === 'number' ? [{ call, machine, arch, nr, refusal }] : [];
    }),
  ),
);

/** Values of the named arguments, the others 0. */
function argsWith(...values: readonly (readonly [at: number, value: number])[]): bigint[] {
  const args = [0n, 0n, 0n, 0n, 0n, 0n];
  for (const [at, value] of values) args[at] = BigInt(value);
  return args;
}

/** Values of the argument that must be refused, and such that must pass. */
function samples(when: Condition): { bad: readonly number[]; good: readonly number[] } {
  if ('anyBit' in when) return { bad: [when.anyBit, 0xffff_ffff, when.anyBit | 17], good: [0, 17, ~when.anyBit >>> 0] };
  if ('oneOf' in when) return { bad: when.oneOf, good: [0, 0x5401, 0xffff_ffff].filter((n) => !when.oneOf.includes(n)) };
  return { bad: Array.from({ length: 64 }, (_, n) => n).filter((n) => !when.noneOf.includes(n)), good: when.noneOf };
}

const holds = (condition: Condition | undefined, args: readonly bigint[]): boolean => {
  if (condition === undefined) return true;
  const value = Number((args[condition.arg] ?? 0n) & 0xffff_ffffn);
  if ('anyBit' in condition) return (value & condition.anyBit) !== 0;
  return 'oneOf' in condition ? condition.oneOf.includes(value) : !condition.noneOf.includes(value);
};

/** Unless another entry about the same call refuses it. */
const passing = (arch: number, nr: number, args: readonly bigint[]): boolean =>
  rows.some((row) => row.arch === arch && row.nr === nr && holds(row.refusal.when, args) && holds(row.refusal.and, args)) ||
  run(program, { arch, nr, args: [...args] }).answer === ANSWER.allow;

describe('every entry, on every machine', () => {
  test.each(rows)('$machine $call ($nr)', ({ arch, nr, refusal }) => {
    const { when, and } = refusal;
    const refused = errno(refusal.errno);
    if (when === undefined) {
      expect(run(program, { arch, nr }).answer).toBe(refused);
      return;
    }
    const { bad, good } = samples(when);
    const also = and === undefined ? [[]] : samples(and).bad.map((value) => [[and.arg, value] as const]);
    for (const more of also) {
      for (const value of bad) {
        const args = argsWith([when.arg, value], ...more);
        expect(run(program, { arch, nr, args }).answer, String(value)).toBe(refused);
        // The upper half is no way round: the kernel does not look at it.
        expect(run(program, { arch, nr, args: args.map((arg) => arg | (0xdead_beefn << 32n)) }).answer).toBe(refused);
      }
      for (const value of good) expect(passing(arch, nr, argsWith([when.arg, value], ...more)), String(value)).toBe(true);
    }
    if (and !== undefined)
      for (const value of samples(and).good)
        expect(passing(arch, nr, argsWith([when.arg, bad[0] ?? 0], [and.arg, value])), String(value)).toBe(true);
  });

  test.each(rows)('$machine $call passes when its entry is taken out', ({ arch, nr, refusal }) => {
    const without = seccompProgram(rules(ALL).filter((rule) => rule.calls !== refusal.calls));
    const args = argsWith(
      ...[refusal.when, refusal.and].flatMap((c) => (c === undefined ? [] : [[c.arg, samples(c).bad[0] ?? 0] as const])),
    );
    expect(run(without, { arch, nr, args }).answer).toBe(ANSWER.allow);
  });
});

describe('everything else', () => {
  test.each(machines)('$machine: passes, quickly, up to the newest number', ({ arch, index }) => {
    const named = new Set(REFUSED.flatMap((refusal) => Object.values(refusal.calls).map((numbers) => numbers[index])));
    for (let nr = 0; nr <= NEWEST; nr++) {
      const { answer: got, steps } = run(usual, { arch, nr });
      if (!named.has(nr)) expect(got, String(nr)).toBe(ANSWER.allow);
      expect(steps).toBeLessThanOrEqual(20);
    }
  });

  test.each(machines)('$machine: newer numbers, x32 numbers and -1 do not exist', ({ arch }) => {
    for (const nr of [NEWEST + 1, 512, 547, 0x4000_0000, 0x4000_0000 | 248, 0xffff_ffff])
      expect(run(program, { arch, nr: nr >>> 0 }).answer).toBe(errno('ENOSYS'));
  });

  test.each(machines)(
    'of $machine it looks at arguments of calls only that it judges by them: of all others the kernel keeps the answer',
    ({ arch }) => {
      const judged = new Set(rows.filter((row) => row.arch === arch && row.refusal.when !== undefined).map(({ nr }) => nr));
      const numbers = Array.from({ length: NEWEST }, (_, nr) => nr);
      expect(numbers.filter((nr) => run(usual, { arch, nr }).asked && !judged.has(nr))).toEqual([]);
      expect(judged.size).toBeLessThanOrEqual(8);
    },
  );

  test('an unknown machine ends the process', () => {
    for (const arch of [0, 0x4000_0028, 0x8000_0016]) expect(run(program, { arch, nr: 1 }).answer).toBe(ANSWER.killProcess);
  });

  test('32-bit user land gets socketcall back, and nothing else', () => {
    const lifted = seccompProgram(rules({ sockets32: true }));
    const call = { arch: ARCH.i386, nr: 102, args: [1n] };
    expect([run(program, call).answer, run(lifted, call).answer]).toEqual([errno('ENOSYS'), ANSWER.allow]);
    expect(rules(ALL).length - rules({ ...ALL, sockets32: true }).length).toBe(1);
  });

  test('the packet filter is refused to whom it is to be refused only', () => {
    const netlink = { arch: ARCH.x86_64, nr: 41, args: argsWith([0, 16], [2, 12]) };
    expect([run(seccompProgram(), netlink).answer, run(program, netlink).answer]).toEqual([ANSWER.allow, errno('EPROTONOSUPPORT')]);
    expect(run(program, { ...netlink, args: argsWith([0, 16], [2, 0]) }).answer).toBe(ANSWER.allow);
  });

  test('the kernel takes it: few instructions, each of eight bytes', () => {
    expect(program.byteLength % 8).toBe(0);
    expect(program.byteLength / 8).toBeLessThan(1000);
  });
});

describe('the assembler', () => {
  test('goes over more than 255 instructions', () => {
    const far = Array.from({ length: 300 }).reduce<ReturnType<typeof answer>>(
      (rest, _, i) => branch('equal', i + 1000, answer(2), rest),
      answer(3),
    );
    const bytes = assemble(branch('equal', 0, answer(1), far));
    expect([
      run(bytes, { arch: 0, nr: 0 }).answer,
      run(assemble([{ code: 0x20, jt: 0, jf: 0, k: 0 }, ...far]), { arch: 0, nr: 7 }).answer,
    ]).toEqual([1, 3]);
  });

  test('refuses a program that is too long', () => {
    expect(() => assemble(Array.from({ length: 5000 }, () => answer(1)).flat())).toThrow(RangeError);
  });
});

/** Numbers as the installed headers have them; a call that they do not know yet is not checked. */
function header(path: string): ReadonlyMap<string, number> {
  const found = readFileSync(path, 'utf8').matchAll(/^#define\s+__NR(?:3264)?_(\w+)\s+(\d+)/gm);
  return new Map([...found].map(([, name, nr]) => [name ?? '', Number(nr)] as const).reverse());
}

const INCLUDE = '/usr/include/x86_64-linux-gnu/asm';
const HEADERS = [`${INCLUDE}/unistd_64.h`, `${INCLUDE}/unistd_32.h`, '/usr/include/asm-generic/unistd.h'];

describe.skipIf(!HEADERS.every(existsSync))('numbers against the headers of this machine', () => {
  test.each(machines)('$machine', ({ machine, index }) => {
    const known = header(HEADERS[index] ?? '');
    // The generic table names calls that only its 32-bit users have; the others must agree in what they lack as well.
    const generic = machine === 'arm64';
    for (const refusal of REFUSED)
      for (const [call, numbers] of Object.entries(refusal.calls))
        if (!generic || numbers[index] !== null) expect([call, numbers[index]]).toEqual([call, known.get(call) ?? null]);
  });
});

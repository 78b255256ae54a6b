import { describe, expect, it } from 'vitest';
import type { Btf } from '../../../../src/engine/spec/bpf/btf.ts';
import { REFUSED } from '../../../../src/engine/spec/bpf/refusal-frame.ts';
import { parseRefusalCounts, parseRefusalLimits, REFUSALS, refusalProgram } from '../../../../src/engine/spec/bpf/refusals.ts';

const MAPS = { counts: 0, limits: 1, charges: 2, flights: 3 };

describe('refusals', () => {
  it('reads what the kernel prints of the maps', () => {
    const text = '# WARNING!! The output is for debug purpose only\n4711: {1,2,3,4,5,6,7,8,9,10,11,12,}\n8: {1,2,}\n';
    const counts = parseRefusalCounts(text);
    expect([...counts.keys()]).toEqual([4711]);
    expect(counts.get(4711)).toEqual({
      numfile: { held: 1, maxheld: 2, failcnt: 3 },
      numflock: { held: 4, maxheld: 5, failcnt: 6 },
      numothersock: { held: 7, maxheld: 8, failcnt: 9 },
      privvmpages: { held: 10, maxheld: 11, failcnt: 12 },
    });
    const limits = parseRefusalLimits('7: {60,18446744073709551615,0,5,}\n');
    expect(limits.get(7)).toEqual({ numfile: 60, numflock: Number.POSITIVE_INFINITY, numothersock: 0, privvmpages: 5 });
  });

  it('has no program for a kernel that lacks a function or a field', () => {
    const all: Btf = { func: () => 1, struct: () => 1, typedef: () => 1, offset: () => 8, bit: () => null, constant: () => null };
    const noFunction: Btf = { ...all, func: () => null };
    const noField: Btf = { ...all, offset: () => null };
    const programs = REFUSED.flatMap((row) => REFUSALS[row]);
    for (const program of programs) {
      expect(refusalProgram(program, all, MAPS, 2)?.of, program.name).toBe(1);
      expect(refusalProgram(program, noFunction, MAPS, 2), program.name).toBeNull();
    }
    expect(programs.filter((program) => refusalProgram(program, noField, MAPS, 2) === null).map(({ name }) => name)).toEqual([
      'socket_made',
      'memory_asked',
      'unreserved',
      'writable',
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { mapsOf } from '../../../../src/engine/spec/bpf/assemble.ts';
import type { Btf } from '../../../../src/engine/spec/bpf/btf.ts';
import { limitValue, parseCounts, parseLimits } from '../../../../src/engine/spec/bpf/socket-counts.ts';
import { connectionProgram, createProgram, releaseProgram, sockFields } from '../../../../src/engine/spec/bpf/socket-programs.ts';

const WARNING = '# WARNING!! The output is for debug purpose only\n# WARNING!! The output format will change\n';
const MAPS = { counts: 51, limits: 52, marks: 53 };

describe('what the maps say', () => {
  it('is read by the order of its numbers, per cgroup', () => {
    const counts = parseCounts(`${WARNING}4711: {1,2,3,4,5,6,}\n12: {0,0,0,18446744073709551615,7,0,}\n`);
    expect([...counts.keys()]).toEqual([4711, 12]);
    expect(counts.get(4711)).toEqual({
      numtcpsock: { held: 1, maxheld: 2, failcnt: 3 },
      numothersock: { held: 4, maxheld: 5, failcnt: 6 },
    });
    // between two processors it may be less than nothing for a moment
    expect(counts.get(12)?.numothersock.held).toBe(0);
  });

  it('is nothing where it has another form', () => {
    for (const text of ['', WARNING, '4711: {1,2,3,}\n', '4711: {1,2,3,4,5,6,7,}\n', 'nonsense\n']) expect(parseCounts(text).size).toBe(0);
  });

  it('of limits is one for all processors; 0 is none', () => {
    const text = `${WARNING}7: {\n\tcpu0: {31,0,}\n\tcpu1: {31,0,}\n}\n8: {\n\tcpu0: {1,21,}\n\tcpu1: {1,21,}\n}\n`;
    expect([...parseLimits(text)]).toEqual([
      [7, { numtcpsock: 30, numothersock: null }],
      [8, { numtcpsock: 0, numothersock: 20 }],
    ]);
  });

  it('is told for each processor that there may ever be', () => {
    const view = new DataView(limitValue({ numtcpsock: 30, numothersock: null }, 3).buffer);
    expect(Array.from({ length: 6 }, (_, i) => view.getBigUint64(i * 8, true))).toEqual([31n, 0n, 31n, 0n, 31n, 0n]);
  });
});

describe('the programs', () => {
  const btf = (fields: Partial<Record<string, number>>, bits: Partial<Record<string, number>> = {}): Btf => ({
    func: () => null,
    struct: () => null,
    typedef: () => null,
    offset: (_, name) => fields[name] ?? null,
    bit: (_, name) => bits[name] ?? null,
    constant: () => null,
  });

  it('take the fields of the kernel as it describes them: a byte, a bit, or none', () => {
    expect(sockFields(btf({ sk_socket: 288, is_mptcp: 2252 }))).toEqual({ socket: 288, mptcp: { at: 2252, mask: 255 } });
    expect(sockFields(btf({ sk_socket: 288 }, { is_mptcp: 18_021 }))).toEqual({ socket: 288, mptcp: { at: 2252, mask: 32 } });
    expect(sockFields(btf({ sk_socket: 288 }))).toEqual({ socket: 288, mptcp: null });
    expect(sockFields(btf({}))).toBeNull();
  });

  it('name the maps that they need, and another kernel gets other ones', () => {
    const maps = (code: Uint8Array): readonly number[] => [...new Set(mapsOf(code).map(({ slot }) => slot))].sort();
    expect(maps(createProgram(MAPS, true))).toEqual([51, 52, 53]);
    expect(maps(releaseProgram(MAPS))).toEqual([51, 53]);
    expect(maps(connectionProgram(MAPS, { socket: 288, mptcp: null }))).toEqual([51, 53]);
    expect(createProgram(MAPS, true)).not.toEqual(createProgram(MAPS, false));
    const at = (socket: number): Uint8Array => connectionProgram(MAPS, { socket, mptcp: null });
    expect(at(288)).not.toEqual(at(296));
  });
});

import { describe, expect, it } from 'vitest';
import { assemble, exit, map, mov, wide } from '../../../../src/engine/spec/bpf/assemble.ts';
import { createMap, loadProgram, MAP, PROGRAM, pin, putElement } from '../../../../src/engine/spec/bpf/call.ts';
import { mapTypes } from '../../../../src/engine/spec/bpf/types.ts';
import type { Op } from '../../../../src/engine/spec/op.ts';

type BpfOp = Extract<Op, { op: 'bpf' }>;

const fixesOf = ({ fixes }: BpfOp): readonly (readonly number[])[] => {
  const view = new DataView(fixes.buffer);
  return Array.from({ length: fixes.length / 12 }, (_, i) => [
    view.getUint32(i * 12, true),
    view.getUint32(i * 12 + 4, true),
    view.getUint8(i * 12 + 8),
    view.getUint8(i * 12 + 9),
  ]);
};

describe('calls of bpf(2)', () => {
  it('name the places of addresses, descriptors and identities', () => {
    const op = putElement(3, { cgroupIn: 4 }, new Uint8Array([1, 2, 3, 4]), 1n) as BpfOp;
    expect(op.command).toBe(2);
    expect(fixesOf(op)).toEqual([
      [0, 3, 0, 1],
      [8, 0, 0, 0],
      [0, 4, 1, 2],
      [16, 8, 0, 0],
    ]);
    expect([...op.data]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
    expect(new DataView(op.attr.buffer).getBigUint64(24, true)).toBe(1n);
  });

  it('put descriptors of maps into programs, and nothing into other numbers of 64 bits', () => {
    const code = assemble([wide('r2', 0x1_0000_0018n), map('r1', 9), mov('r0', 1), exit]);
    const op = loadProgram(5, { type: PROGRAM.cgroupSocket, attach: 2, name: 'vz_create', license: 'MIT', code }) as BpfOp;
    expect(fixesOf(op).filter(([, , inData]) => inData === 1)).toEqual([[20, 9, 1, 1]]);
  });

  it('end names with NUL, paths and those that are too long', () => {
    expect(Buffer.from((pin(1, '/run/x') as BpfOp).data).toString()).toBe('/run/x\0');
    const long = createMap(1, { type: MAP.hash, key: 8, value: 8, entries: 1, name: 'a_name_of_more_than_15' }) as BpfOp;
    expect(Buffer.from(long.attr.subarray(28, 44)).toString()).toBe('a_name_of_more_\0');
  });
});

describe('types', () => {
  it('say how long a value is and where its fields lie', () => {
    const types = mapTypes(8, 'pair', [
      { name: 'first', size: 8 },
      { name: 'second', size: 4 },
    ]);
    expect(types).toMatchObject({ key: 2, value: 3, size: 12 });
    const view = new DataView(types.bytes.buffer);
    const strings = 24 + view.getUint32(16, true);
    const nameAt = (at: number): string =>
      Buffer.from(types.bytes.subarray(strings + at))
        .toString()
        .split('\0')[0] ?? '';
    const struct = 24 + 2 * 16;
    expect(nameAt(view.getUint32(struct, true))).toBe('pair');
    expect([nameAt(view.getUint32(struct + 24, true)), view.getUint32(struct + 28, true), view.getUint32(struct + 32, true)]).toEqual([
      'second',
      1,
      64,
    ]);
  });
});

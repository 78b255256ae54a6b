import { expect, test } from 'vitest';
import type { Btf } from '../../../../src/engine/spec/bpf/btf.ts';
import { DENIAL_PROGRAMS, denialProgram, parseDenials } from '../../../../src/engine/spec/bpf/denials.ts';

const ALL: Btf = { func: () => 1, struct: () => 1, typedef: () => 1, offset: () => 8, bit: () => null, constant: () => null };
const TOP = { id: 7n, depth: 2 };

test('what the kernel prints of the map, by cgroup; lines of another length are left out', () => {
  const counts = parseDenials('# WARNING!! The output is for debug purpose only\n4711: {3,1,}\n8: {1,2,3,4,}\n9: {}\n');
  expect([...counts]).toEqual([[4711, { numsiginfo: 3, numpty: 1 }]]);
  expect(parseDenials('')).toEqual(new Map());
});

test.each(DENIAL_PROGRAMS)('there is no program at %s where the kernel lacks its place or a field', (name) => {
  expect(denialProgram(name, ALL, TOP, 1)?.target).toBe(1);
  expect(denialProgram(name, { ...ALL, func: () => null, typedef: () => null }, TOP, 1)).toBeNull();
  expect(denialProgram(name, { ...ALL, offset: () => null }, TOP, 1)).toBeNull();
});

test('who is refused nothing costs two instructions before the end is jumped to', () => {
  const { program } = denialProgram('signal_generate', ALL, TOP, 1) ?? {};
  const view = new DataView(program?.buffer ?? new ArrayBuffer(0));
  const [LOAD, LESS, EXIT] = [0x61, 0xa5, 0x95];
  expect([view.getUint8(0), view.getUint8(8)]).toEqual([LOAD, LESS]);
  const end = 16 + view.getInt16(10, true) * 8;
  expect([view.getUint8(end + 8), end + 16]).toEqual([EXIT, view.byteLength]);
});

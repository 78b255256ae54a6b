import { describe, expect, it } from 'vitest';
import {
  add,
  alu32,
  assemble,
  atomic,
  call,
  exit,
  jump,
  type Line,
  load,
  map,
  mov,
  place,
  store,
  when,
  wide,
} from '../../../../src/engine/spec/bpf/assemble.ts';

const hex = (...lines: readonly Line[]): readonly string[] => Buffer.from(assemble(lines)).toString('hex').match(/.{16}/g) ?? [];

describe('eBPF instructions', () => {
  // as `objdump -d` and linux/bpf.h have them
  it.each<[string, Line, string]>([
    ['r0 = 1', mov('r0', 1), 'b700000001000000'],
    ['r6 = r1', mov('r6', 'r1'), 'bf16000000000000'],
    ['r2 += -24', add('r2', -24), '07020000e8ffffff'],
    ['w2 &= 0xffff', alu32('and', 'r2', 0xffff), '54020000ffff0000'],
    ['r1 = *(u32 *)(r6 + 20)', load('r1', 'r6', 20, 4), '6161140000000000'],
    ['r7 = *(u64 *)(r1 + 8)', load('r7', 'r1', 8), '7917080000000000'],
    ['*(u64 *)(r10 - 16) = r6', store('fp', -16, 'r6'), '7b6af0ff00000000'],
    ['*(u16 *)(r10 - 2) = 7', store('fp', -2, 7, 2), '6a0afeff07000000'],
    ['lock *(u64 *)(r7 + 0) += r9', atomic('add', 'r7', 0, 'r9'), 'db97000000000000'],
    ['r9 = atomic_fetch_add(r7 + 0, r9)', atomic('fetchAdd', 'r7', 0, 'r9'), 'db97000001000000'],
    ['call 113', call(113), '8500000071000000'],
    ['exit', exit, '9500000000000000'],
  ])('%s', (_, line, bytes) => expect(hex(line)).toEqual([bytes]));

  it('holds 64 bits and map slots in two', () => {
    expect(hex(wide('r1', 0xffff_8881_2efb_76c0n))).toEqual(['18010000c076fb2e', '000000008188ffff']);
    expect(hex(wide('r1', -1n))).toEqual(['18010000ffffffff', '00000000ffffffff']);
    expect(hex(map('r1', 3))).toEqual(['1811000003000000', '0000000000000000']);
  });

  it('jumps over both halves, forth and back', () => {
    expect(hex(place('again'), when('r1', 'eq', 0, 'end'), wide('r2', 1n), jump('again'), place('end'), exit)).toEqual([
      '1501030000000000',
      '1802000001000000',
      '0000000000000000',
      '0500fcff00000000',
      '9500000000000000',
    ]);
    expect(hex(when('r0', 'ne', 'r1', 'x'), place('x'))).toEqual(['5d10000000000000']);
  });

  it('refuses what no program can be', () => {
    expect(() => assemble([jump('away')])).toThrow('A jump goes to away, which is no place');
    expect(() => assemble([place('a'), place('a')])).toThrow('Two places are called a');
    expect(() => assemble([mov('r0', 2 ** 31)])).toThrow(RangeError);
    expect(() => assemble([load('r0', 'r1', 40_000)])).toThrow(RangeError);
  });
});

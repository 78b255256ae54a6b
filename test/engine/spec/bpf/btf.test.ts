import { describe, expect, it } from 'vitest';
import { parseBtf } from '../../../../src/engine/spec/bpf/btf.ts';

/** A description of types as Documentation/bpf/btf.rst has it, from heads and what follows them. */
function btf(
  types: readonly (readonly [name: string, kind: number, count: number, sizeOrType: number, rest?: readonly (number | string)[]])[],
  bits = false,
): Uint8Array {
  let strings = '\0';
  const text = (name: string): number => {
    if (name === '') return 0;
    strings += `${name}\0`;
    return strings.length - name.length - 1;
  };
  const words = types.flatMap(([name, kind, count, size, rest = []]) => [
    text(name),
    (bits && (kind === 4 || kind === 5) ? 0x8000_0000 : 0) + kind * 2 ** 24 + count,
    size,
    ...rest.map((word) => (typeof word === 'string' ? text(word) : word)),
  ]);
  const head = Buffer.alloc(24);
  head.writeUInt16LE(0xeb9f);
  head.writeUInt8(1, 2);
  head.writeUInt32LE(24, 4);
  head.writeUInt32LE(words.length * 4, 12);
  head.writeUInt32LE(words.length * 4, 16);
  head.writeUInt32LE(strings.length, 20);
  const body = Buffer.alloc(words.length * 4);
  for (const [n, word] of words.entries()) body.writeUInt32LE(word, n * 4);
  return Buffer.concat([head, body, Buffer.from(strings, 'latin1')]);
}

const INT = ['int', 1, 0, 4, [32]] as const;

describe('the kernel’s own description of its types', () => {
  it('tells offsets through nameless parts, nested structures and typedefs', () => {
    const told = parseBtf(
      btf([
        INT, // 1
        ['counter_t', 4, 1, 4, ['counter', 1, 0]], // 2
        ['alias', 8, 0, 2], // 3: typedef of 2
        ['', 5, 2, 8, ['one', 1, 0, 'other', 3, 0]], // 4: nameless union
        ['task', 4, 3, 24, ['first', 1, 0, '', 4, 64, 'refs', 3, 128]], // 5
      ]),
      ['task', 'counter_t'],
    );
    expect(told.offset('task', 'first')).toBe(0);
    expect(told.offset('task', 'one')).toBe(8);
    expect(told.offset('task', 'other.counter')).toBe(8);
    expect(told.offset('task', 'refs.counter')).toBe(16);
    expect(told.offset('task', 'fir')).toBeNull();
    expect(told.offset('task', 'first.counter')).toBeNull();
    expect(told.offset('alias', 'counter')).toBeNull();
  });

  it('passes every kind of type, and tells a function’s id', () => {
    const told = parseBtf(
      btf([
        INT,
        ['', 3, 0, 0, [1, 1, 4]], // array
        ['colour', 6, 2, 4, ['red', 0, 'green', 1]],
        ['big', 19, 1, 8, ['huge', 0, 1]],
        ['', 13, 2, 0, ['a', 1, 'b', 1]], // prototype
        ['variable', 14, 0, 1, [0]],
        ['.data', 15, 1, 4, [6, 0, 4]],
        ['tag', 17, 0, 1, [0]],
        ['bpf_iter_task', 12, 0, 5],
        ['task', 4, 1, 4, ['bpf_iter_task', 1, 0]],
      ]),
      ['bpf_iter_task', 'task', 'colour', 'nothing'],
    );
    expect(told.func('bpf_iter_task')).toBe(9);
    expect(told.constant('colour', 'green')).toBe(1);
    expect(told.constant('colour', 'blue')).toBeNull();
    expect(told.constant('big', 'huge')).toBeNull();
    expect(told.func('task')).toBeNull();
    expect(told.struct('bpf_iter_task')).toBeNull();
    expect(told.func('nothing')).toBeNull();
    expect(told.offset('task', 'bpf_iter_task')).toBe(0);
  });

  it('has no offset for a bit field, but for those beside it', () => {
    const told = parseBtf(btf([INT, ['flags', 4, 3, 8, ['low', 1, (3 << 24) | 0, 'high', 1, (5 << 24) | 3, 'plain', 1, 32]]], true), [
      'flags',
    ]);
    expect(told.offset('flags', 'low')).toBeNull();
    expect(told.offset('flags', 'high')).toBeNull();
    expect(told.offset('flags', 'plain')).toBe(4);
  });

  it('refuses what is none', () => {
    expect(() => parseBtf(new Uint8Array(100), [])).toThrow(RangeError);
    expect(() => parseBtf(new Uint8Array(3), [])).toThrow(RangeError);
  });

  it('tells the place of a single bit, and of no wider field', () => {
    const fields = ['plain', 1, 0, 'bit', 1, (1 << 24) | 37, 'wide', 1, (3 << 24) | 40] as const;
    const told = parseBtf(btf([INT, ['sock', 4, 3, 8, fields]], true), ['sock']);
    expect(told.bit('sock', 'bit')).toBe(37);
    expect([told.bit('sock', 'wide'), told.bit('sock', 'plain'), told.bit('sock', 'none'), told.bit('none', 'bit')]).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(told.offset('sock', 'plain')).toBe(0);
    expect(told.offset('sock', 'bit')).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import {
  accessChanges,
  allowedDevices,
  BASIC_DEVICES,
  deviceLine,
  deviceProgram,
  readDeviceLines,
} from '../../../src/engine/cgroup/devices.ts';
import type { DeviceRule } from '../../../src/engine/cgroup/face.ts';

const TYPE = { b: 1, c: 2 } as const;
const MKNOD = 1;
const READ = 2;
const WRITE = 4;

/** Runs a program as the kernel would: the instructions that it uses, one context of three words, and no jump backwards or out. */
function interpret(program: Uint8Array, context: readonly [number, number, number]): number {
  const view = new DataView(program.buffer);
  const registers = new Array<number>(11).fill(Number.NaN);
  for (let at = 0; ; at++) {
    if (at * 8 >= program.length) throw new Error('fell off the end');
    const code = view.getUint8(at * 8);
    const dst = view.getUint8(at * 8 + 1) & 15;
    const src = view.getUint8(at * 8 + 1) >> 4;
    const off = view.getInt16(at * 8 + 2, true);
    const imm = view.getInt32(at * 8 + 4, true);
    const value = registers[dst] as number;
    if (off < 0) throw new Error('jump backwards');
    if (code === 0x61) registers[dst] = context[off / 4] as number;
    else if (code === 0xbf) registers[dst] = registers[src] as number;
    else if (code === 0xb7) registers[dst] = imm;
    else if (code === 0x74) registers[dst] = value >>> imm;
    else if (code === 0x54) registers[dst] = (value & imm) >>> 0;
    else if (code === 0x55) at += value !== imm ? off : 0;
    else if (code === 0x45) at += value & imm ? off : 0;
    else if (code === 0x95) return registers[0] as number;
    else throw new Error(`unknown instruction 0x${code.toString(16)}`);
  }
}

const asks = (program: Uint8Array, type: 'b' | 'c', major: number, minor: number, access: number): number =>
  interpret(program, [(access << 16) | TYPE[type], major, minor]);

describe('the BPF program', () => {
  const rules = Object.values(BASIC_DEVICES);
  const program = deviceProgram(rules);

  it.each(Object.entries(BASIC_DEVICES))('allows %s, every access', (_, r) => {
    for (const access of [MKNOD, READ, WRITE, READ | WRITE, MKNOD | READ | WRITE])
      expect(asks(program, r.type, r.major, r.minor ?? 77, access)).toBe(1);
  });

  it.each([
    ['a disk', 'b', 8, 0],
    ['/dev/mem', 'c', 1, 1],
    ['/dev/kmsg', 'c', 1, 11],
    ['a tty of the node', 'c', 4, 1],
    ['loop control', 'c', 10, 237],
    ['fuse', 'c', 10, 229],
    ['tun', 'c', 10, 200],
    ['a block device with the numbers of null', 'b', 1, 3],
    ['a high minor of the major of ttys', 'c', 5, 0x10000],
  ] as const)('refuses %s', (_, type, major, minor) => {
    for (const access of [MKNOD, READ, WRITE]) expect(asks(program, type, major, minor, access)).toBe(0);
  });

  it('allows what a longer table has', () => {
    const tun = { type: 'c', major: 10, minor: 200, access: 'rwm' } as const;
    expect(asks(deviceProgram([...rules, tun]), 'c', 10, 200, READ | WRITE)).toBe(1);
  });

  it('tells accesses apart', () => {
    const readOnly = deviceProgram([{ type: 'b', major: 8, minor: null, access: 'r' }]);
    expect([READ, WRITE, MKNOD, READ | WRITE].map((access) => asks(readOnly, 'b', 8, 16, access))).toEqual([1, 0, 0, 0]);
  });

  it('without rules refuses everything', () => {
    expect(asks(deviceProgram([]), 'c', 1, 3, READ)).toBe(0);
  });

  it('agrees with v1’s lines on every device near the table, for random tables', () => {
    let seed = 42;
    const random = (n: number): number => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return seed % n;
    };
    const allowedByLines = (lines: readonly string[], type: string, major: number, minor: number, access: string): boolean =>
      lines.some((line) => {
        const [t, numbers = '', a = ''] = line.split(' ');
        const [ma, mi] = numbers.split(':');
        return t === type && Number(ma) === major && (mi === '*' || Number(mi) === minor) && [...access].every((l) => a.includes(l));
      });
    for (let round = 0; round < 50; round++) {
      const table: DeviceRule[] = Array.from({ length: random(6) }, () => ({
        type: random(2) ? 'b' : 'c',
        major: random(4),
        minor: random(3) ? random(4) : null,
        access: ['r', 'w', 'm', 'rw', 'rm', 'rwm'][random(6)] ?? 'r',
      }));
      const bpf = deviceProgram(table);
      const lines = table.map(deviceLine);
      for (const type of ['b', 'c'] as const)
        for (let major = 0; major < 4; major++)
          for (let minor = 0; minor < 4; minor++)
            for (const [access, bits] of [
              ['r', READ],
              ['w', WRITE],
              ['m', MKNOD],
              ['rw', READ | WRITE],
            ] as const)
              expect(asks(bpf, type, major, minor, bits), `${type} ${major}:${minor} ${access} in ${lines}`).toBe(
                allowedByLines(lines, type, major, minor, access) ? 1 : 0,
              );
    }
  });
});

describe('rules of v1', () => {
  const rule = (text: string): DeviceRule => readDeviceLines(text)[0] as DeviceRule;

  it('are read as they are written; "all devices" is none of them', () => {
    const lines = ['c 1:3 rwm', 'b 8:* r', 'c 136:* rw'];
    expect(readDeviceLines(`a *:* rwm\n${lines.join('\n')}\nnonsense`).map(deviceLine)).toEqual(lines);
  });

  it('stand once for each device, with all that is allowed of it, those of every container first', () => {
    const basics = Object.values(BASIC_DEVICES);
    const all = allowedDevices([rule('c 10:229 r'), rule('c 10:229 w'), rule('c 1:3 r'), { ...rule('b 8:0 r'), access: '' }]);
    expect(all).toEqual([...basics, rule('c 10:229 rw')]);
  });

  it('change by what differs only: nothing that stays is taken away for a moment', () => {
    const have = ['c 1:3 rwm', 'c 10:229 rw', 'b 8:* r'].map(rule);
    const want = ['c 1:3 rwm', 'c 10:229 r', 'b 8:* rw', 'b 8:0 r'].map(rule);
    const { allow, deny } = accessChanges(have, want);
    expect([allow.map(deviceLine), deny.map(deviceLine)]).toEqual([['b 8:* w', 'b 8:0 r'], ['c 10:229 w']]);
    expect(accessChanges(want, want)).toEqual({ allow: [], deny: [] });
  });
});

// eBPF programs written down as lists of instructions with names for places, made into the bytes that bpf(2) takes. Knows the machine
// (Documentation/bpf/standardization/instruction-set.rst, linux/bpf.h) and no program.

export type Reg = 'r0' | 'r1' | 'r2' | 'r3' | 'r4' | 'r5' | 'r6' | 'r7' | 'r8' | 'r9' | 'fp';
/** Bytes of a memory access. */
export type Size = 1 | 2 | 4 | 8;
/** A register, or a signed number of 32 bits. */
export type Operand = Reg | number;

interface Fields {
  readonly code: number;
  readonly dst?: Reg;
  readonly src?: Reg | number;
  readonly off?: number;
  readonly imm?: number;
}

/** An instruction; `to`: the place that its jump goes to; `more`: its second half. */
export interface Insn extends Fields {
  readonly to?: string;
  readonly more?: number;
}

export interface Place {
  readonly place: string;
}

export type Line = Insn | Place;

const INSN_SIZE = 8;
const WORD = 2 ** 32;

const ALU = { add: 0x00, sub: 0x10, mul: 0x20, or: 0x40, and: 0x50, lsh: 0x60, rsh: 0x70, mod: 0x90, xor: 0xa0, mov: 0xb0 } as const;
const JUMP = { eq: 0x10, gt: 0x20, ge: 0x30, set: 0x40, ne: 0x50, sgt: 0x60, sge: 0x70, lt: 0xa0, le: 0xb0, slt: 0xc0, sle: 0xd0 } as const;
const WIDTH: Readonly<Record<Size, number>> = { 1: 0x10, 2: 0x08, 4: 0x00, 8: 0x18 };
/** BPF_FETCH: the register then has the value from before. compareExchange is with r0, which then has it. */
const ATOMIC = { add: 0x00, fetchAdd: 0x01, exchange: 0xe1, compareExchange: 0xf1 } as const;

const LDX = 0x61;
const ST = 0x62;
const STX = 0x63;
const STX_ATOMIC = 0xc3;
const LD_IMM64 = 0x18;
const ALU64 = 0x07;
const ALU32 = 0x04;
const JMP = 0x05;
const BY_REG = 0x08;
const CALL = 0x85;
const EXIT = 0x95;
/** BPF_PSEUDO_MAP_FD. */
const MAP_FD = 1;
/** BPF_PSEUDO_KFUNC_CALL. */
const KERNEL_FUNCTION = 2;

const number = (reg: Reg): number => (reg === 'fp' ? 10 : Number(reg.slice(1)));

const by = (code: number, dst: Reg, operand: Operand): Insn =>
  typeof operand === 'number' ? { code, dst, imm: operand } : { code: code | BY_REG, dst, src: operand };

/** dst = dst OP operand, in 64 bits. */
export const alu = (op: keyof typeof ALU, dst: Reg, operand: Operand): Insn => by(ALU64 | ALU[op], dst, operand);
/** The same in the lower 32 bits; the upper ones become 0. */
export const alu32 = (op: keyof typeof ALU, dst: Reg, operand: Operand): Insn => by(ALU32 | ALU[op], dst, operand);
export const mov = (dst: Reg, operand: Operand): Insn => alu('mov', dst, operand);
export const add = (dst: Reg, operand: Operand): Insn => alu('add', dst, operand);

/** dst = what lies at base + off. */
export const load = (dst: Reg, base: Reg, off: number, size: Size = 8): Insn => ({ code: LDX | WIDTH[size], dst, src: base, off });
export const store = (base: Reg, off: number, value: Operand, size: Size = 8): Insn =>
  typeof value === 'number'
    ? { code: ST | WIDTH[size], dst: base, off, imm: value }
    : { code: STX | WIDTH[size], dst: base, src: value, off };
/** On the 64 bits at base + off. */
export const atomic = (op: keyof typeof ATOMIC, base: Reg, off: number, value: Reg): Insn => ({
  code: STX_ATOMIC | WIDTH[8],
  dst: base,
  src: value,
  off,
  imm: ATOMIC[op],
});

/** A number of 64 bits. */
export const wide = (dst: Reg, value: bigint): Insn => {
  const bits = BigInt.asUintN(64, value);
  return { code: LD_IMM64, dst, imm: Number(bits & 0xffff_ffffn) | 0, more: Number(bits >> 32n) | 0 };
};
/** The map in this slot of the launcher's plan, which puts its descriptor here. */
export const map = (dst: Reg, slot: number): Insn => ({ code: LD_IMM64, dst, src: MAP_FD, imm: slot, more: 0 });

/** Helpers are called by their number (BPF_FUNC_… of linux/bpf.h); arguments in r1…r5, which are lost, the answer in r0. */
export const call = (helper: number): Insn => ({ code: CALL, imm: helper });
/** A function of the kernel, by its number among the kernel's own types. */
export const callKernel = (func: number): Insn => ({ code: CALL, src: KERNEL_FUNCTION, imm: func });
export const exit: Insn = { code: EXIT };
export const place = (name: string): Place => ({ place: name });
export const jump = (to: string): Insn => ({ code: JMP, to });
/** Goes to a place if a TEST b, unsigned unless the test begins with s. */
export const when = (a: Reg, test: keyof typeof JUMP, b: Operand, to: string): Insn => ({ ...by(JMP | JUMP[test], a, b), to });

const isPlace = (line: Line): line is Place => 'place' in line;
const slots = (line: Line): number => (isPlace(line) ? 0 : line.more === undefined ? 1 : 2);

/** The maps that a program takes: offset of the four bytes that must become a descriptor, and the slot that stands there. */
export function mapsOf(code: Uint8Array): readonly { readonly at: number; readonly slot: number }[] {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  const found: { at: number; slot: number }[] = [];
  for (let at = 0; at < code.length; at += INSN_SIZE) {
    if (view.getUint8(at) !== LD_IMM64) continue;
    if (view.getUint8(at + 1) >> 4 === MAP_FD) found.push({ at: at + 4, slot: view.getInt32(at + 4, true) });
    at += INSN_SIZE;
  }
  return found;
}

/** Throws RangeError for a jump to nowhere, a place that is named twice, and a number that no instruction holds. */
export function assemble(lines: readonly Line[]): Uint8Array {
  const places = new Map<string, number>();
  let length = 0;
  for (const line of lines) {
    if (isPlace(line) && places.has(line.place)) throw new RangeError(`Two places are called ${line.place}`);
    if (isPlace(line)) places.set(line.place, length);
    length += slots(line);
  }
  const view = new DataView(new ArrayBuffer(length * INSN_SIZE));
  let at = 0;
  const put = ({ code, dst = 'r0', src = 0, off = 0, imm = 0 }: Fields): void => {
    if (off < -0x8000 || off > 0x7fff || imm < -WORD / 2 || imm >= WORD / 2) throw new RangeError(`No instruction holds ${off}, ${imm}`);
    view.setUint8(at * INSN_SIZE, code);
    view.setUint8(at * INSN_SIZE + 1, number(dst) | ((typeof src === 'number' ? src : number(src)) << 4));
    view.setInt16(at * INSN_SIZE + 2, off, true);
    view.setInt32(at * INSN_SIZE + 4, imm, true);
    at++;
  };
  for (const line of lines) {
    if (isPlace(line)) continue;
    const there = line.to === undefined ? undefined : places.get(line.to);
    if (line.to !== undefined && there === undefined) throw new RangeError(`A jump goes to ${line.to}, which is no place`);
    put(there === undefined ? line : { ...line, off: there - at - 1 });
    if (line.more !== undefined) put({ code: 0, imm: line.more });
  }
  return new Uint8Array(view.buffer);
}

// Classic BPF as seccomp takes it (linux/filter.h, linux/seccomp.h): a filter is put together from parts that all end in an answer.
// Knows no system call. Only instructions that the kernel's cache of constant answers follows (Linux 5.11) are offered.

/** struct sock_filter { u16 code; u8 jt, jf; u32 k }. */
export interface Insn {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

export const CODE = {
  /** A = 32 bits of struct seccomp_data at offset k. */
  load: 0x20,
  jump: 0x05,
  equal: 0x15,
  greater: 0x25,
  atLeast: 0x35,
  anyBit: 0x45,
  answer: 0x06,
} as const;

/** struct seccomp_data { int nr; u32 arch; u64 instruction_pointer; u64 args[6] }. */
export const DATA = { nr: 0, arch: 4, args: 16 } as const;

export const ANSWER = { killProcess: 0x8000_0000, errno: 0x0005_0000, allow: 0x7fff_0000 } as const;

export type Test = 'equal' | 'greater' | 'atLeast' | 'anyBit';

const INSN_SIZE = 8;
/** BPF_MAXINSNS. */
const MAX_INSNS = 4096;
const MAX_HOP = 255;

const insn = (code: number, k: number, jt = 0, jf = 0): Insn => ({ code, jt, jf, k });

export const answer = (value: number): readonly Insn[] => [insn(CODE.answer, value)];

export const load = (offset: number): readonly Insn[] => [insn(CODE.load, offset)];

/** Compares the loaded word with k; each way must end in an answer. */
export function branch(test: Test, k: number, yes: readonly Insn[], no: readonly Insn[]): readonly Insn[] {
  if (no.length <= MAX_HOP) return [insn(CODE[test], k, no.length, 0), ...no, ...yes];
  return [insn(CODE[test], k, 0, 1), insn(CODE.jump, no.length), ...no, ...yes];
}

/** Little-endian, as all machines are that we run on. Throws RangeError for a program that no kernel would take. */
export function assemble(insns: readonly Insn[]): Uint8Array {
  if (insns.length > MAX_INSNS) throw new RangeError(`A filter of ${insns.length} instructions is longer than ${MAX_INSNS}`);
  const view = new DataView(new ArrayBuffer(insns.length * INSN_SIZE));
  insns.forEach(({ code, jt, jf, k }, i) => {
    view.setUint16(i * INSN_SIZE, code, true);
    view.setUint8(i * INSN_SIZE + 2, jt);
    view.setUint8(i * INSN_SIZE + 3, jf);
    view.setUint32(i * INSN_SIZE + 4, k, true);
  });
  return new Uint8Array(view.buffer);
}

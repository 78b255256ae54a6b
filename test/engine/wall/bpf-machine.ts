// A machine for classic BPF as the kernel runs it for seccomp, to ask a filter what it would answer.
import { CODE, DATA } from '../../../src/engine/rootfs/wall/bpf.ts';

export interface Call {
  readonly arch: number;
  readonly nr: number;
  readonly args?: readonly bigint[];
}

export interface Outcome {
  /** SECCOMP_RET_* with its data. */
  readonly answer: number;
  /** Instructions executed. */
  readonly steps: number;
  /** Whether it has looked at an argument: of a call of which it has not, and that passes, the kernel's cache keeps the answer (seccomp_is_const_allow). */
  readonly asked: boolean;
}

function dataOf({ arch, nr, args = [] }: Call): DataView {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, nr, true);
  data.setUint32(4, arch, true);
  args.forEach((arg, i) => {
    data.setBigUint64(16 + 8 * i, arg, true);
  });
  return data;
}

/** Throws for a program that the kernel's checker would not take: unknown instruction, end without an answer. */
export function run(program: Uint8Array, call: Call): Outcome {
  const code = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const data = dataOf(call);
  let word = 0;
  let steps = 0;
  let asked = false;
  for (let pc = 0; pc * 8 < program.byteLength; pc++) {
    const at = pc * 8;
    const [op, jt, jf, k] = [code.getUint16(at, true), code.getUint8(at + 2), code.getUint8(at + 3), code.getUint32(at + 4, true)];
    steps++;
    const hop = (yes: boolean): void => {
      pc += yes ? jt : jf;
    };
    if (op === CODE.load) {
      asked ||= k >= DATA.args;
      word = data.getUint32(k, true);
    } else if (op === CODE.jump) pc += k;
    else if (op === CODE.equal) hop(word === k);
    else if (op === CODE.greater) hop(word > k);
    else if (op === CODE.atLeast) hop(word >= k);
    else if (op === CODE.anyBit) hop((word & k) !== 0);
    else if (op === CODE.answer) return { answer: k, steps, asked };
    else throw new Error(`Instruction ${pc}: unknown code ${op}`);
  }
  throw new Error('The program ends without an answer');
}

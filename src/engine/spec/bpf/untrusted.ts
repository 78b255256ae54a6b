// Pointers of the kernel's that a program follows. From one that the verifier trusts it looks for each step, on each way through the program, whether
// the next is to be trusted too, and searches all types of the kernel by name for that, four times: half a second for a set of programs.
import { callKernel, type Line, mov, type Reg } from './assemble.ts';

/** Since Linux 6.2; takes no time when the program runs. */
export const UNTRUSTED = 'bpf_rdonly_cast';

/** r0 = `from`, for nothing but reading; r1…r5 are lost. What is not there reads as 0, as with any pointer that was followed. */
export const untrusted = (from: Reg, cast: number, struct: number): readonly Line[] => [
  mov('r1', from),
  mov('r2', struct),
  callKernel(cast),
];

// Pointers of the kernel's that a program follows. From one that the verifier trusts it looks for each step, on each way through the program, whether
// the next is to be trusted too, and searches all types of the kernel by name for that, four times: half a second for a set of programs.
import { add, call, callKernel, type Line, load, mov, type Reg } from './assemble.ts';

/** Since Linux 6.2; takes no time when the program runs. */
export const UNTRUSTED = 'bpf_rdonly_cast';

/** r0 = `from`, for nothing but reading; r1…r5 are lost. What is not there reads as 0, as with any pointer that was followed. */
export const untrusted = (from: Reg, cast: number, struct: number): readonly Line[] => [
  mov('r1', from),
  mov('r2', struct),
  callKernel(cast),
];

/** BPF_FUNC_probe_read_kernel of linux/bpf.h. */
const PROBE_READ_KERNEL = 113;

/** dst = 8 bytes at address + off, by a helper that copies them to `scratch` on the stack, on any kernel; r0…r5 are lost. */
export const copied = (dst: Reg, address: Reg, off: number, scratch: number): readonly Line[] => [
  mov('r3', address),
  add('r3', off),
  mov('r1', 'fp'),
  add('r1', scratch),
  mov('r2', 8),
  call(PROBE_READ_KERNEL),
  load(dst, 'fp', scratch),
];

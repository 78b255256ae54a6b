// Whether the programs of a tree are 32-bit: their C library then knows no way to a socket that the filter could look into.

const ELF = [0x7f, 0x45, 0x4c, 0x46];
const CLASS = 4;
const CLASS_32 = 1;

/** Bytes of a program that tell. */
export const HEAD = CLASS + 1;

/** From the first bytes of the tree's shell (elf(5), e_ident). */
export function is32Bit(head: Uint8Array): boolean {
  return ELF.every((byte, i) => head[i] === byte) && head[CLASS] === CLASS_32;
}

// Programs on a container's cgroup that leave of the tables of iptables-legacy, arptables and ebtables only some. The kernel asks them for each socket
// that was made inside, whichever network namespace it is in. Pure: bytes for bpf(2).
//
// A table is named at the beginning of the socket option by which it is read and written. A program is shown up to a page of that, from memory of whoever
// asks: one of his threads may write another name there before the kernel reads it again. (To have the kernel read the copy that was looked at would
// keep nobody out, as that is one page at most; and before Linux 6.9 the kernel reads beyond the end of one.)
import { add, alu, assemble, call, exit, jump, type Line, load, mov, place, store, when, wide } from './assemble.ts';

/** bpf_set_retval, Linux 5.18. */
const SET_ANSWER = 187;
const ENOENT = 2;

/** Offsets in struct bpf_sockopt (linux/bpf.h). */
const OPTION = { value: 8, end: 16, level: 24, name: 28, length: 32, answer: 36 } as const;
/** SOL_IP, SOL_IPV6; options of iptables, arptables and ebtables that begin with the name of a table. */
const PROTOCOLS = [0, 41];
const TABLE_OPTIONS = [64, 65, 96, 97, 128, 129, 130, 131];
const WORD = 8;

/** The text with its NUL, at most eight bytes, as a number in memory, and which of its bits count. */
function terminated(text: string): { readonly value: bigint; readonly mask: bigint } {
  const value = [...text].reduceRight((rest, char) => (rest << 8n) | BigInt(char.charCodeAt(0)), 0n);
  return { value, mask: (1n << BigInt(8 * (text.length + 1))) - 1n };
}

/** Goes there if the bytes in r3 are one of the texts; r1 and r4 are lost. */
const whenOneOf = (texts: readonly string[], to: string): readonly Line[] =>
  texts.flatMap((text) => {
    const { value, mask } = terminated(text);
    return [wide('r1', mask), mov('r4', 'r3'), alu('and', 'r4', 'r1'), wide('r1', value), when('r4', 'eq', 'r1', to)];
  });

/** `asks`: of getsockopt, which the kernel has answered already; otherwise of setsockopt. */
export const tableProgram = (tables: readonly string[], asks: boolean): Uint8Array =>
  assemble([
    mov('r6', 'r1'),
    ...(asks ? [load('r1', 'r6', OPTION.answer, 4), when('r1', 'ne', 0, 'pass')] : []),
    load('r1', 'r6', OPTION.level, 4),
    ...PROTOCOLS.map((protocol) => when('r1', 'eq', protocol, 'ip')),
    jump('pass'),
    place('ip'),
    load('r1', 'r6', OPTION.name, 4),
    ...TABLE_OPTIONS.map((option) => when('r1', 'eq', option, 'named')),
    // what is looked at may be a part: the kernel takes the whole, from where it is
    place('pass'),
    mov('r1', 0),
    store('r6', OPTION.length, 'r1', 4),
    mov('r0', 1),
    exit,
    place('named'),
    load('r2', 'r6', OPTION.value),
    load('r5', 'r6', OPTION.end),
    mov('r4', 'r2'),
    add('r4', WORD),
    when('r4', 'gt', 'r5', 'pass'),
    load('r3', 'r2', 0),
    ...whenOneOf(tables, 'pass'),
    // as of a table that this kernel does not have
    mov('r1', -ENOENT),
    call(SET_ANSWER),
    mov('r0', 0),
    exit,
  ]);

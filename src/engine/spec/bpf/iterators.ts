// Programs that the kernel runs once for each task, or for each open file, when somebody reads their iterator: one record for each that lives
// in a container. Knows which fields of the kernel tell what; refuses to add up, since a pass may be cut anywhere between two records. Of open files each
// container has its share of a pass and no more, whatever it does: the others' are told whole beside it.
import { add, alu, alu32, assemble, call, exit, jump, type Line, load, map, mov, place, type Reg, store, when, wide } from './assemble.ts';
import type { Btf } from './btf.ts';
import { MAP, type MapShape } from './call.ts';
import { copied, UNTRUSTED, untrusted } from './untrusted.ts';

/** A structure that begins with a number of 64 bits. */
const CELL = 'timespec64';

/** Names that offsets and functions below are asked of. */
export const ITERATOR_TYPES = [
  UNTRUSTED,
  CELL,
  'bpf_iter_task',
  'bpf_iter_task_file',
  'bpf_iter_meta',
  'task_struct',
  'signal_struct',
  'mm_struct',
  'cred',
  'user_namespace',
  'ucounts',
  'css_set',
  'cgroup',
  'kernfs_node',
  'file',
  'inode',
  'file_lock_context',
  'file_lock_core',
  'file_lock',
  'socket',
  'sock',
] as const;

export interface IteratorProgram {
  /** Function of the kernel whose arguments the program gets. */
  readonly target: number;
  readonly program: Uint8Array;
  /** Maps that it takes, by the slots that stand in it. */
  readonly maps: readonly (MapShape & { readonly slot: number })[];
}

/** Where containers' groups are in the v2 tree: below the group with this id, which stands at this depth (root: 0). */
export interface GroupPlace {
  readonly id: bigint;
  readonly depth: number;
}

/** Bytes of a record of either iterator. */
export const RECORD = 40;
/**
 * u64 group | u64 mm | u32 pages that it may lock and one more, NO_BOUND for any number, 0: as below | u32 signals that are queued in its user namespace | u64 private writable pages | u32 locked pages | u32 how many
 * signals may be queued there, NO_BOUND for any number, 0: this kernel does not tell, or it has come from outside.
 */
export const TASK = { group: 0, mm: 8, mayLock: 16, queued: 20, promised: 24, locked: 32, mayQueue: 36 } as const;
export const NO_BOUND = 0xffff_ffff;
/**
 * u64 group | u64 file, 0: the group has more descriptors than are told | u32 process | u16 locks, with MORE_LOCKS where not all were counted |
 * u16 family, 0: no socket | u16 type | u16 protocol | u32 queued, sent, received bytes.
 */
export const FILE = {
  group: 0,
  file: 8,
  process: 16,
  locks: 20,
  family: 22,
  type: 24,
  protocol: 26,
  queued: 28,
  sent: 32,
  received: 36,
} as const;

/** Descriptors of one container that are told in one pass: 1.3 MB of records. */
export const MOST_DESCRIPTORS = 32_768;
/** Locks of one file that are looked through, for each of the two kinds, and of one container in one pass: 2 ms. */
const MOST_LOCKS = 256;
const MOST_LOCKS_OF_ALL = 16_384;
export const MORE_LOCKS = 0x8000;

/** u64 group | u64 number of the pass, to u64 descriptors | u64 locks; what was used seldom goes, and nobody has to clean up after a pass. */
const SHARES = { slot: 2, type: MAP.lruHash, key: 16, value: 16, entries: 4096, name: 'vz_shares' } as const;
const SHARE = { descriptors: 0, locks: 8 } as const;

const HELPER = { lookUp: 1, update: 2, seqWrite: 127, sockFromFile: 162 } as const;

/** struct bpf_iter__task, bpf_iter__task_file: pointers, but for a u32 fd at 16. */
const CONTEXT = { meta: 0, task: 8, file: 24 } as const;

/** Free for what a helper reads, below the record; then the context, the container's share, and its key and beginning. */
const SCRATCH = -RECORD - 8;
const CONTEXT_AT = SCRATCH - 8;
const SHARE_AT = CONTEXT_AT - 8;
const KEY = SHARE_AT - SHARES.key;
const NONE = KEY - SHARES.value;

export interface Offsets {
  (struct: string, field: string): number;
  /** To look at any 8 bytes of the kernel's as at a CELL; null where that cannot be had. */
  readonly cell: { readonly cast: number; readonly struct: number } | null;
}
/** r0 = a pointer of that kind, to follow what is there; r1…r5 are lost. */
export type Readable = (from: Reg, struct: string) => readonly Line[];

/** The kernel has no such field. */
export class Missing extends Error {}

/** dst = 8 bytes at address + off, 0 where nothing is; r1…r5 are lost. Before Linux 6.2 by a helper that copies them, for a third more of a whole pass. */
export const peek = ({ cell }: Offsets, dst: 'r0' | 'r9', address: 'r0' | 'r7' | 'r8' | 'r9', off: number): readonly Line[] =>
  cell === null
    ? copied(dst, address, off, SCRATCH)
    : [mov('r3', address), add('r3', off), ...untrusted('r3', cell.cast, cell.struct), load(dst, 'r0', 0)];

/** Task in r7, which stays; its container's group comes to stand at `to` on the stack. Goes to `end` for a task that is in no container. All below r6, and r8, are lost. */
export function groupOfTask(at: Offsets, readable: Readable, top: GroupPlace, to: number): readonly Line[] {
  const ancestor = (depth: number): readonly Line[] => [
    ...peek(at, 'r0', 'r8', at('cgroup', 'ancestors') + 8 * depth),
    ...peek(at, 'r0', 'r0', at('cgroup', 'kn')),
    ...peek(at, 'r0', 'r0', at('kernfs_node', 'id')),
  ];
  return [
    when('r7', 'eq', 0, 'end'),
    ...readable('r7', 'task_struct'),
    mov('r7', 'r0'),
    load('r8', 'r7', at('task_struct', 'cgroups')),
    when('r8', 'eq', 0, 'end'),
    load('r8', 'r8', at('css_set', 'dfl_cgrp')),
    when('r8', 'eq', 0, 'end'),
    load('r0', 'r8', at('cgroup', 'level'), 4),
    when('r0', 'le', top.depth, 'end'),
    ...ancestor(top.depth),
    wide('r1', top.id),
    when('r0', 'ne', 'r1', 'end'),
    ...ancestor(top.depth + 1),
    store('fp', to, 'r0'),
  ];
}

/** Context in r6, task in r7; ends for a task that is in no container, else its container's group and process stand in the record. */
function containerOf(at: Offsets, readable: Readable, top: GroupPlace): readonly Line[] {
  return [
    mov('r6', 'r1'),
    load('r7', 'r6', CONTEXT.task),
    ...groupOfTask(at, readable, top, -RECORD + TASK.group),
    load('r1', 'r7', at('task_struct', 'tgid'), 4),
    store('fp', -RECORD + FILE.process, 'r1'),
  ];
}

/** Tells so many bytes of the stack; context in r6, r0…r5 are lost. */
export const written = (at: Offsets, from: number, bytes: number): readonly Line[] => [
  load('r1', 'r6', CONTEXT.meta),
  load('r1', 'r1', at('bpf_iter_meta', 'seq')),
  mov('r2', 'fp'),
  add('r2', from),
  mov('r3', bytes),
  call(HELPER.seqWrite),
];

const record = (at: Offsets): readonly Line[] => [...written(at, -RECORD, RECORD), place('end'), mov('r0', 0), exit];

/** UCOUNT_RLIMIT_SIGPENDING of linux/user_namespace.h: the third of the counts, each a long. */
const SIGPENDING = 2 * 8;
/** RLIMIT_MEMLOCK of asm-generic/resource.h, of each the limit as it is and as it may be raised to. */
const MEMLOCK = 8 * 16 + 8;
const PAGE_SHIFT = 12;

/** In r0 what is kept of a number of 32 bits, NO_BOUND for more. */
const bounded = (name: string): readonly Line[] => [
  mov('r1', 'r0'),
  alu('rsh', 'r1', 32),
  when('r1', 'eq', 0, name),
  alu32('mov', 'r0', -1),
  place(name),
];

/**
 * What the kernel holds a process to: of its locked pages, and of signals, which are counted for the maker of its user namespace in the namespace around it, with
 * all that is made below (kernel/ucount.c, inc_rlimit_get_ucounts). Nothing where the fields are not there (older kernels count elsewhere), or for a process in
 * the node's own namespace. Task in r7.
 */
function boundsOf(at: Offsets): readonly Line[] {
  const none = [TASK.queued, TASK.mayQueue, TASK.mayLock].map((field) => store('fp', -RECORD + field, 0, 4));
  const found = (): readonly Line[] => [
    ...peek(at, 'r9', 'r7', at('task_struct', 'real_cred')),
    ...peek(at, 'r9', 'r9', at('cred', 'user_ns')),
    ...peek(at, 'r0', 'r9', at('user_namespace', 'parent')),
    when('r0', 'eq', 0, 'from outside'),
    ...peek(at, 'r0', 'r9', at('user_namespace', 'ucounts')),
    ...peek(at, 'r0', 'r0', at('ucounts', 'rlimit') + SIGPENDING),
    store('fp', -RECORD + TASK.queued, 'r0', 4),
    ...peek(at, 'r0', 'r9', at('user_namespace', 'rlimit_max') + SIGPENDING),
    ...bounded('queueable'),
    store('fp', -RECORD + TASK.mayQueue, 'r0', 4),
    ...peek(at, 'r0', 'r7', at('task_struct', 'signal')),
    ...peek(at, 'r0', 'r0', at('signal_struct', 'rlim') + MEMLOCK),
    alu('rsh', 'r0', PAGE_SHIFT),
    add('r0', 1),
    ...bounded('lockable'),
    store('fp', -RECORD + TASK.mayLock, 'r0', 4),
    place('from outside'),
  ];
  try {
    return [...none, ...found()];
  } catch (error) {
    if (error instanceof Missing) return none;
    throw error;
  }
}

/** One record per process; threads share their process's memory, so they are heard only when its first one has ended. */
function taskLines(at: Offsets, readable: Readable, top: GroupPlace, before: readonly Line[]): readonly Line[] {
  const mm = at('task_struct', 'mm');
  return [
    ...containerOf(at, readable, top),
    ...before,
    load('r8', 'r7', mm),
    when('r8', 'eq', 0, 'end'),
    load('r1', 'r7', at('task_struct', 'tgid'), 4),
    load('r2', 'r7', at('task_struct', 'pid'), 4),
    when('r1', 'eq', 'r2', 'leader'),
    load('r1', 'r7', at('task_struct', 'group_leader')),
    when('r1', 'eq', 0, 'end'),
    load('r1', 'r1', mm),
    when('r1', 'ne', 0, 'end'),
    place('leader'),
    store('fp', -RECORD + TASK.mm, 'r8'),
    load('r1', 'r8', at('mm_struct', 'data_vm')),
    load('r2', 'r8', at('mm_struct', 'stack_vm')),
    add('r1', 'r2'),
    store('fp', -RECORD + TASK.promised, 'r1'),
    load('r1', 'r8', at('mm_struct', 'locked_vm')),
    store('fp', -RECORD + TASK.locked, 'r1', 4),
    ...boundsOf(at),
    ...record(at),
  ];
}

/** From the lock's place in a list to the file that it was taken through. The names are those of Linux 6.9, before and after. */
function fileOfLock(btf: Btf): number {
  for (const [struct, list, file] of [
    ['file_lock_core', 'flc_list', 'flc_file'],
    ['file_lock', 'fl_list', 'fl_file'],
  ] as const) {
    const [from, to] = [btf.offset(struct, list), btf.offset(struct, file)];
    if (from !== null && to !== null) return to - from;
  }
  throw new Missing();
}

const share: readonly Line[] = [map('r1', SHARES.slot), mov('r2', 'fp'), add('r2', KEY), call(HELPER.lookUp)];

/** Ends where the container of the record has used up its share of this pass; context in r6. */
const withinShare = (at: Offsets): readonly Line[] => [
  store('fp', CONTEXT_AT, 'r6'),
  load('r1', 'fp', -RECORD + FILE.group),
  store('fp', KEY, 'r1'),
  load('r1', 'r6', CONTEXT.meta),
  load('r1', 'r1', at('bpf_iter_meta', 'session_id')),
  store('fp', KEY + 8, 'r1'),
  ...share,
  when('r0', 'ne', 0, 'known'),
  store('fp', NONE + SHARE.descriptors, 0),
  store('fp', NONE + SHARE.locks, 0),
  map('r1', SHARES.slot),
  mov('r2', 'fp'),
  add('r2', KEY),
  mov('r3', 'fp'),
  add('r3', NONE),
  mov('r4', 0),
  call(HELPER.update),
  ...share,
  when('r0', 'eq', 0, 'end'),
  place('known'),
  load('r1', 'r0', SHARE.descriptors),
  add('r1', 1),
  store('r0', SHARE.descriptors, 'r1'),
  when('r1', 'gt', MOST_DESCRIPTORS + 1, 'end'),
  store('fp', SHARE_AT, 'r0'),
  store('fp', -RECORD + FILE.file, 0),
  store('fp', -RECORD + FILE.type, 0),
  store('fp', -RECORD + FILE.sent, 0),
  when('r1', 'gt', MOST_DESCRIPTORS, 'no file'),
];

const moreLocks: readonly Line[] = [
  load('r1', 'fp', -RECORD + FILE.locks, 2),
  alu('or', 'r1', MORE_LOCKS),
  store('fp', -RECORD + FILE.locks, 'r1', 2),
];

/** Adds to the record's locks; the file is in r8. The list may change meanwhile: then fewer or more are counted, never an end missed. */
const locksOf = (at: Offsets, readable: Readable, toFile: number, list: 'flc_flock' | 'flc_posix'): readonly Line[] => [
  mov('r6', 0),
  ...readable('r8', 'file'),
  load('r7', 'r0', at('file', 'f_inode')),
  when('r7', 'eq', 0, `none ${list}`),
  load('r7', 'r7', at('inode', 'i_flctx')),
  when('r7', 'eq', 0, `none ${list}`),
  add('r7', at('file_lock_context', list)),
  mov('r9', 'r7'),
  ...peek(at, 'r9', 'r9', 0),
  when('r9', 'eq', 'r7', `none ${list}`),
  load('r1', 'fp', SHARE_AT),
  load('r1', 'r1', SHARE.locks),
  when('r1', 'ge', MOST_LOCKS_OF_ALL, `more ${list}`),
  place(`next ${list}`),
  ...peek(at, 'r0', 'r9', toFile),
  when('r0', 'ne', 'r8', `other ${list}`),
  load('r1', 'fp', -RECORD + FILE.locks, 2),
  add('r1', 1),
  store('fp', -RECORD + FILE.locks, 'r1', 2),
  place(`other ${list}`),
  add('r6', 1),
  ...peek(at, 'r9', 'r9', 0),
  when('r9', 'eq', 'r7', `none ${list}`),
  when('r6', 'lt', MOST_LOCKS, `next ${list}`),
  place(`more ${list}`),
  ...moreLocks,
  place(`none ${list}`),
  load('r1', 'fp', SHARE_AT),
  load('r2', 'r1', SHARE.locks),
  add('r2', 'r6'),
  store('r1', SHARE.locks, 'r2'),
];

/** One record per descriptor. */
function fileLines(at: Offsets, readable: Readable, top: GroupPlace, btf: Btf): readonly Line[] {
  const toFile = fileOfLock(btf);
  const copy = (field: string, to: number, size: 2 | 4): readonly Line[] => [
    load('r1', 'r9', at('sock', field), size),
    store('fp', -RECORD + to, 'r1', size),
  ];
  return [
    ...containerOf(at, readable, top),
    load('r8', 'r6', CONTEXT.file),
    when('r8', 'eq', 0, 'end'),
    ...withinShare(at),
    store('fp', -RECORD + FILE.file, 'r8'),
    mov('r1', 'r8'),
    call(HELPER.sockFromFile),
    when('r0', 'eq', 0, 'no socket'),
    ...readable('r0', 'socket'),
    load('r9', 'r0', at('socket', 'sk')),
    when('r9', 'eq', 0, 'no socket'),
    ...copy('__sk_common.skc_family', FILE.family, 2),
    ...copy('sk_type', FILE.type, 2),
    ...copy('sk_protocol', FILE.protocol, 2),
    ...copy('sk_wmem_queued', FILE.queued, 4),
    ...copy('sk_wmem_alloc.refs.counter', FILE.sent, 4),
    ...copy('sk_backlog.rmem_alloc.counter', FILE.received, 4),
    jump('no file'),
    place('no socket'),
    ...locksOf(at, readable, toFile, 'flc_flock'),
    ...locksOf(at, readable, toFile, 'flc_posix'),
    place('no file'),
    load('r6', 'fp', CONTEXT_AT),
    ...record(at),
  ];
}

/** null where this kernel lacks one of the fields, or what the program belongs to (`id`). */
export function programFor(
  btf: Btf,
  id: number | null,
  lines: (at: Offsets, readable: Readable) => readonly Line[],
  maps: IteratorProgram['maps'] = [],
): IteratorProgram | null {
  const cast = btf.func(UNTRUSTED);
  const cell = btf.struct(CELL);
  const offset = (struct: string, field: string): number => {
    const found = btf.offset(struct, field);
    if (found === null) throw new Missing();
    return found;
  };
  const at = Object.assign(offset, { cell: cast === null || cell === null ? null : { cast, struct: cell } });
  const readable: Readable = (from, name) => {
    const struct = btf.struct(name);
    return cast === null || struct === null ? [mov('r0', from)] : untrusted(from, cast, struct);
  };
  try {
    return id === null ? null : { target: id, program: assemble(lines(at, readable)), maps };
  } catch (error) {
    if (error instanceof Missing) return null;
    throw error;
  }
}

/** `before`: what is done for each task of a container before; context in r6 and task in r7 stay. */
export const taskProgram = (btf: Btf, top: GroupPlace, before: (at: Offsets) => readonly Line[] = () => []): IteratorProgram | null =>
  programFor(btf, btf.func('bpf_iter_task'), (at, readable) => taskLines(at, readable, top, before(at)));

export const fileProgram = (btf: Btf, top: GroupPlace): IteratorProgram | null =>
  programFor(btf, btf.func('bpf_iter_task_file'), (at, readable) => fileLines(at, readable, top, btf), [SHARES]);

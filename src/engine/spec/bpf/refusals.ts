// Programs that run before functions of the kernel and answer in their place when a container is at its limit: open files, file locks, sockets,
// promised memory (promised.ts). One set for all containers of a prefix; who has no counters is let pass. Knows the order of calls in the kernel,
// nobody's config.
//
// What is charged is a file, a lock or a socket by its address, to the container of who makes it, and discharged when the kernel frees it, whoever
// has it then.
import { add, assemble, atomic, call, exit, jump, type Line, load, map, mov, place, store, when } from './assemble.ts';
import type { Btf } from './btf.ts';
import { forkBegins, forkOver, memoryAsked, unreservedAsked, unreservedWritable } from './promised.ts';
import { raise } from './raise.ts';
import {
  answers,
  type Body,
  CHARGED,
  COUNT_FIELDS,
  enter,
  findCounts,
  GROUP,
  HELD,
  HELPER,
  LIMIT,
  lookUp,
  MAXHELD,
  REFUSED,
  type RefusalMaps,
  type Refused,
  WORD,
} from './refusal-frame.ts';
import { UNTRUSTED } from './untrusted.ts';

const ERRNO = { ENFILE: 23, ENOLCK: 37, ENOBUFS: 105 } as const;
const UNLOCK = 2;
const STREAM = 1;
const INET = [2, 10] as const;

/** On the stack. */
const ADDRESS = -16;
const WHOM = -32;

/** Takes back what is charged for the address on the stack, if anything is; r7 and r8 are lost. */
const discharge = (maps: RefusalMaps, end: string): readonly Line[] => [
  ...lookUp(maps.charges, ADDRESS),
  when('r0', 'eq', 0, end),
  load('r1', 'r0', 0),
  store('fp', WHOM, 'r1'),
  load('r8', 'r0', WORD),
  map('r1', maps.charges),
  mov('r2', 'fp'),
  add('r2', ADDRESS),
  call(HELPER.remove),
  ...lookUp(maps.counts, WHOM),
  when('r0', 'eq', 0, end),
  mov('r1', -1),
  ...CHARGED.flatMap((row) => [
    when('r8', 'ne', HELD(row), `not ${row} ${end}`),
    atomic('add', 'r0', HELD(row), 'r1'),
    place(`not ${row} ${end}`),
  ]),
];

/** r9 = held of r7, one more. */
const charge = (row: Refused): readonly Line[] => [mov('r9', 1), atomic('fetchAdd', 'r7', HELD(row), 'r9'), add('r9', 1)];
const uncharge = (row: Refused): readonly Line[] => [mov('r1', -1), atomic('add', 'r7', HELD(row), 'r1')];

/** Notes who is charged for the address on the stack; where there is no room for it nobody is. */
const remember = (maps: RefusalMaps, row: Refused): readonly Line[] => [
  ...raise('r7', MAXHELD(row), 'r9'),
  load('r1', 'fp', GROUP),
  store('fp', WHOM, 'r1'),
  store('fp', WHOM + WORD, HELD(row)),
  map('r1', maps.charges),
  mov('r2', 'fp'),
  add('r2', ADDRESS),
  mov('r3', 'fp'),
  add('r3', WHOM),
  mov('r4', 0),
  call(HELPER.update),
  when('r0', 'eq', 0, 'pass'),
  ...uncharge(row),
];

/** What is made anew at an address that is charged for was freed unseen. */
const fresh = (maps: RefusalMaps): readonly Line[] => [...discharge(maps, 'fresh'), place('fresh')];

/** Refuses at the limit, and charges below it, for the address that r9 holds. */
function chargeOrRefuse(
  maps: RefusalMaps,
  row: Refused,
  errno: number,
  depth: number,
  args: number,
  address: readonly Line[],
): readonly Line[] {
  return [
    mov('r6', 'r1'),
    ...address,
    store('fp', ADDRESS, 'r9'),
    ...fresh(maps),
    mov('r1', 'r6'),
    ...enter(maps, depth, args),
    ...charge(row),
    load('r1', 'r8', LIMIT(row)),
    when('r9', 'gt', 'r1', 'refuse'),
    ...remember(maps, row),
    ...answers(row, errno, uncharge(row)),
  ];
}

const argument = (n: number): readonly Line[] => [load('r9', 'r6', n * WORD)];

/** When the kernel frees what its first argument points to. */
const freed = (maps: RefusalMaps): readonly Line[] => [
  load('r1', 'r1', 0),
  store('fp', ADDRESS, 'r1'),
  ...discharge(maps, 'end'),
  place('end'),
  mov('r0', 0),
  exit,
];

/** Counted where a lock comes onto a file's list, as its caller cannot be refused any more there. */
const lockTaken: Body = (maps, depth) => [
  load('r9', 'r1', 0),
  mov('r6', 'r1'),
  store('fp', ADDRESS, 'r9'),
  ...fresh(maps),
  ...findCounts(maps, depth),
  ...charge('numflock'),
  ...remember(maps, 'numflock'),
  place('pass'),
  mov('r0', 0),
  exit,
];

const lockAsked: Body = (maps, depth) => [
  load('r9', 'r1', WORD, 4),
  when('r9', 'ne', UNLOCK, 'taken'),
  mov('r0', 0),
  exit,
  place('taken'),
  ...enter(maps, depth, 2),
  load('r1', 'r7', HELD('numflock')),
  load('r2', 'r8', LIMIT('numflock')),
  when('r1', 'ge', 'r2', 'refuse'),
  ...answers('numflock', ERRNO.ENOLCK),
];

/**
 * All sockets that a program asked for, but streams of the internet, which have a counter of their own; the kernel's own are nobody's. Charged by
 * the inode: that goes when the last descriptor does, the rest of a socket a moment later.
 */
const socketMade: Body = (maps, depth, { at }) =>
  chargeOrRefuse(maps, 'numothersock', ERRNO.ENOBUFS, depth, 5, [
    load('r1', 'r6', 4 * WORD, 4),
    when('r1', 'ne', 0, 'not ours'),
    load('r9', 'r6', 0),
    add('r9', at('socket_alloc', 'vfs_inode')),
    load('r1', 'r6', 2 * WORD, 4),
    when('r1', 'ne', STREAM, 'ours'),
    load('r1', 'r6', WORD, 4),
    ...INET.map((family) => when('r1', 'eq', family, 'not ours')),
    jump('ours'),
    place('not ours'),
    load('r0', 'r6', 5 * WORD, 4),
    exit,
    place('ours'),
  ]);

export interface RefusalProgram {
  readonly name: string;
  /** Before the function, and in its place when it refuses; or only told of the call, or of its end. */
  readonly how: 'answer' | 'told' | 'after';
  readonly target: string;
  readonly body: Body;
}

const answer = (name: string, target: string, body: Body): RefusalProgram => ({ name, how: 'answer', target, body });
const told = (name: string, target: string, body: Body): RefusalProgram => ({ name, how: 'told', target, body });

/** Which programs hold a container to which row: all of them, or none. */
export const REFUSALS: Readonly<Record<Refused, readonly RefusalProgram[]>> = {
  numfile: [
    answer('file_alloc', 'security_file_alloc', (maps, depth) => chargeOrRefuse(maps, 'numfile', ERRNO.ENFILE, depth, 1, argument(0))),
    told('file_free', 'security_file_free', freed),
  ],
  numflock: [
    answer('lock_asked', 'security_file_lock', lockAsked),
    told('lock_taken', 'locks_copy_lock', lockTaken),
    told('lock_dropped', 'locks_unlink_lock_ctx', freed),
  ],
  numothersock: [
    answer('socket_made', 'security_socket_post_create', socketMade),
    // the other end's socket of a connection, before anybody has accepted it
    answer('socket_met', 'security_unix_stream_connect', (maps, depth) =>
      chargeOrRefuse(maps, 'numothersock', ERRNO.ENOBUFS, depth, 3, argument(2)),
    ),
    told('socket_closed', 'security_inode_free', freed),
    told('socket_free', 'security_sk_free', freed),
  ],
  privvmpages: [
    answer('memory_asked', 'security_vm_enough_memory_mm', memoryAsked),
    answer('unreserved', 'security_mmap_file', unreservedAsked),
    answer('writable', 'security_file_mprotect', unreservedWritable),
    told('fork_begins', 'copy_process', forkBegins),
    { name: 'fork_over', how: 'after', target: 'copy_process', body: forkOver },
  ],
};

/** Names that programs below ask of the kernel's types. */
export const REFUSAL_TYPES = [
  ...Object.values(REFUSALS).flatMap((programs) => programs.map(({ target }) => target)),
  ...['bpf_iter_task_new', 'bpf_iter_task_next', 'bpf_iter_task_destroy', UNTRUSTED],
  ...['socket_alloc', 'task_struct', 'css_set', 'cgroup', 'mm_struct', 'vm_area_struct'],
];

/** null where this kernel lacks a function or a field. depth: of the containers' groups in the v2 tree. */
export function refusalProgram(
  { target, body }: RefusalProgram,
  btf: Btf,
  maps: RefusalMaps,
  depth: number,
): { readonly of: number; readonly code: Uint8Array } | null {
  let lacks = false;
  const needed = (found: number | null): number => {
    lacks ||= found === null;
    return found ?? 0;
  };
  const of = needed(btf.func(target));
  const lines = body(maps, depth, {
    at: (struct, field) => needed(btf.offset(struct, field)),
    func: (name) => needed(btf.func(name)),
    struct: (name) => needed(btf.struct(name)),
  });
  return lacks ? null : { of, code: assemble(lines) };
}

export type RefusalCount = Readonly<Record<(typeof COUNT_FIELDS)[number], number>>;
export type RefusalCounts = Readonly<Record<Refused, RefusalCount>>;

/** "4711: {1,2,0,0,…,}" as the kernel prints the counts, or the limits: numbers by cgroup; lines of another length are left out. */
function numbersOf(text: string, length: number): ReadonlyMap<number, readonly number[]> {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  const numbers = lines.map((line) => line.match(/-?\d+/g)?.map(Number) ?? []);
  return new Map(numbers.filter((line) => line.length === length + 1).map(([group = 0, ...rest]) => [group, rest]));
}

export function parseRefusalCounts(text: string): ReadonlyMap<number, RefusalCounts> {
  const all = numbersOf(text, REFUSED.length * COUNT_FIELDS.length);
  const count = (numbers: readonly number[], row: Refused): RefusalCount => {
    const [held = 0, maxheld = 0, failcnt = 0] = numbers.slice(REFUSED.indexOf(row) * COUNT_FIELDS.length);
    return { held, maxheld, failcnt };
  };
  return new Map(
    [...all].map(([group, numbers]) => [group, Object.fromEntries(REFUSED.map((row) => [row, count(numbers, row)])) as RefusalCounts]),
  );
}

/** Infinity for none. */
export function parseRefusalLimits(text: string): ReadonlyMap<number, Readonly<Record<Refused, number>>> {
  const limit = (n: number | undefined): number => (n === undefined || n >= 2 ** 63 ? Number.POSITIVE_INFINITY : n);
  return new Map(
    [...numbersOf(text, REFUSED.length)].map(([group, numbers]) => [
      group,
      Object.fromEntries(REFUSED.map((row, n) => [row, limit(numbers[n])])) as Record<Refused, number>,
    ]),
  );
}

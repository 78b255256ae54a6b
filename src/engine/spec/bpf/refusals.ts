// Programs that run before functions of the kernel and answer in their place when a container is at its limit: open files, file locks, sockets,
// promised memory. One set for all containers of a prefix; who has no counters is let pass. Knows the order of calls in the kernel, nobody's config.
//
// What is charged is a file, a lock or a socket by its address, to the container of who makes it, and discharged when the kernel frees it, whoever
// has it then. Promised memory is not charged, since nobody tells when it is given back: each request goes onto an estimate that is never too
// low, and only where that is beyond the limit the processes of the container are added up.
import { add, assemble, atomic, call, callKernel, exit, jump, type Line, load, map, mov, place, store, when } from './assemble.ts';
import type { Btf } from './btf.ts';
import { raise } from './raise.ts';
import { mapTypes, type TypeField } from './types.ts';

/** Beancounters that are charged, in the order of their fields. */
export const CHARGED = ['numfile', 'numflock', 'numothersock'] as const;
export const REFUSED = [...CHARGED, 'privvmpages'] as const;
export type Refused = (typeof REFUSED)[number];
export const COUNT_FIELDS = ['held', 'maxheld', 'failcnt'] as const;

const WORD = 8;
const word = (name: string): TypeField => ({ name, size: WORD });
/** Keys are numbers of cgroups. held of privvmpages is the estimate, its maxheld nothing. */
export const REFUSAL_COUNTS = mapTypes(
  WORD,
  'counts',
  REFUSED.flatMap((row) => COUNT_FIELDS.map((field) => word(`${row}_${field}`))),
);
/** The most that is allowed; keys are numbers of cgroups. */
export const REFUSAL_LIMITS = mapTypes(WORD, 'limits', REFUSED.map(word));
/** Keys are addresses; who was charged for it, and where in the counts. */
export const CHARGE = { key: WORD, value: 2 * WORD } as const;

/** Slots of the maps, as operations of the launcher have them. */
export interface RefusalMaps {
  readonly counts: number;
  readonly limits: number;
  readonly charges: number;
}

const HELPER = { lookUp: 1, update: 2, remove: 3, probeReadKernel: 113, currentAncestor: 123 } as const;
const ERRNO = { ENOMEM: 12, ENFILE: 23, ENOLCK: 37, ENOBUFS: 105 } as const;
const UNLOCK = 2;
const STREAM = 1;
const INET = [2, 10] as const;

const HELD = (row: Refused): number => REFUSED.indexOf(row) * COUNT_FIELDS.length * WORD;
const MAXHELD = (row: Refused): number => HELD(row) + WORD;
const FAILCNT = (row: Refused): number => HELD(row) + 2 * WORD;
const LIMIT = (row: Refused): number => REFUSED.indexOf(row) * WORD;

/** On the stack. */
const GROUP = -8;
const ADDRESS = -16;
const WHOM = -32;
const SCRATCH = -40;
const SUM = -48;
const TASKS = -72;

const lookUp = (slot: number, key: number): readonly Line[] => [map('r1', slot), mov('r2', 'fp'), add('r2', key), call(HELPER.lookUp)];

/** Context in r6. r7 = counts of the caller's container, r8 = its limits; goes to `pass` for who has none, or when somebody else has refused it. */
const enter = (maps: RefusalMaps, depth: number, args: number): readonly Line[] => [
  mov('r6', 'r1'),
  load('r0', 'r6', args * WORD, 4),
  when('r0', 'ne', 0, 'end'),
  mov('r1', depth),
  call(HELPER.currentAncestor),
  store('fp', GROUP, 'r0'),
  ...lookUp(maps.counts, GROUP),
  when('r0', 'eq', 0, 'pass'),
  mov('r7', 'r0'),
  ...lookUp(maps.limits, GROUP),
  when('r0', 'eq', 0, 'pass'),
  mov('r8', 'r0'),
];

const answers = (row: Refused, errno: number, undo: readonly Line[] = []): readonly Line[] => [
  place('pass'),
  mov('r0', 0),
  place('end'),
  exit,
  place('refuse'),
  ...undo,
  mov('r1', 1),
  atomic('add', 'r7', FAILCNT(row), 'r1'),
  mov('r0', -errno),
  exit,
];

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

interface Kernel {
  at(struct: string, field: string): number;
  func(name: string): number;
}

type Body = (maps: RefusalMaps, depth: number, kernel: Kernel) => readonly Line[];

/** Counted where a lock comes onto a file's list, as its caller cannot be refused any more there. */
const lockTaken: Body = (maps, depth) => [
  load('r9', 'r1', 0),
  mov('r6', 'r1'),
  store('fp', ADDRESS, 'r9'),
  ...fresh(maps),
  mov('r1', depth),
  call(HELPER.currentAncestor),
  store('fp', GROUP, 'r0'),
  ...lookUp(maps.counts, GROUP),
  when('r0', 'eq', 0, 'pass'),
  mov('r7', 'r0'),
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

/** r0 = 8 bytes at address + off; r1…r5 are lost. */
const peek = (address: 'r0' | 'r9', off: number): readonly Line[] => [
  mov('r3', address),
  add('r3', off),
  mov('r1', 'fp'),
  add('r1', SCRATCH),
  mov('r2', 8),
  call(HELPER.probeReadKernel),
  load('r0', 'fp', SCRATCH),
];

/** Adds up what all processes of the container have been promised. A child that borrows its parent's memory until it executes has none. */
const addUp = (depth: number, { at, func }: Kernel): readonly Line[] => [
  store('fp', SUM, 0),
  mov('r1', 'fp'),
  add('r1', TASKS),
  mov('r2', 0),
  mov('r3', 0),
  callKernel(func('bpf_iter_task_new')),
  place('next'),
  mov('r1', 'fp'),
  add('r1', TASKS),
  callKernel(func('bpf_iter_task_next')),
  when('r0', 'eq', 0, 'added up'),
  mov('r6', 'r0'),
  load('r9', 'r6', at('task_struct', 'cgroups')),
  when('r9', 'eq', 0, 'next'),
  load('r9', 'r9', at('css_set', 'dfl_cgrp')),
  when('r9', 'eq', 0, 'next'),
  load('r0', 'r9', at('cgroup', 'level'), 4),
  when('r0', 'lt', depth, 'next'),
  ...peek('r9', at('cgroup', 'ancestors') + WORD * depth),
  ...peek('r0', at('cgroup', 'kn')),
  ...peek('r0', at('kernfs_node', 'id')),
  load('r1', 'fp', GROUP),
  when('r0', 'ne', 'r1', 'next'),
  load('r1', 'r6', at('task_struct', 'vfork_done')),
  when('r1', 'ne', 0, 'next'),
  load('r1', 'r6', at('task_struct', 'mm')),
  when('r1', 'eq', 0, 'next'),
  load('r2', 'r1', at('mm_struct', 'data_vm')),
  load('r3', 'r1', at('mm_struct', 'stack_vm')),
  add('r2', 'r3'),
  load('r0', 'fp', SUM),
  add('r0', 'r2'),
  store('fp', SUM, 'r0'),
  jump('next'),
  place('added up'),
  mov('r1', 'fp'),
  add('r1', TASKS),
  callKernel(func('bpf_iter_task_destroy')),
];

const PAGES = SUM - 40;

const memoryAsked: Body = (maps, depth, kernel) => [
  ...enter(maps, depth, 2),
  load('r9', 'r6', WORD),
  store('fp', PAGES, 'r9'),
  load('r1', 'r8', LIMIT('privvmpages')),
  atomic('fetchAdd', 'r7', HELD('privvmpages'), 'r9'),
  load('r2', 'fp', PAGES),
  add('r9', 'r2'),
  when('r9', 'le', 'r1', 'pass'),
  ...addUp(depth, kernel),
  load('r1', 'r8', LIMIT('privvmpages')),
  load('r2', 'fp', SUM),
  store('r7', HELD('privvmpages'), 'r2'),
  load('r3', 'fp', PAGES),
  add('r2', 'r3'),
  when('r2', 'gt', 'r1', 'refuse'),
  store('r7', HELD('privvmpages'), 'r2'),
  ...answers('privvmpages', ERRNO.ENOMEM),
];

export interface RefusalProgram {
  readonly name: string;
  /** Before the function, and in its place when it refuses; or only told of the call. */
  readonly how: 'answer' | 'told';
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
  privvmpages: [answer('memory_asked', 'security_vm_enough_memory_mm', memoryAsked)],
};

/** Names that programs below ask of the kernel's types. */
export const REFUSAL_TYPES = [
  ...Object.values(REFUSALS).flatMap((programs) => programs.map(({ target }) => target)),
  ...['bpf_iter_task_new', 'bpf_iter_task_next', 'bpf_iter_task_destroy'],
  ...['socket_alloc', 'task_struct', 'css_set', 'cgroup', 'kernfs_node', 'mm_struct'],
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
  const lines = body(maps, depth, { at: (struct, field) => needed(btf.offset(struct, field)), func: (name) => needed(btf.func(name)) });
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

// What the pass over all tasks tells beside them: for the first process of each container a record with the numbers that its control files tell, all of
// them from one pass in place of twenty files a container. Knows where the kernel keeps them; what they are for is told elsewhere
// (cgroup/quantities.ts). What a kernel does not keep where it is looked for is left to the files.
import { alu, alu32, type Line, load, place, store, when, wide } from './assemble.ts';
import type { Btf } from './btf.ts';
import { type GroupPlace, type IteratorProgram, Missing, type Offsets, peek, RECORD, TASK, taskProgram, written } from './iterators.ts';

/** Controllers, and the enumeration in which the kernel numbers them. */
const CONTROLLERS = {
  memory: { struct: 'mem_cgroup', number: 'memory_cgrp_id' },
  pids: { struct: 'pids_cgroup', number: 'pids_cgrp_id' },
} as const;
export type Counting = keyof typeof CONTROLLERS;

export const COUNTER_TYPES = [
  ...Object.values(CONTROLLERS).map(({ struct }) => struct),
  'cgroup_subsys_state',
  'cgroup_subsys_id',
  'memcg_memory_event',
  'pidcg_event',
] as const;

type Version = 1 | 2;

/**
 * Where a number is that a control file tells: a field of the controller's structure, or of the group in the v2 tree; `nth`: of an array of 64-bit
 * numbers the one with this name.
 */
interface Kept {
  readonly of: Counting | 'group';
  /** Of the tree whose file it is; none: of both. */
  readonly version?: Version;
  readonly field: string;
  readonly nth?: { readonly enumeration: string; readonly name: string };
  /** File, and key of its line where it has some. */
  readonly name: string;
  /** Of what is counted in units of the file; pages are of 4096 bytes, and who reads finds out where they are not. */
  readonly unit: number;
  /** More stands for no limit. */
  readonly most?: number;
}

const pages = (version: Version, field: string, name: string): Kept => ({
  of: 'memory',
  version,
  field,
  name: `memory.${name}`,
  unit: 4096,
});
const times = (version: Version, field: string, event: string, name: string): Kept => ({
  ...pages(version, field, name),
  nth: { enumeration: 'memcg_memory_event', name: event },
  unit: 1,
});
const tasks = (field: string, name: string): Kept => ({ of: 'pids', field, name: `pids.${name}`, unit: 1 });
/** Nanoseconds; see `divide`. */
const time = (field: string, name: string): Kept => ({ of: 'group', field, name: `cpu.stat ${name}`, unit: 1 });

/** One place of a record each. */
const KEPT: readonly Kept[] = [
  tasks('counter', 'current'),
  // PID_MAX_LIMIT of linux/threads.h
  { ...tasks('limit', 'max'), most: 4 * 1024 * 1024 },
  tasks('watermark', 'peak'),
  { ...tasks('events_local', 'events max'), version: 1, nth: { enumeration: 'pidcg_event', name: 'PIDCG_FORKFAIL' } },
  { ...tasks('events_local', 'events.local max'), version: 2, nth: { enumeration: 'pidcg_event', name: 'PIDCG_MAX' } },
  pages(1, 'memory.usage', 'usage_in_bytes'),
  pages(1, 'memory.max', 'limit_in_bytes'),
  pages(1, 'memory.watermark', 'max_usage_in_bytes'),
  { ...pages(1, 'memory.failcnt', 'failcnt'), unit: 1 },
  times(1, 'memory_events', 'MEMCG_OOM_KILL', 'oom_control oom_kill'),
  pages(1, 'memsw.usage', 'memsw.usage_in_bytes'),
  pages(1, 'memsw.max', 'memsw.limit_in_bytes'),
  pages(1, 'memsw.watermark', 'memsw.max_usage_in_bytes'),
  pages(1, 'kmem.usage', 'kmem.usage_in_bytes'),
  pages(1, 'kmem.watermark', 'kmem.max_usage_in_bytes'),
  pages(1, 'tcpmem.usage', 'kmem.tcp.usage_in_bytes'),
  pages(1, 'tcpmem.watermark', 'kmem.tcp.max_usage_in_bytes'),
  pages(2, 'memory.usage', 'current'),
  pages(2, 'memory.max', 'max'),
  pages(2, 'memory.watermark', 'peak'),
  times(2, 'memory_events_local', 'MEMCG_OOM', 'events.local oom'),
  times(2, 'memory_events', 'MEMCG_OOM_KILL', 'events oom_kill'),
  pages(2, 'swap.usage', 'swap.current'),
  pages(2, 'swap.max', 'swap.max'),
  pages(2, 'swap.watermark', 'swap.peak'),
  times(2, 'memory_events', 'MEMCG_SWAP_MAX', 'swap.events max'),
  time('bstat.cputime.sum_exec_runtime', 'usage_usec'),
  time('bstat.ntime', 'nice_usec'),
  // as clock ticks have found them, and as the file told them last
  time('bstat.cputime.utime', 'user_usec'),
  time('bstat.cputime.stime', 'system_usec'),
  time('prev_cputime.utime', 'user_usec before'),
  time('prev_cputime.stime', 'system_usec before'),
];

const placeOf = (name: string): number => KEPT.findIndex((kept) => kept.name === name) + 1;
const CPU = {
  usage: placeOf('cpu.stat usage_usec'),
  nice: placeOf('cpu.stat nice_usec'),
  user: placeOf('cpu.stat user_usec'),
  system: placeOf('cpu.stat system_usec'),
  userBefore: placeOf('cpu.stat user_usec before'),
  systemBefore: placeOf('cpu.stat system_usec before'),
} as const;
const TOLD_TIMES = [CPU.usage, CPU.nice, CPU.user, CPU.system] as const;
const NS_PER_US = 1000;

/**
 * CPU time in microseconds, and user and system time as parts of it in the place of what clock ticks have found of them: neither less than it was told
 * before (cputime_adjust of kernel/sched/cputime.c, for kernels that count by ticks; of others whoever reads finds that it is not so).
 */
function divide(numbers: Float64Array): void {
  const [usage, user, system] = [numbers[CPU.usage] as number, numbers[CPU.user] as number, numbers[CPU.system] as number];
  const [userBefore, systemBefore] = [numbers[CPU.userBefore] as number, numbers[CPU.systemBefore] as number];
  const part = system === 0 ? 0 : user === 0 ? usage : Math.min(usage, (system * usage) / (user + system));
  const least = Math.max(systemBefore, Math.floor(part));
  const rest = Math.max(userBefore, usage - least);
  const settled = userBefore + systemBefore >= usage;
  numbers[CPU.user] = settled ? userBefore : rest;
  numbers[CPU.system] = settled ? systemBefore : usage - rest;
  for (let n = 0; n < TOLD_TIMES.length; n++) {
    const place = TOLD_TIMES[n] as number;
    numbers[place] = Math.floor((numbers[place] as number) / NS_PER_US);
  }
}

/** u64 group, with the highest bit set | u64 which of the numbers are told, a bit each | u64 1 while its processes are to stand still | the numbers. */
const HEAD = { group: 0, told: 8, frozen: 16 } as const;
const NUMBERS = 24;
export const COUNTER_RECORD = NUMBERS + 8 * KEPT.length;
const MARK = 1n << 63n;
/** Below what a task's record has on the stack. */
const AT = -RECORD - 16 - COUNTER_RECORD;
/** Where the program goes on for a task that has no such record. */
const ELSEWHERE = 'no counters';
const FREEZE = 'cgroup.freeze';

/** SIGNAL_UNKILLABLE of linux/sched/signal.h: the first process of a process namespace. */
const FIRST = 0x40;
/** enum cgroup_subsys_id, an array of pointers. */
const POINTER = 8;

/** Where the groups of containers are in the tree of a controller. */
export type CounterPlaces = Readonly<Partial<Record<Counting, GroupPlace & { readonly version: Version }>>>;

/** Offset from the controller's part that all of them have, or from the group's beginning; null where this kernel has no such field. */
function offsetOf(btf: Btf, { of, field, nth }: Kept): number | null {
  if (of === 'group') return btf.offset('cgroup', field);
  const { struct } = CONTROLLERS[of];
  const place = nth === undefined ? 0 : btf.constant(nth.enumeration, nth.name);
  const [base, own] = [btf.offset(struct, 'css'), btf.offset(struct, field)];
  return base === null || own === null || place === null ? null : own - base + 8 * place;
}

/** css_set in r8, and lost is nothing else that is kept: r9 = the controller's part for the container's own group, if it lies below `top`. */
const partOf = (at: Offsets, number: number, top: GroupPlace): readonly Line[] => [
  ...peek(at, 'r0', 'r8', at('css_set', 'subsys') + POINTER * number),
  when('r0', 'eq', 0, ELSEWHERE),
  ...peek(at, 'r9', 'r0', at('cgroup_subsys_state', 'cgroup')),
  ...peek(at, 'r0', 'r9', at('cgroup', 'level')),
  alu32('mov', 'r0', 'r0'),
  when('r0', 'le', top.depth, ELSEWHERE),
  ...peek(at, 'r0', 'r9', at('cgroup', 'ancestors') + POINTER * top.depth),
  ...peek(at, 'r0', 'r0', at('cgroup', 'kn')),
  ...peek(at, 'r0', 'r0', at('kernfs_node', 'id')),
  wide('r1', top.id),
  when('r0', 'ne', 'r1', ELSEWHERE),
  ...peek(at, 'r0', 'r9', at('cgroup', 'ancestors') + POINTER * (top.depth + 1)),
  ...peek(at, 'r9', 'r0', at('cgroup', 'subsys') + POINTER * number),
  when('r9', 'eq', 0, ELSEWHERE),
];

/** Context in r6, task in r7, its group in r8. */
function counterLines(btf: Btf, at: Offsets, top: GroupPlace, places: CounterPlaces): readonly Line[] {
  const told = KEPT.map((kept) => {
    const version = kept.of === 'group' ? 2 : places[kept.of]?.version;
    return version === undefined || (kept.version ?? version) !== version ? null : offsetOf(btf, kept);
  });
  const bits = told.reduce((sum: bigint, offset, n) => (offset === null ? sum : sum | (1n << BigInt(n))), 0n);
  /** What they are kept in is in r9. */
  const numbersOf = (of: Kept['of']): readonly Line[] =>
    KEPT.flatMap((kept, n): readonly Line[] => {
      const offset = told[n] ?? null;
      return kept.of !== of || offset === null ? [] : [...peek(at, 'r0', 'r9', offset), store('fp', AT + NUMBERS + 8 * n, 'r0')];
    });
  const controlled = (of: Counting, group: GroupPlace): readonly Line[] => {
    const number = btf.constant('cgroup_subsys_id', CONTROLLERS[of].number);
    if (number === null) throw new Missing();
    return [...partOf(at, number, group), ...numbersOf(of)];
  };
  return [
    load('r1', 'r7', at('task_struct', 'tgid'), 4),
    load('r2', 'r7', at('task_struct', 'pid'), 4),
    when('r1', 'ne', 'r2', ELSEWHERE),
    load('r1', 'r7', at('task_struct', 'signal')),
    when('r1', 'eq', 0, ELSEWHERE),
    load('r1', 'r1', at('signal_struct', 'flags'), 4),
    alu('and', 'r1', FIRST),
    when('r1', 'eq', 0, ELSEWHERE),
    // its parent is the keeper or the node's init; that of a namespace made inside lives inside, and there may be thousands of them
    load('r9', 'r7', at('task_struct', 'real_parent')),
    when('r9', 'eq', 0, ELSEWHERE),
    load('r9', 'r9', at('task_struct', 'cgroups')),
    when('r9', 'eq', 0, ELSEWHERE),
    load('r9', 'r9', at('css_set', 'dfl_cgrp')),
    when('r9', 'eq', 0, ELSEWHERE),
    ...peek(at, 'r9', 'r9', at('cgroup', 'ancestors') + POINTER * (top.depth + 1)),
    ...peek(at, 'r0', 'r8', at('cgroup', 'ancestors') + POINTER * (top.depth + 1)),
    when('r0', 'eq', 'r9', ELSEWHERE),
    ...Array.from({ length: COUNTER_RECORD / 8 }, (_, n) => store('fp', AT + 8 * n, 0)),
    load('r1', 'fp', -RECORD + TASK.group),
    wide('r2', MARK),
    alu('or', 'r1', 'r2'),
    store('fp', AT + HEAD.group, 'r1'),
    wide('r1', bits),
    store('fp', AT + HEAD.told, 'r1'),
    ...peek(at, 'r9', 'r8', at('cgroup', 'ancestors') + POINTER * (top.depth + 1)),
    ...peek(at, 'r0', 'r9', at('cgroup', 'freezer.freeze')),
    alu('and', 'r0', 0xff),
    store('fp', AT + HEAD.frozen, 'r0'),
    ...numbersOf('group'),
    load('r8', 'r7', at('task_struct', 'cgroups')),
    when('r8', 'eq', 0, ELSEWHERE),
    ...Object.entries(places).flatMap(([of, group]) => controlled(of as Counting, group)),
    ...written(at, AT, COUNTER_RECORD),
    place(ELSEWHERE),
  ];
}

/** Before the own record of a container's init that of the container. null where this kernel lacks one of the fields that all of it needs. */
export const countingTaskProgram = (btf: Btf, top: GroupPlace, places: CounterPlaces): IteratorProgram | null =>
  taskProgram(btf, top, (at) => counterLines(btf, at, top, places));

/** A pass as numbers of 32 bits. */
export function wordsOf(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, Math.floor(bytes.length / 4));
}

/** Whether the record at that place of a pass is one of a container's counters, and not of a task. */
export const isCounters = (words: Uint32Array, at: number): boolean => (words[at / 4 + 1] as number) >= 2 ** 31;

/** Names of control files, with the key of a line where they have some, by the places of `CounterRecord.numbers`. */
export const COUNTER_NAMES: readonly string[] = [FREEZE, ...KEPT.map(({ name }) => name)];

export interface CounterRecord {
  readonly group: number;
  /** In the unit of the files; NaN for what this kernel does not tell so. */
  readonly numbers: Float64Array;
}

const HALF = 2 ** 32;

/** Those of a pass; `step`: bytes of the other records in it. */
export function counterRecords(bytes: Uint8Array, step = RECORD): readonly CounterRecord[] {
  const words = wordsOf(bytes);
  const wide = (at: number): number => ((words[at / 4 + 1] as number) & 0x7fff_ffff) * HALF + (words[at / 4] as number);
  const found: CounterRecord[] = [];
  for (let at = 0; at + step <= bytes.length; ) {
    if (!isCounters(words, at)) {
      at += step;
      continue;
    }
    if (at + COUNTER_RECORD > bytes.length) break;
    const numbers = new Float64Array(1 + KEPT.length);
    const told = (at + HEAD.told) / 4;
    numbers[0] = wide(at + HEAD.frozen);
    for (let n = 0; n < KEPT.length; n++) {
      const { unit, most = Number.POSITIVE_INFINITY } = KEPT[n] as Kept;
      const number = wide(at + NUMBERS + 8 * n);
      const is = ((words[told + (n >>> 5)] as number) >>> (n & 31)) & 1;
      numbers[n + 1] = is ? (number > most ? Number.POSITIVE_INFINITY : number * unit) : Number.NaN;
    }
    divide(numbers);
    found.push({ group: wide(at + HEAD.group), numbers });
    at += COUNTER_RECORD;
  }
  return found;
}

// Programs that take note where the kernel itself refuses a container something and counts that nowhere: one number for each container and row, from the
// first refusal on. They refuse nothing and change nothing; who is refused nothing costs them two instructions.
import { add, alu, alu32, atomic, call, exit, type Line, load, map, mov, place, store, when } from './assemble.ts';
import type { Btf } from './btf.ts';
import { type GroupPlace, groupOfTask, type IteratorProgram, type Offsets, programFor, type Readable } from './iterators.ts';
import { mapTypes, type TypeField } from './types.ts';

/** Beancounters of which they tell, in the order of the map's fields. */
export const DENIED = ['numsiginfo', 'numpty'] as const;
export type Denied = (typeof DENIED)[number];

const WORD = 8;
const word = (name: string): TypeField => ({ name, size: WORD });
/** Keys are numbers of cgroups. */
export const DENIAL_MAP = mapTypes(WORD, 'denials', DENIED.map(word));

/** BPF_TRACE_RAW_TP, BPF_TRACE_FEXIT of linux/bpf.h. */
const ATTACH = { tracepoint: 23, after: 25 } as const;
/** EAGAIN of asm-generic/errno-base.h. */
const EAGAIN = 11;
const HELPER = { lookUp: 1, update: 2, currentTask: 158 } as const;
/** BPF_NOEXIST. */
const FRESH = 1;

/** Of trace/events/signal.h: no room to queue it, so that it was not sent (TRACE_SIGNAL_OVERFLOW_FAIL), or was without what it says (…_LOSE_INFO, the last). */
const OVERFLOW = 3;
/** Of 32 bits. */
const SIGN = 31;

interface Denial {
  readonly row: Denied;
  readonly attach: number;
  /** Function of the kernel, or the type of a tracepoint (btf_trace_NAME). */
  readonly target: string;
  /** Context in r1: leaves the task in r7 that was refused something, or goes to `end`. */
  readonly task: readonly Line[];
}

/** By what an account calls the place. */
export const DENIALS = {
  // void signal_generate(int sig, struct kernel_siginfo *info, struct task_struct *task, int group, int result)
  signal_generate: {
    row: 'numsiginfo',
    attach: ATTACH.tracepoint,
    target: 'btf_trace_signal_generate',
    task: [load('r2', 'r1', 4 * WORD, 4), when('r2', 'lt', OVERFLOW, 'end'), load('r7', 'r1', 2 * WORD)],
  },
  // int do_timer_create(clockid_t which_clock, struct sigevent *event, timer_t *created_timer_id), and what it has answered: a timer has its signal from
  // the beginning, and no tracepoint tells of one that found no room
  timer_create: {
    row: 'numsiginfo',
    attach: ATTACH.after,
    target: 'do_timer_create',
    task: [
      load('r2', 'r1', 3 * WORD, 4),
      alu32('add', 'r2', EAGAIN),
      when('r2', 'ne', 0, 'end'),
      call(HELPER.currentTask),
      mov('r7', 'r0'),
    ],
  },
  // int devpts_new_index(struct pts_fs_info *fsi), and what it has answered
  devpts_new_index: {
    row: 'numpty',
    attach: ATTACH.after,
    target: 'devpts_new_index',
    task: [load('r2', 'r1', WORD, 4), alu('rsh', 'r2', SIGN), when('r2', 'eq', 0, 'end'), call(HELPER.currentTask), mov('r7', 'r0')],
  },
} as const satisfies Readonly<Record<string, Denial>>;

export type DenialProgram = keyof typeof DENIALS;
export const DENIAL_PROGRAMS = Object.keys(DENIALS) as readonly DenialProgram[];

/** Names that programs below ask of the kernel's types, beside those of iterators. */
export const DENIAL_TYPES = Object.values(DENIALS).map(({ target }) => target);

/** On the stack, below what `groupOfTask` uses. */
const GROUP = -64;
const NONE = GROUP - DENIAL_MAP.size;

const lookUp = (counts: number): readonly Line[] => [map('r1', counts), mov('r2', 'fp'), add('r2', GROUP), call(HELPER.lookUp)];

/** null where this kernel lacks what it looks at. `counts`: slot of the map. */
export function denialProgram(name: DenialProgram, btf: Btf, top: GroupPlace, counts: number): IteratorProgram | null {
  const { row, target, task } = DENIALS[name];
  const lines = (at: Offsets, readable: Readable): readonly Line[] => [
    ...task,
    ...groupOfTask(at, readable, top, GROUP),
    ...lookUp(counts),
    when('r0', 'ne', 0, 'known'),
    ...DENIED.map((_, n) => store('fp', NONE + n * WORD, 0)),
    map('r1', counts),
    mov('r2', 'fp'),
    add('r2', GROUP),
    mov('r3', 'fp'),
    add('r3', NONE),
    mov('r4', FRESH),
    call(HELPER.update),
    ...lookUp(counts),
    when('r0', 'eq', 0, 'end'),
    place('known'),
    mov('r1', 1),
    atomic('add', 'r0', DENIED.indexOf(row) * WORD, 'r1'),
    place('end'),
    mov('r0', 0),
    exit,
  ];
  return programFor(btf, btf.typedef(target) ?? btf.func(target), lines);
}

export type DenialCounts = Readonly<Record<Denied, number>>;

/** "4711: {1,0,}" as the kernel prints them: by cgroup; lines of another length are left out. */
export function parseDenials(text: string): ReadonlyMap<number, DenialCounts> {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  const numbers = lines.map((line) => line.match(/\d+/g)?.map(Number) ?? []);
  return new Map(
    numbers
      .filter((line) => line.length === DENIED.length + 1)
      .map(([group = 0, ...counts]) => [group, Object.fromEntries(DENIED.map((row, n) => [row, counts[n] ?? 0])) as DenialCounts]),
  );
}

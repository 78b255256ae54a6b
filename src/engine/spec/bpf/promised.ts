// Programs that refuse promised memory. It is not charged, since nobody tells when it is given back: each request goes onto an estimate that is
// never too low, and only where that is beyond the limit the processes of the container are added up.
//
// Between the answer and the moment when the memory of a process shows what it was promised, a request is in flight: written down with the task
// that asks, before its own estimate is made, so that of two at once at least one sees the other. It has come down when the memory's lock, which
// the asking task holds, was given back since; that of a fork when the child can be seen by all. One at a time puts the estimate right, by what
// it has found it to be off: what others ask meanwhile stays on it.
import { add, alu, atomic, call, callKernel, exit, jump, type Line, load, map, mov, place, store, when } from './assemble.ts';
import {
  answers,
  type Body,
  enter,
  findCounts,
  HELD,
  HELPER,
  type Kernel,
  LIMIT,
  MAXHELD,
  type RefusalMaps,
  WORD,
} from './refusal-frame.ts';
import { copied, UNTRUSTED, untrusted } from './untrusted.ts';

const ENOMEM = 12;
/** BPF_TASK_ITER_ALL_THREADS of kernel/bpf/task_iter.c, BPF_LOCAL_STORAGE_GET_F_CREATE of linux/bpf.h. */
const ALL_THREADS = 1;
const CREATE = 1;

const PROT_WRITE = 2;
/** asm-generic/mman-common.h, asm-generic/mman.h. */
const MAP_TYPE = 0x0f;
const MAP_PRIVATE = 2;
const MAP_NORESERVE = 0x4000;
/** linux/mm.h. */
const VM_WRITE = 0x2;
const VM_SHARED = 0x8;
const VM_NORESERVE = 0x20_0000;
/** Of the smallest pages: where they are larger, areas are thought larger. */
const PAGE_SHIFT = 12;
/** 2 to this many pages are beyond any limit. */
const UNKNOWN = 40;

const [MM, TURN, PAGES, FORKS] = [0, WORD, 2 * WORD, 3 * WORD] as const;

/** On the stack. */
const SCRATCH = -16;
const SUM = -24;
const TASKS = -48;
const ASKED = -56;
const OWN = -64;
const TAKEN = -72;
const BEGUN = -80;
const ANCESTOR = -88;
const PROCESS = -96;
const PROMISED = -104;
const MEMORY = -112;

/** r0 = what the task asks for, null where it has none. */
const flightOf = (maps: RefusalMaps, task: 'r0' | 'r6', flags: 0 | typeof CREATE): readonly Line[] => [
  mov('r2', task),
  map('r1', maps.flights),
  mov('r3', 0),
  mov('r4', flags),
  call(HELPER.taskStorage),
];

/** r0 = the task, to follow what it points to. */
const readable = (task: 'r0' | 'r6', { func, struct }: Kernel): readonly Line[] => untrusted(task, func(UNTRUSTED), struct('task_struct'));

/** r0 = the group of the task's container, as the kernel has it in memory; goes elsewhere for one that is in none. */
const containerOf = (task: 'r0' | 'r6', depth: number, kernel: Kernel, elsewhere: string): readonly Line[] => [
  ...readable(task, kernel),
  load('r9', 'r0', kernel.at('task_struct', 'cgroups')),
  when('r9', 'eq', 0, elsewhere),
  load('r9', 'r9', kernel.at('css_set', 'dfl_cgrp')),
  when('r9', 'eq', 0, elsewhere),
  load('r0', 'r9', kernel.at('cgroup', 'level'), 4),
  when('r0', 'lt', depth, elsewhere),
  ...copied('r0', 'r9', kernel.at('cgroup', 'ancestors') + WORD * depth, SCRATCH),
];

/**
 * Adds up what all processes of the container have been promised, and what is in flight. All threads are looked at: each has its own request, and
 * the first may have ended before the others. Of a process the last look at its memory counts, since what came down before that is in it. Who
 * shares the memory of his parent has none of his own.
 */
const addUp = (maps: RefusalMaps, depth: number, kernel: Kernel): readonly Line[] => [
  store('fp', SUM, 0),
  store('fp', PROCESS, 0),
  store('fp', PROMISED, 0),
  mov('r1', 'fp'),
  add('r1', TASKS),
  mov('r2', 0),
  mov('r3', ALL_THREADS),
  callKernel(kernel.func('bpf_iter_task_new')),
  place('next'),
  mov('r1', 'fp'),
  add('r1', TASKS),
  callKernel(kernel.func('bpf_iter_task_next')),
  when('r0', 'eq', 0, 'added up'),
  mov('r6', 'r0'),
  ...containerOf('r6', depth, kernel, 'next'),
  load('r1', 'fp', ANCESTOR),
  when('r0', 'ne', 'r1', 'next'),
  ...readable('r6', kernel),
  load('r9', 'r0', kernel.at('task_struct', 'mm')),
  when('r9', 'eq', 0, 'next'),
  ...flightOf(maps, 'r6', 0),
  when('r0', 'eq', 0, 'down'),
  load('r1', 'r0', FORKS),
  when('r1', 'ne', 0, 'in flight'),
  // of memory that is not its own yet, as a program that begins has it
  load('r1', 'r0', MM),
  when('r1', 'ne', 'r9', 'in flight'),
  load('r1', 'r0', TURN),
  load('r2', 'r9', kernel.at('mm_struct', 'mm_lock_seq'), 4),
  when('r1', 'ne', 'r2', 'down'),
  place('in flight'),
  load('r1', 'r0', PAGES),
  load('r2', 'fp', SUM),
  add('r2', 'r1'),
  store('fp', SUM, 'r2'),
  place('down'),
  ...readable('r6', kernel),
  load('r1', 'r0', kernel.at('task_struct', 'real_parent')),
  when('r1', 'eq', 0, 'own'),
  load('r1', 'r1', kernel.at('task_struct', 'mm')),
  when('r1', 'eq', 'r9', 'next'),
  place('own'),
  load('r2', 'r9', kernel.at('mm_struct', 'data_vm')),
  load('r3', 'r9', kernel.at('mm_struct', 'stack_vm')),
  add('r2', 'r3'),
  load('r3', 'fp', SUM),
  load('r1', 'r6', kernel.at('task_struct', 'tgid'), 4),
  load('r4', 'fp', PROCESS),
  when('r1', 'ne', 'r4', 'another'),
  load('r4', 'fp', PROMISED),
  alu('sub', 'r3', 'r4'),
  place('another'),
  store('fp', PROCESS, 'r1'),
  store('fp', PROMISED, 'r2'),
  add('r3', 'r2'),
  store('fp', SUM, 'r3'),
  jump('next'),
  place('added up'),
  mov('r1', 'fp'),
  add('r1', TASKS),
  callKernel(kernel.func('bpf_iter_task_destroy')),
];

/** Writes down what is asked, r2, for the memory in r9; r0 = the request of the task, whose place on the stack it has too. */
const takeOff = ({ at }: Kernel): readonly Line[] => [
  store('fp', OWN, 'r0'),
  load('r1', 'r9', at('mm_struct', 'mm_lock_seq'), 4),
  load('r3', 'r0', FORKS),
  when('r3', 'ne', 0, 'more'),
  load('r3', 'r0', MM),
  when('r3', 'ne', 'r9', 'anew'),
  load('r3', 'r0', TURN),
  when('r3', 'eq', 'r1', 'more'),
  place('anew'),
  store('r0', MM, 'r9'),
  store('r0', TURN, 'r1'),
  store('r0', PAGES, 0),
  place('more'),
  load('r3', 'r0', PAGES),
  add('r3', 'r2'),
  store('r0', PAGES, 'r3'),
];

/** What has been added up onto the estimate, less what is refused: r2. Nobody else does it meanwhile, and what others put onto it stays. */
const settle: readonly Line[] = [
  load('r1', 'fp', TAKEN),
  when('r1', 'ne', 0, 'settled'),
  load('r1', 'fp', BEGUN),
  alu('sub', 'r2', 'r1'),
  atomic('fetchAdd', 'r7', HELD('privvmpages'), 'r2'),
  mov('r1', 0),
  atomic('exchange', 'r7', MAXHELD('privvmpages'), 'r1'),
  place('settled'),
];

/** Whether all that was promised, and what is asked with it, fits; goes to `refuse` otherwise. */
const judge = (maps: RefusalMaps, depth: number, kernel: Kernel): readonly Line[] => [
  mov('r0', 0),
  mov('r1', 1),
  atomic('compareExchange', 'r7', MAXHELD('privvmpages'), 'r1'),
  store('fp', TAKEN, 'r0'),
  mov('r1', 0),
  atomic('fetchAdd', 'r7', HELD('privvmpages'), 'r1'),
  store('fp', BEGUN, 'r1'),
  ...addUp(maps, depth, kernel),
  load('r9', 'fp', SUM),
  load('r6', 'r8', LIMIT('privvmpages')),
  mov('r2', 'r9'),
  when('r9', 'le', 'r6', 'fits'),
  load('r1', 'fp', ASKED),
  alu('sub', 'r2', 'r1'),
  place('fits'),
  ...settle,
  when('r9', 'gt', 'r6', 'refuse'),
];

/** Operations that give back what was there are full barriers: what is written down is seen before what is looked at. */
export const memoryAsked: Body = (maps, depth, kernel) => [
  ...enter(maps, depth, 2),
  load('r9', 'r6', 0),
  store('fp', MEMORY, 'r9'),
  load('r2', 'r6', WORD),
  store('fp', ASKED, 'r2'),
  call(HELPER.currentTask),
  // shared memory, which is asked for without the lock, is promised to nobody's own
  load('r1', 'r9', kernel.at('mm_struct', 'mmap_lock.owner.counter')),
  when('r1', 'ne', 'r0', 'pass'),
  mov('r6', 'r0'),
  ...containerOf('r6', depth, kernel, 'pass'),
  store('fp', ANCESTOR, 'r0'),
  ...flightOf(maps, 'r6', CREATE),
  // no memory for the request itself
  when('r0', 'eq', 0, 'refused'),
  load('r9', 'fp', MEMORY),
  load('r2', 'fp', ASKED),
  ...takeOff(kernel),
  mov('r9', 'r2'),
  atomic('fetchAdd', 'r7', HELD('privvmpages'), 'r9'),
  load('r2', 'fp', ASKED),
  add('r9', 'r2'),
  load('r1', 'r8', LIMIT('privvmpages')),
  when('r9', 'le', 'r1', 'pass'),
  ...judge(maps, depth, kernel),
  ...answers('privvmpages', ENOMEM, [
    load('r2', 'fp', OWN),
    load('r1', 'r2', PAGES),
    load('r3', 'fp', ASKED),
    alu('sub', 'r1', 'r3'),
    store('r2', PAGES, 'r1'),
  ]),
];

/** r6 = the caller, whose container's group is on the stack. */
const whose = (depth: number, kernel: Kernel): readonly Line[] => [
  call(HELPER.currentTask),
  mov('r6', 'r0'),
  ...containerOf('r6', depth, kernel, 'pass'),
  store('fp', ANCESTOR, 'r0'),
];

/** What the one before has answered, where it is not for us to say. */
const notOurs = (args: number): readonly Line[] => [
  place('not ours'),
  load('r0', 'r6', args * WORD, 4),
  exit,
  place('ours'),
  mov('r1', 'r6'),
];

/**
 * Memory that is not to be reserved is promised without a question, and how much is not told here: who is beyond the limit gets none, and who gets
 * some makes the next request look.
 */
export const unreservedAsked: Body = (maps, depth, kernel) => [
  mov('r6', 'r1'),
  load('r2', 'r6', WORD),
  when('r2', 'set', PROT_WRITE, 'writable'),
  jump('not ours'),
  place('writable'),
  load('r2', 'r6', 2 * WORD),
  alu('and', 'r2', MAP_NORESERVE | MAP_TYPE),
  when('r2', 'eq', MAP_NORESERVE | MAP_PRIVATE, 'ours'),
  ...notOurs(3),
  ...enter(maps, depth, 3),
  ...whose(depth, kernel),
  store('fp', ASKED, 0),
  ...judge(maps, depth, kernel),
  mov('r1', 1),
  alu('lsh', 'r1', UNKNOWN),
  atomic('fetchAdd', 'r7', HELD('privvmpages'), 'r1'),
  ...answers('privvmpages', ENOMEM),
];

/** Such memory that becomes writable: at most the whole of the area. */
export const unreservedWritable: Body = (maps, depth, kernel) => [
  mov('r6', 'r1'),
  load('r2', 'r6', 2 * WORD),
  when('r2', 'set', PROT_WRITE, 'writable'),
  jump('not ours'),
  place('writable'),
  load('r3', 'r6', 0),
  load('r2', 'r3', kernel.at('vm_area_struct', 'vm_flags')),
  alu('and', 'r2', VM_NORESERVE | VM_WRITE | VM_SHARED),
  when('r2', 'eq', VM_NORESERVE, 'ours'),
  ...notOurs(3),
  ...enter(maps, depth, 3),
  load('r3', 'r6', 0),
  load('r9', 'r3', kernel.at('vm_area_struct', 'vm_end')),
  load('r2', 'r3', kernel.at('vm_area_struct', 'vm_start')),
  alu('sub', 'r9', 'r2'),
  alu('rsh', 'r9', PAGE_SHIFT),
  store('fp', OWN, 'r9'),
  mov('r2', 'r9'),
  atomic('fetchAdd', 'r7', HELD('privvmpages'), 'r9'),
  add('r9', 'r2'),
  load('r1', 'r8', LIMIT('privvmpages')),
  when('r9', 'le', 'r1', 'pass'),
  ...whose(depth, kernel),
  store('fp', ASKED, 0),
  ...judge(maps, depth, kernel),
  // the estimate has forgotten it, since no memory shows it yet
  load('r1', 'fp', OWN),
  atomic('fetchAdd', 'r7', HELD('privvmpages'), 'r1'),
  ...answers('privvmpages', ENOMEM),
];

/** From here on all that a task asks for is for a child that nobody sees yet. */
export const forkBegins: Body = (maps, depth) => [
  ...findCounts(maps, depth),
  call(HELPER.currentTask),
  ...flightOf(maps, 'r0', CREATE),
  when('r0', 'eq', 0, 'pass'),
  store('r0', FORKS, 1),
  store('r0', PAGES, 0),
  place('pass'),
  mov('r0', 0),
  exit,
];

/** The child is seen by all, or there is none. */
export const forkOver: Body = (maps) => [
  call(HELPER.currentTask),
  ...flightOf(maps, 'r0', 0),
  when('r0', 'eq', 0, 'none'),
  store('r0', FORKS, 0),
  store('r0', PAGES, 0),
  place('none'),
  mov('r0', 0),
  exit,
];

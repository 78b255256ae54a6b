// What programs that refuse have in common: their maps, how they find the container that calls them, how they let pass and how they refuse.
import { add, atomic, call, exit, type Line, load, map, mov, place, store, when } from './assemble.ts';
import { mapTypes, type TypeField } from './types.ts';

/** Beancounters that are charged, in the order of their fields. */
export const CHARGED = ['numfile', 'numflock', 'numothersock'] as const;
export const REFUSED = [...CHARGED, 'privvmpages'] as const;
export type Refused = (typeof REFUSED)[number];
export const COUNT_FIELDS = ['held', 'maxheld', 'failcnt'] as const;

export const WORD = 8;
const word = (name: string): TypeField => ({ name, size: WORD });
/** Keys are numbers of cgroups. held of privvmpages is the estimate, its maxheld whether somebody adds up. */
export const REFUSAL_COUNTS = mapTypes(
  WORD,
  'counts',
  REFUSED.flatMap((row) => COUNT_FIELDS.map((field) => word(`${row}_${field}`))),
);
/** The most that is allowed; keys are numbers of cgroups. */
export const REFUSAL_LIMITS = mapTypes(WORD, 'limits', REFUSED.map(word));
/** Keys are addresses; who was charged for it, and where in the counts. */
export const CHARGE = { key: WORD, value: 2 * WORD } as const;

/** Of each task what it asks for just now: the memory it is for, how often that was written to then, pages, whether the task forks. */
export const FLIGHT = mapTypes(4, 'flight', ['mm', 'turn', 'pages', 'forks'].map(word));

/** Slots of the maps, as operations of the launcher have them. */
export interface RefusalMaps {
  readonly counts: number;
  readonly limits: number;
  readonly charges: number;
  readonly flights: number;
}

export const HELPER = {
  lookUp: 1,
  update: 2,
  remove: 3,
  currentAncestor: 123,
  taskStorage: 156,
  currentTask: 158,
} as const;
export const HELD = (row: Refused): number => REFUSED.indexOf(row) * COUNT_FIELDS.length * WORD;
export const MAXHELD = (row: Refused): number => HELD(row) + WORD;
const FAILCNT = (row: Refused): number => HELD(row) + 2 * WORD;
export const LIMIT = (row: Refused): number => REFUSED.indexOf(row) * WORD;

/** On the stack: the number of the caller's cgroup. A program's own places are below. */
export const GROUP = -8;

export const lookUp = (slot: number, key: number): readonly Line[] => [
  map('r1', slot),
  mov('r2', 'fp'),
  add('r2', key),
  call(HELPER.lookUp),
];

/** r7 = counts of the caller's container; goes to `pass` for who has none. */
export const findCounts = (maps: RefusalMaps, depth: number): readonly Line[] => [
  mov('r1', depth),
  call(HELPER.currentAncestor),
  store('fp', GROUP, 'r0'),
  ...lookUp(maps.counts, GROUP),
  when('r0', 'eq', 0, 'pass'),
  mov('r7', 'r0'),
];

/** Context in r6. r7 = counts of the caller's container, r8 = its limits; goes to `pass` for who has none, or when somebody else has refused it. */
export const enter = (maps: RefusalMaps, depth: number, args: number): readonly Line[] => [
  mov('r6', 'r1'),
  load('r0', 'r6', args * WORD, 4),
  when('r0', 'ne', 0, 'end'),
  ...findCounts(maps, depth),
  ...lookUp(maps.limits, GROUP),
  when('r0', 'eq', 0, 'pass'),
  mov('r8', 'r0'),
];

export const answers = (row: Refused, errno: number, undo: readonly Line[] = []): readonly Line[] => [
  place('pass'),
  mov('r0', 0),
  place('end'),
  exit,
  place('refuse'),
  ...undo,
  place('refused'),
  mov('r1', 1),
  atomic('add', 'r7', FAILCNT(row), 'r1'),
  mov('r0', -errno),
  exit,
];

export interface Kernel {
  at(struct: string, field: string): number;
  func(name: string): number;
  struct(name: string): number;
}

export type Body = (maps: RefusalMaps, depth: number, kernel: Kernel) => readonly Line[];

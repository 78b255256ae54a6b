// The states of a container and what each verb does in each of them: the table that every verb asks before it begins.
import type { ErrorCode } from '../errors.ts';

/** vzlist knows fewer words: starting, stopping and frozen are printed as `running`. */
export const STATES = ['absent', 'stopped', 'mounted', 'starting', 'running', 'frozen', 'suspended', 'stopping'] as const;
export type CtState = (typeof STATES)[number];

export const VERBS = [
  'create',
  'start',
  'stop',
  'restart',
  'destroy',
  'mount',
  'umount',
  'freeze',
  'thaw',
  'set',
  'enter',
  'exec',
  'console',
  'status',
] as const;
export type Verb = (typeof VERBS)[number];

export type Step = 'make' | 'mount' | 'umount' | 'birth' | 'freeze' | 'thaw' | 'end' | 'remove' | 'apply' | 'save' | 'join' | 'tell';

/** What happens: steps in order; `idle`, a success that does nothing but say so on stderr; or a refusal. */
export type Verdict =
  | { readonly steps: readonly Step[] }
  | { readonly idle: string }
  | { readonly refuse: ErrorCode; readonly instead?: string };

const does = (...steps: Step[]): Verdict => ({ steps });
const refuse = (code: ErrorCode, instead?: string): Verdict => (instead ? { refuse: code, instead } : { refuse: code });
const BUSY = refuse('bad-state', 'Wait for the verb that works on it to end');

type Row = Readonly<Record<CtState, Verdict>>;
const row = (usual: Verdict, others: Partial<Row> = {}): Row =>
  Object.fromEntries(STATES.map((state) => [state, others[state] ?? usual])) as Row;

const live = (verdict: Verdict): Partial<Row> => ({ running: verdict, frozen: verdict, starting: verdict, stopping: verdict });

/** absent for create: no private area, or an empty directory in its place. */
export const MATRIX: Readonly<Record<Verb, Row>> = {
  create: row(refuse('private-exists'), { absent: does('make') }),
  start: row(does('mount', 'birth'), {
    absent: refuse('no-private'),
    mounted: does('umount', 'mount', 'birth'),
    starting: refuse('running'),
    running: refuse('running'),
    frozen: refuse('running'),
    stopping: BUSY,
  }),
  stop: row(
    { idle: 'Unable to stop: container is not running' },
    {
      starting: does('end', 'umount'),
      running: does('end', 'umount'),
      frozen: does('thaw', 'end', 'umount'),
      stopping: does('end', 'umount'),
    },
  ),
  restart: row(does('mount', 'birth'), {
    absent: refuse('no-private'),
    mounted: does('umount', 'mount', 'birth'),
    starting: does('end', 'umount', 'mount', 'birth'),
    running: does('end', 'umount', 'mount', 'birth'),
    frozen: does('thaw', 'end', 'umount', 'mount', 'birth'),
    stopping: BUSY,
  }),
  destroy: row(does('remove'), { mounted: refuse('mounted'), ...live(refuse('destroy-running')) }),
  mount: row(does('mount'), {
    absent: refuse('no-private'),
    mounted: { idle: 'Container is already mounted' },
    ...live({ idle: 'Container is already mounted' }),
  }),
  umount: row(refuse('not-mounted'), { mounted: does('umount'), ...live(refuse('umount-running')) }),
  freeze: row(refuse('not-running'), {
    running: does('freeze'),
    frozen: { idle: 'Container is already frozen' },
    starting: BUSY,
    stopping: BUSY,
  }),
  thaw: row(refuse('not-running'), {
    running: { idle: 'Container is not frozen' },
    frozen: does('thaw'),
    starting: BUSY,
    stopping: BUSY,
  }),
  set: row(does('save'), { running: does('apply', 'save'), frozen: does('apply', 'save'), starting: BUSY, stopping: BUSY }),
  enter: row(refuse('not-running'), { ...live(does('join')), frozen: refuse('frozen') }),
  exec: row(refuse('not-running'), { ...live(does('join')), frozen: refuse('frozen') }),
  console: row(refuse('not-running'), live(does('join'))),
  status: row(does('tell')),
};

export function decide(verb: Verb, state: CtState): Verdict {
  return MATRIX[verb][state];
}

/** The word of vzlist and of scripts for a state. */
export function classicState(state: CtState): 'running' | 'stopped' | 'mounted' | 'suspended' {
  if (state === 'mounted' || state === 'suspended') return state;
  return state === 'stopped' || state === 'absent' ? 'stopped' : 'running';
}

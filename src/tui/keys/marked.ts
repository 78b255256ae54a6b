// What a verb means when containers are marked: which of them it can be done to, which not and why, and the question before. Pure.
import { type CtSample, decide, type Verb, VzError } from '../../engine/index.ts';
import { bulkRuns, bulkSummary } from '../store/bulk.ts';
import { ctLabel } from '../store/notices.ts';
import type { ManagerState, Question } from '../store/state.ts';
import { busyWith } from '../store/task-state.ts';
import { topView } from './mode.ts';
import type { Ask } from './questions.ts';

/** The containers that are marked, where the table is looked at; empty everywhere else, and when none is. */
export function markedOf(state: ManagerState): readonly CtSample[] {
  if (state.marks.size === 0 || topView(state).name !== 'table') return [];
  return state.sample?.containers.filter((ct) => state.marks.has(ct.id)) ?? [];
}

/** Why a verb can't be done to a container now; `who` is what it is called in the sentence. */
export function refusalOf(state: ManagerState, ct: CtSample, verb: Verb, who = String(ct.id)): string | null {
  const busy = busyWith(state, ct.id);
  if (busy !== null && verb !== 'enter' && verb !== 'console') return `${who} is busy: ${busy.title} is running`;
  const verdict = decide(verb, ct.state);
  if ('idle' in verdict) return `${who}: ${verdict.idle}`;
  if (!('refuse' in verdict)) return null;
  return `${who}: ${new VzError(verdict.refuse, { ct: ct.id, state: ct.state, verb }).message}`;
}

/** Stands in a sentence for those that it is about. */
const WHO = '%';

interface Plan {
  readonly does: readonly CtSample[];
  /** Those that are left out, by the reason why. */
  readonly leftOut: ReadonlyMap<string, readonly number[]>;
}

export function planOf(state: ManagerState, verb: Verb): Plan {
  const marked = markedOf(state).map((ct) => ({ ct, refusal: refusalOf(state, ct, verb, WHO) }));
  const leftOut = new Map<string, number[]>();
  for (const { ct, refusal } of marked) if (refusal !== null) leftOut.set(refusal, [...(leftOut.get(refusal) ?? []), ct.id]);
  return { does: marked.filter(({ refusal }) => refusal === null).map(({ ct }) => ct), leftOut };
}

const leftOutText = (leftOut: Plan['leftOut']): string =>
  [...leftOut].map(([refusal, ids]) => refusal.replace(WHO, listed(ids.map(String), NAMED))).join('; ');

/** Why nothing can be done to what is marked; null: something can. */
export function markedRefusal(state: ManagerState, verb: Verb): string | null {
  if (bulkRuns(state.bulk)) return `${state.bulk.title} is at work: ${bulkSummary(state.bulk)}; w shows it`;
  const { does, leftOut } = planOf(state, verb);
  if (does.length > 0) return null;
  const [reason, ...others] = leftOut;
  if (reason === undefined || others.length > 0) return `Nothing that is marked: ${leftOutText(leftOut)}`;
  const [refusal, ids] = reason;
  // which ones they are is on the screen; behind all their names the reason would be cut off
  return refusal.replace(WHO, ids.length === 1 ? `${ids[0]}` : `All ${ids.length} marked`);
}

interface Words {
  readonly verb: Verb;
  /** "stop". */
  readonly name: string;
  readonly what: string;
  readonly command: string;
  readonly no: string;
  /** Nothing is lost that does not come again: Enter is enough. */
  readonly enter: boolean;
}

const WORDS = {
  start: { verb: 'start', name: 'start', what: 'Each is started.', command: 'vzctl start', no: 'leave them', enter: true },
  stop: {
    verb: 'stop',
    name: 'stop',
    what: 'Each is asked to shut down, and killed when its stop timeout is over.',
    command: 'vzctl stop',
    no: 'let them run',
    enter: true,
  },
  kill: {
    verb: 'stop',
    name: 'kill',
    what: 'No shutdown: all that runs is killed at once, as if the power went.',
    command: 'vzctl stop --fast',
    no: 'let them run',
    enter: false,
  },
  restart: {
    verb: 'restart',
    name: 'restart',
    what: 'Each is shut down and started again.',
    command: 'vzctl restart',
    no: 'let them run',
    enter: true,
  },
  freeze: {
    verb: 'freeze',
    name: 'freeze',
    what: 'All processes stand still, in memory: nothing answers, and who talks to one waits.',
    command: 'vzdeck freeze',
    no: 'let them run',
    enter: true,
  },
  thaw: { verb: 'thaw', name: 'thaw', what: 'Each goes on.', command: 'vzdeck thaw', no: 'leave them', enter: true },
  destroy: {
    verb: 'destroy',
    name: 'destroy',
    what: 'Each private area is deleted with all its files. There is no way back.',
    command: 'vzctl destroy',
    no: 'keep them',
    enter: false,
  },
  mount: {
    verb: 'mount',
    name: 'mount',
    what: 'Each file system is mounted on the node.',
    command: 'vzctl mount',
    no: 'leave them',
    enter: true,
  },
  umount: {
    verb: 'umount',
    name: 'umount',
    what: 'Each file system is unmounted.',
    command: 'vzctl umount',
    no: 'leave them',
    enter: true,
  },
} as const satisfies Record<string, Words>;
/** Actions that are done to all that is marked. */
export type MarkedAction = keyof typeof WORDS;

/** Names that are read one by one. */
export const NAMED = 24;

const some = (n: number): string => (n === 1 ? '1 container' : `${n} containers`);

export function listed(texts: readonly string[], most: number): string {
  const rest = texts.length - most;
  return rest > 0 ? `${texts.slice(0, most).join(', ')} and ${rest} more` : texts.join(', ');
}

/** The question before a verb is done to what is marked; null: nothing is. */
function askMarked(state: ManagerState, action: MarkedAction): Question | null {
  if (markedOf(state).length === 0) return null;
  const { verb, name, what, command, no, enter } = WORDS[action];
  const { does, leftOut } = planOf(state, verb);
  const shown = new Set(state.rows.map((row) => row.id));
  const hidden = does.filter((ct) => !shown.has(ct.id)).length;
  const processes = does.reduce((sum, ct) => sum + ct.numproc.held, 0);
  const ends = ['stop', 'kill', 'restart'].includes(action) ? ` ${processes} processes end.` : '';
  return {
    ct: null,
    cts: does.map((ct) => ct.id),
    title: `${name.slice(0, 1).toUpperCase()}${name.slice(1)} ${some(does.length)}?`,
    lines: [
      `${listed(does.map(ctLabel), NAMED)}.`,
      `${what}${ends}`,
      ...(hidden > 0 ? [`${hidden} of them ${hidden === 1 ? 'is' : 'are'} not shown by the filter.`] : []),
      ...(leftOut.size > 0 ? [`Left out: ${leftOutText(leftOut)}.`] : []),
    ],
    command: does.length === 1 ? `${command} ${does[0]?.id}` : `${command}, for each of ${does.length}`,
    yes: does.length === 1 ? `${name} it` : `${name} all ${does.length}`,
    no,
    enter,
  };
}

/** What is done to which containers when the action is asked for; null: nothing is marked. */
export function markedFor(state: ManagerState, action: MarkedAction): readonly CtSample[] | null {
  return markedOf(state).length === 0 ? null : planOf(state, WORDS[action].verb).does;
}

/** Of what is marked if something is, else of the container under the cursor. */
export const orMarked =
  (action: MarkedAction, single: Ask = () => null): Ask =>
  (state) =>
    askMarked(state, action) ?? single(state);

export const markedCount = (state: ManagerState): number => markedOf(state).length;

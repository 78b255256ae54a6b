// Why something can't be done to parameters now, and what is asked before it is done to several containers. Pure.
import { type Change, type CtSample, PARAMS, paramOf, setLine } from '../../engine/index.ts';
import { fixedBecause, isOwn } from '../forms/parameter-form.ts';
import { bulkRuns } from '../store/bulk.ts';
import { changesIn, draftOf } from '../store/drafts.ts';
import { ctLabel } from '../store/notices.ts';
import { type ParameterRow, rowUnder, shortValue } from '../store/parameters.ts';
import type { ManagerState, Question } from '../store/state.ts';
import { listed, NAMED, refusalOf } from './marked.ts';
import { topView } from './mode.ts';
import { containerOf, subjectOf } from './subject.ts';
import type { WhyNot } from './why-not.ts';

type Changes = ReadonlyMap<string, Change>;

/** The row under the cursor; null where that is a section, or none. */
function parameterUnder(state: ManagerState): ParameterRow | null {
  const row = rowUnder(state);
  return row?.kind === 'parameter' ? row : null;
}

export const noParameter: WhyNot = (state) => (rowUnder(state) === null ? 'There is no parameter under the cursor' : null);

/** A form does not change it. */
export const notChangeable: WhyNot = (state) => {
  const row = parameterUnder(state);
  return row === null ? noParameter(state) : fixedBecause(row.param);
};

/** A section is folded by the same key. */
export const notEditable: WhyNot = (state) => (rowUnder(state)?.kind === 'section' ? null : notChangeable(state));

/** The last line of a list only adds. */
export const noItem: WhyNot = ({ overlay }) =>
  overlay?.kind === 'items' && overlay.form.cursor < overlay.form.entries.length ? null : 'There is nothing on this line to be removed';

export const noDraft: WhyNot = (state) => {
  const ct = subjectOf(state)?.id;
  return ct !== undefined && draftOf(state, ct).size > 0 ? null : 'Nothing is changed; Enter changes the parameter under the cursor';
};

export const noChange: WhyNot = (state) => {
  const row = rowUnder(state);
  if (row === null) return noParameter(state);
  const changed = row.kind === 'section' ? row.changed > 0 : row.changed !== null;
  return changed ? null : 'It is not changed';
};

export const noDrift: WhyNot = (state) => {
  const row = parameterUnder(state);
  if (row === null) return noParameter(state);
  if (state.compare !== null) return state.compare.values.has(row.key) ? null : `The sample says nothing of ${row.key}`;
  return row.drift ? null : row.live === null ? 'Nobody tells what the kernel has' : 'File and kernel say the same';
};

/** What a birth has fixed is not set while it runs. */
export const bornSo: WhyNot = (state) =>
  parameterUnder(state)?.badge === 'restart' ? 'Only the next start takes over what the file says' : null;

export const notCompared: WhyNot = ({ compare }) => (compare === null ? null : 'A sample is not changed from here; < takes its value');

export const noReview: WhyNot = (state) => {
  const { review } = state;
  const view = topView(state);
  if (view.name !== 'changes' || review?.ct !== view.ct || draftOf(state, view.ct).size === 0) return 'Nothing is changed any more';
  if (review.failure !== null) return 'It cannot be saved so; Esc goes back to the form';
  if (review.lines === null) return 'What it would do is still being found out';
  const ct = containerOf(state, view.ct);
  return ct === null ? `${view.ct} is gone` : refusalOf(state, ct, 'set');
};

export const noSaved: WhyNot = ({ saved }) => (saved === null ? 'No parameter has been saved yet; f shows those of the container' : null);

export const noUndo: WhyNot = (state) => {
  const { saved, bulk } = state;
  if (saved === null || saved.before.size === 0) return 'No parameter has been saved since the manager began, or it is taken back already';
  return bulkRuns(bulk) ? `${bulk.title} is at work` : null;
};

/** Marked containers, wherever one is. */
const marked = (state: ManagerState): readonly CtSample[] => state.sample?.containers.filter(({ id }) => state.marks.has(id)) ?? [];

export const draftMarked = (state: ManagerState): number => marked(state).length;

export const noSavedFor: WhyNot = (state) => {
  if (marked(state).length === 0) return 'Nothing is marked; Space marks in the table';
  if (bulkRuns(state.bulk)) return `${state.bulk.title} is at work`;
  const changes = forSeveral(wantedChanges(state));
  return changes.size > 0 ? null : 'Names and addresses are one container’s alone';
};

/** What is on the screen to be saved, else what was saved last. */
export function wantedChanges(state: ManagerState): Changes {
  const view = topView(state);
  return view.name === 'changes' ? changesIn(draftOf(state, view.ct)) : (state.saved?.changes ?? new Map());
}

/** Without what can only be one container's. */
export const forSeveral = (changes: Changes): Changes =>
  new Map(
    [...changes].filter(([key]) => {
      const param = paramOf(key);
      return param !== undefined && !isOwn(param);
    }),
  );

interface Order {
  readonly does: readonly CtSample[];
  readonly leftOut: readonly string[];
}

function orderFor(state: ManagerState, cts: readonly CtSample[]): Order {
  const judged = cts.map((ct) => ({ ct, refusal: refusalOf(state, ct, 'set') }));
  return {
    does: judged.filter(({ refusal }) => refusal === null).map(({ ct }) => ct),
    leftOut: judged.flatMap(({ refusal }) => refusal ?? []),
  };
}

/** Marked containers to which parameters can be set. */
export const setTargets = (state: ManagerState): readonly CtSample[] => orderFor(state, marked(state)).does;

const some = (n: number): string => (n === 1 ? '1 container' : `${n} containers`);
const named = (changes: Changes): string => PARAMS.flatMap(({ key }) => (changes.has(key) ? [key] : [])).join(', ');

function askAll(state: ManagerState, all: Changes): Question | null {
  const { does, leftOut } = orderFor(state, marked(state));
  const changes = forSeveral(all);
  const own = [...all.keys()].filter((key) => !changes.has(key));
  const restart = [...changes.keys()].filter((key) => paramOf(key)?.effect === 'start');
  return {
    ct: null,
    cts: does.map(({ id }) => id),
    title: `Set ${named(changes)} of ${some(does.length)}?`,
    lines: [
      `${listed(does.map(ctLabel), NAMED)}.`,
      'It is written into the file of each, and set at once where it runs; each is done whole or not at all.',
      ...(restart.length > 0 ? [`Only the next start acts on ${restart.join(', ')}.`] : []),
      ...(own.length > 0 ? [`Left out: ${own.join(', ')}, which is one container’s alone.`] : []),
      ...(leftOut.length > 0 ? [`Left out: ${listed(leftOut, NAMED)}.`] : []),
    ],
    command: setLine('CTID', changes, true),
    yes: does.length === 1 ? 'set it' : `set all ${does.length}`,
    no: 'leave them',
    enter: true,
  };
}

export const askSaveAll = (state: ManagerState): Question | null => askAll(state, wantedChanges(state));
export const askSetMarked = askSaveAll;

function beforeText(key: string, own: string | null): string {
  const param = paramOf(key);
  return own === null ? 'not set' : param === undefined ? own : shortValue(param, own) || '""';
}

export function askUndo(state: ManagerState): Question | null {
  const { saved } = state;
  if (saved === null) return null;
  const cts = [...saved.before.keys()];
  const labels = cts.map((id) => {
    const ct = containerOf(state, id);
    return ct === null ? String(id) : ctLabel(ct);
  });
  const keys = named(saved.changes);
  const [only] = saved.before.values();
  const values =
    cts.length === 1 && only !== undefined ? [...only].map(([key, { own }]) => `${key} ${beforeText(key, own)}`).join(', ') : '';
  return {
    ct: null,
    title: `Take back ${keys}?`,
    lines: [
      `${listed(labels, NAMED)} ${cts.length === 1 ? 'gets' : 'get'} back what the file said before${values === '' ? '' : `: ${values}`}.`,
      'What acts at once is set at once.',
    ],
    command: '',
    yes: 'take it back',
    no: 'leave it',
    enter: true,
  };
}

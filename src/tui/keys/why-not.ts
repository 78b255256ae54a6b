// Reasons why an action can't be done now, as sentences. Null: it can. The engine's own state table is asked for verbs.
import type { Verb } from '../../engine/index.ts';
import { bulkRuns, countOf } from '../store/bulk.ts';
import { chosenColumns } from '../store/column-choice.ts';
import { reopening } from '../store/kept-panes.ts';
import { isLimited, lastRefused } from '../store/refusals.ts';
import { PERIODS } from '../store/settings.ts';
import type { ManagerState } from '../store/state.ts';
import { isActive, openFailure } from '../store/task-state.ts';
import { watchedPane } from '../store/watched.ts';
import { markedOf, markedRefusal, refusalOf } from './marked.ts';
import { columnUnder, openPanes, paneOf, processOf, subjectOf, taskOf } from './subject.ts';

export type WhyNot = (state: ManagerState) => string | null;

/** Nothing can be asked of an engine that is not there. */
export const noEngine: WhyNot = (state) => {
  if (state.engine === 'ready') return null;
  return state.engine === 'loading' ? 'The engine is being loaded' : state.engine.failed.message;
};

export const noContainer: WhyNot = (state) => {
  if (subjectOf(state) !== null) return null;
  return state.sample?.containers.length === 0 ? 'There is no container yet; c makes one' : 'There is no container under the cursor';
};

/** The engine's verdict for a verb on the container under the cursor. */
export const verbRefusal =
  (verb: Verb): WhyNot =>
  (state) => {
    const ct = subjectOf(state);
    return ct === null ? noContainer(state) : refusalOf(state, ct, verb);
  };

/** The same, or on all that is marked. */
export const markedOr =
  (verb: Verb): WhyNot =>
  (state) =>
    markedOf(state).length > 0 ? markedRefusal(state, verb) : verbRefusal(verb)(state);

export const noMarks: WhyNot = ({ marks }) => (marks.size === 0 ? 'Nothing is marked; Space marks' : null);

const NO_BULK = 'Nothing has been done to marked containers yet';
export const noBulk: WhyNot = ({ bulk }) => (bulk === null ? NO_BULK : null);

export const bulkOver: WhyNot = ({ bulk }) => (bulkRuns(bulk) ? null : 'It is over');

export const nothingToRetry: WhyNot = ({ bulk }) => {
  if (bulk === null) return NO_BULK;
  if (bulkRuns(bulk)) return 'It is not over yet';
  return countOf(bulk, 'failed') + countOf(bulk, 'cancelled') > 0 ? null : 'Nothing of it is left to be done';
};

export const noTemplate: WhyNot = (state) =>
  state.templates.length === 0 && state.engine === 'ready' ? 'There is no template yet; B builds one' : null;

/** A container that failed or has reached a limit, a task that failed, or what was refused last. */
export const nothingWrong: WhyNot = (state) => {
  const task = taskOf(state);
  const failed = task?.state === 'failed' || openFailure(state) !== null || lastRefused(state) !== null;
  const ct = subjectOf(state);
  return failed || (ct !== null && (ct.trouble !== '' || isLimited(ct))) ? null : 'Nothing has failed here';
};

export const nothingToClear: WhyNot = (state) =>
  state.filter.text !== '' || state.marks.size > 0 || openFailure(state) !== null ? null : 'Nothing to clear: no filter, no mark, no error';

/** The process under the cursor, in the views that list them. */
export const noProcess: WhyNot = (state) => (processOf(state) === null ? 'There is no process under the cursor' : null);

export const planFailed: WhyNot = ({ plan }) => (plan?.failure ? 'It cannot be done so; Esc goes back to the form' : null);

export const taskNotActive: WhyNot = (state) => {
  const task = taskOf(state);
  if (task === null) return 'There is no task';
  if (task.state === 'cancelling') return `${task.title} is being cancelled`;
  return isActive(task) ? null : `${task.title} is over`;
};

export const taskNotFailed: WhyNot = (state) => (taskOf(state)?.state === 'failed' ? null : 'It has not failed');

export const noPanes: WhyNot = (state) => (state.panes.length === 0 ? 'No pane is open; i opens a shell, C a console' : null);

/** Those of last time are opened by the same key. */
export const noPanesToShow: WhyNot = (state) => {
  const { panes, lastPanes, readOnly } = state;
  if (panes.length > 0 || lastPanes === null || readOnly) return noPanes(state);
  if (reopening(state, lastPanes).opened.length > 0) return noEngine(state);
  return 'No pane is open, and none of the containers of last time runs; i opens a shell';
};

/** The console of the tab that is looked at. */
export const noConsole: WhyNot = (state) => {
  const pane = watchedPane(state);
  if (pane !== null) return pane.ended === '' ? null : `It is over: ${pane.ended}`;
  return verbRefusal('console')(state) ?? (state.watched?.trouble || 'The console is being opened');
};

export const paneEnded: WhyNot = (state) => {
  const pane = paneOf(state);
  if (pane === null) return noPanes(state);
  return pane.ended === '' ? null : `It is over: ${pane.ended}; w closes the pane`;
};

/** Another shell in the container of the pane under the cursor. */
export const noShellBeside: WhyNot = (state) => noPanes(state) ?? verbRefusal('enter')(state);

export const noMarked: WhyNot = (state) =>
  openPanes(state).filter((pane) => pane.marked).length < 2
    ? 'Mark two panes or more with m first: what you type goes to all of them'
    : null;

export const noTask: WhyNot = (state) => (taskOf(state) === null ? 'No task has run yet' : null);

export const notByEnter: WhyNot = (state) =>
  state.overlay?.kind === 'confirm' && !state.overlay.question.enter ? `Only y does that: ${state.overlay.question.yes}` : null;

const seconds = (period: number): string => `${period / 1000} s`;

export const oftenest: WhyNot = ({ period }) => (period <= (PERIODS[0] ?? 0) ? `Every ${seconds(period)} is as often as it looks` : null);

export const rarest: WhyNot = ({ period }) =>
  period >= (PERIODS.at(-1) ?? 0) ? `Every ${seconds(period)} is as seldom as it looks` : null;

export const noOtherAnswer: WhyNot = ({ overlay }) =>
  overlay?.kind === 'confirm' && overlay.question.other !== undefined ? null : 'That is no answer here';

export const readOnlyForGood: WhyNot = (state) =>
  state.readOnlyFixed ? 'It was started with --read-only: leave it and start it without' : null;

export const noColumn: WhyNot = (state) => (columnUnder(state) === null ? 'No column is called so' : null);

export const hiddenColumn: WhyNot = (state) => {
  const id = columnUnder(state);
  if (id === null) return noColumn(state);
  return chosenColumns(state.columns).includes(id) ? null : 'It is not shown; Enter shows it';
};

export const lastColumn: WhyNot = (state) => {
  const chosen = chosenColumns(state.columns);
  return chosen.length === 1 && chosen[0] === columnUnder(state) ? 'It is the only one that is shown' : noColumn(state);
};

export const usualColumns: WhyNot = ({ columns }) => (columns === null ? 'These are the usual ones' : null);

/** The first reason of several. */
export const firstOf =
  (...reasons: readonly WhyNot[]): WhyNot =>
  (state) => {
    for (const reason of reasons) {
      const why = reason(state);
      if (why !== null) return why;
    }
    return null;
  };

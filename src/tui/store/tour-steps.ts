// The tour: what to press, what to look at, and which state says that it was done. Data; {NAME} stands for the key of an action.
import { topView } from '../keys/mode.ts';
import type { Notice } from './notice.ts';
import { addNotices } from './notices.ts';
import type { ManagerState } from './state.ts';

export interface TourStep {
  readonly name: string;
  /** One sentence about what to do. */
  readonly press: string;
  readonly look: string;
  /** It can be done in the table alone. */
  readonly inTable?: true;
  /** Is there what it speaks of? Without it, always. */
  readonly fits?: (state: ManagerState) => boolean;
  /** `since`: the state in which the step began. */
  readonly done: (state: ManagerState, since: ManagerState) => boolean;
}

const at = (state: ManagerState, ...names: readonly string[]): boolean => names.includes(topView(state).name);
const rows = (state: ManagerState): ManagerState['rows'] => state.sample?.containers ?? [];
const atTable = (state: ManagerState): boolean => at(state, 'table') && state.overlay === null;

export const TOUR: readonly TourStep[] = [
  {
    name: 'move',
    press: 'Press {down} and {up}: the cursor goes from one to the next.',
    look: 'Bars tell what is used; what needs you is bold, with a !',
    fits: (state) => state.rows.length > 1,
    inTable: true,
    done: (state, since) => state.cursor.ct !== since.cursor.ct,
  },
  {
    name: 'open',
    press: '{open} opens the container under the cursor.',
    look: 'Is it well? State, limits, waits, what happened lately.',
    fits: (state) => state.rows.length > 0,
    inTable: true,
    done: (state) => at(state, 'container'),
  },
  {
    name: 'back',
    press: '{back} comes back.',
    look: 'The last line has the keys of each screen, the best first.',
    fits: (state) => !atTable(state),
    done: atTable,
  },
  {
    name: 'filter',
    press: 'Press {filter} and type a part of a name, then {filter-done}.',
    look: 'What does not fit goes as you type. Try mem>80%, too.',
    fits: (state) => state.rows.length > 1,
    inTable: true,
    done: (state) => state.filter.text !== '' && !state.filtering,
  },
  {
    name: 'all',
    press: '{clear} shows all again.',
    look: 'The rule below the list says what narrows it.',
    fits: (state) => state.filter.text !== '',
    inTable: true,
    done: (state) => state.filter.text === '' && !state.filtering,
  },
  {
    name: 'why',
    press: 'Go to the one that has failed and press {why}.',
    look: 'What the kernel said, what it means, what to do now.',
    fits: (state) => rows(state).some((ct) => ct.trouble !== ''),
    inTable: true,
    done: (state) => at(state, 'trouble'),
  },
  {
    name: 'from-why',
    press: '{back} comes back here, too.',
    look: 'A failure stays in the foot until you dismiss it.',
    fits: (state) => !atTable(state),
    done: atTable,
  },
  {
    name: 'enter',
    press: 'Go to one that runs and press {enter}: a shell inside. Type ps.',
    look: "Every key is the program's here, but for Ctrl-].",
    fits: (state) => !state.readOnly && rows(state).some((ct) => ct.state === 'running'),
    done: (state, since) => state.typing || state.panes.length > since.panes.length,
  },
  {
    name: 'leave',
    press: 'Ctrl-] gives the keyboard back, {pane-close} closes the pane.',
    look: 'Panes stay open when you leave: {panes} comes back.',
    fits: (state) => state.panes.length > 0,
    done: (state, since) => !state.typing && (state.panes.length < since.panes.length || atTable(state)),
  },
  {
    name: 'start',
    press: 'Go to one that is stopped and press {start}.',
    look: 'The foot tells how far it is, then the vzctl line for it.',
    fits: (state) => !state.readOnly && rows(state).some((ct) => ct.state === 'stopped' && ct.trouble === ''),
    inTable: true,
    done: (state, since) => state.tasks.some((task) => task.verb === 'start' && task.state === 'done' && !since.tasks.includes(task)),
  },
  {
    name: 'find',
    press: '{palette} finds any action or container by a part of its name.',
    look: 'Each has its key beside it; what is dim says why not.',
    done: (state) => state.overlay?.kind === 'palette',
  },
  {
    name: 'help',
    press: 'Last: {back}, and {help} shows all keys of a screen.',
    look: 'The tour stands there, too, for another time.',
    done: (state) => state.overlay?.kind === 'help',
  },
];

/** What to press now, where {NAME} stands for a key: whoever has gone elsewhere is led back first. */
export function pressNow(state: ManagerState, step: TourStep): string {
  if (step.inTable !== true || atTable(state)) return step.press;
  return state.typing
    ? 'Ctrl-] gives the keyboard back, and {back} the table: it goes on there.'
    : 'The tour goes on in the table: {back} comes back to it.';
}

/** The step that follows `before` (-1 at the beginning) in this state; null after the last. */
function nextStep(state: ManagerState, before: number): number | null {
  const step = TOUR.findIndex(({ fits }, i) => i > before && (fits?.(state) ?? true));
  return step < 0 ? null : step;
}

type Change = Partial<ManagerState>;

/** Nothing older than the beginning of a step is kept. */
const begun = (state: ManagerState, step: number): Change => ({ tour: { step, since: { ...state, tour: null } } });

/** Begins it, or ends it where it is. */
export function toggleTour(state: ManagerState): Change {
  if (state.tour !== null) return { tour: null, hint: 'The tour is over; its key begins it again' };
  const step = rows(state).length === 0 ? null : nextStep(state, -1);
  return step === null ? { hint: 'The tour is about containers: make one, or look at the demo' } : { ...begun(state, step), toured: true };
}

/** On to the next step where this one is done; null where there is nothing to change. */
export function followTour(state: ManagerState): Change | null {
  const { tour } = state;
  if (tour === null || TOUR[tour.step]?.done(state, tour.since) !== true) return null;
  const step = nextStep(state, tour.step);
  return step === null ? { tour: null, hint: 'That was the tour. What is left is in the help of each screen' } : begun(state, step);
}

/** Whoever has containers and opens the manager for the first time is told of it once. */
export function offerTour(state: ManagerState): Change {
  if (state.toured || (state.sample?.containers.length ?? 0) === 0) return {};
  const text = 'First time here? Ctrl-G shows you round in 90 s';
  const offer: Notice = { at: state.now, ct: null, tone: 'normal', text, command: '' };
  const worse = state.notices.some(({ tone }) => tone !== 'normal');
  // The foot shows the newest: what is wrong comes first.
  return { toured: true, notices: worse ? addNotices([offer], state.notices) : addNotices(state.notices, [offer]) };
}

// THE table of keys: what each does, where, when not, and what is asked before. Footer, help, dispatcher and tests are made from it.
import type { ManagerState } from '../store/state.ts';
import type { ActionId } from './action.ts';
import { MODES, type Mode } from './mode.ts';
import { type Ask, askClosePane, askDestroy, askKill, askQuit, askRestart, askStop } from './questions.ts';
import {
  firstOf,
  noContainer,
  noEngine,
  noPanes,
  noTask,
  noTemplate,
  notByEnter,
  nothingToClear,
  nothingWrong,
  paneEnded,
  taskNotActive,
  taskNotFailed,
  verbRefusal,
  type WhyNot,
} from './why-not.ts';

export interface Action {
  /** Ids of the input router; the first is shown. */
  readonly keys: readonly string[];
  /** One or two words, for the footer. */
  readonly label: string;
  /** One sentence, for help. */
  readonly help: string;
  /** Modes in which its keys are its own. */
  readonly when: readonly Mode[];
  /** Why it can't be done now. */
  readonly whyNot?: WhyNot;
  /** The question before it is done. */
  readonly danger?: Ask;
  /** It changes something on the node, or can: not done in read-only mode. */
  readonly changes?: true;
  /** How many things it leads to; said beside the label when there are some. */
  readonly counts?: (state: ManagerState) => number;
  /** Place in the footer by mode; without one it is only in help. */
  readonly footer?: Partial<Record<Mode, number>>;
}

const LISTS: readonly Mode[] = ['table', 'filter', 'container', 'tasks', 'trouble', 'plan', 'panes', 'help'];
const ABOUT_CT: readonly Mode[] = ['table', 'container', 'trouble'];
const TYPED: readonly Mode[] = ['filter', 'create', 'template'];
const PLAIN = MODES.filter((mode) => !TYPED.includes(mode) && mode !== 'confirm' && mode !== 'help');

export const KEYS: Readonly<Record<ActionId, Action>> = {
  up: { keys: ['up', 'k'], label: 'up', help: 'One line up; in panes, one line back in the history', when: LISTS },
  down: { keys: ['down', 'j'], label: 'down', help: 'One line down', when: LISTS },
  'page-up': { keys: ['pageup', 'ctrl-b'], label: 'page up', help: 'One screen up', when: LISTS },
  'page-down': { keys: ['pagedown', 'ctrl-f'], label: 'more', help: 'One screen down', when: LISTS, footer: { plan: 3 } },
  first: { keys: ['home', 'g'], label: 'first', help: 'To the first line', when: LISTS },
  last: { keys: ['end', 'G'], label: 'last', help: 'To the last line', when: LISTS },
  open: {
    keys: ['enter', 'l'],
    label: 'open',
    help: 'The container on a screen of its own',
    when: ['table'],
    whyNot: noContainer,
    footer: { table: 1 },
  },
  create: {
    keys: ['c', 'insert'],
    label: 'create',
    help: 'A new container, by a form that shows first what it will do',
    when: ['table'],
    whyNot: firstOf(noEngine, noTemplate),
    changes: true,
    footer: { table: 7 },
  },
  start: {
    keys: ['s'],
    label: 'start',
    help: 'Starts the container',
    when: ABOUT_CT,
    whyNot: firstOf(noEngine, verbRefusal('start')),
    changes: true,
    footer: { table: 4, container: 2, trouble: 2 },
  },
  stop: {
    keys: ['x'],
    label: 'stop',
    help: 'Shuts the container down',
    when: ABOUT_CT,
    whyNot: firstOf(noEngine, verbRefusal('stop')),
    danger: askStop,
    changes: true,
    footer: { table: 5, container: 3 },
  },
  kill: {
    keys: ['X'],
    label: 'kill',
    help: 'Ends the container at once, without shutdown',
    when: ABOUT_CT,
    whyNot: firstOf(noEngine, verbRefusal('stop')),
    danger: askKill,
    changes: true,
  },
  restart: {
    keys: ['r'],
    label: 'restart',
    help: 'Shuts the container down and starts it again',
    when: ABOUT_CT,
    whyNot: firstOf(noEngine, verbRefusal('restart')),
    danger: askRestart,
    changes: true,
    footer: { table: 11, container: 4 },
  },
  destroy: {
    keys: ['D', 'delete'],
    label: 'destroy',
    help: 'Deletes the container with all its files',
    when: ABOUT_CT,
    whyNot: firstOf(noEngine, verbRefusal('destroy')),
    danger: askDestroy,
    changes: true,
    footer: { table: 14, container: 7 },
  },
  enter: {
    keys: ['i', 'f4'],
    label: 'enter',
    help: 'A root shell in the container, in a pane',
    when: ABOUT_CT,
    whyNot: firstOf(noEngine, verbRefusal('enter')),
    changes: true,
    footer: { table: 6, container: 5 },
  },
  console: {
    keys: ['C', 'o'],
    label: 'console',
    help: 'The console of the container, in a pane',
    when: ABOUT_CT,
    whyNot: firstOf(noEngine, verbRefusal('console')),
    changes: true,
    footer: { table: 12, container: 6, trouble: 3 },
  },
  mount: {
    keys: ['m'],
    label: 'mount',
    help: 'Mounts the file system of a stopped container on the node',
    when: ABOUT_CT,
    whyNot: firstOf(noEngine, verbRefusal('mount')),
    changes: true,
  },
  umount: {
    keys: ['u'],
    label: 'umount',
    help: 'Unmounts the file system of a stopped container',
    when: ABOUT_CT,
    whyNot: firstOf(noEngine, verbRefusal('umount')),
    changes: true,
  },
  filter: {
    keys: ['/', 'f3'],
    label: 'filter',
    help: 'Shows only containers in which all the words occur',
    when: ['table'],
    footer: { table: 8 },
  },
  'filter-done': { keys: ['enter', 'tab'], label: 'keep', help: 'Keeps the filter', when: ['filter'], footer: { filter: 1 } },
  'filter-clear': { keys: ['escape'], label: 'clear', help: 'Drops the filter', when: ['filter'], footer: { filter: 2 } },
  'sort-next': { keys: ['>', '.', 'f6'], label: 'sort', help: 'Sorts by the next column to the right', when: ['table'] },
  'sort-previous': { keys: ['<', ','], label: 'sort', help: 'Sorts by the next column to the left', when: ['table'] },
  'sort-reverse': { keys: ['R', '='], label: 'reverse', help: 'Turns the order around', when: ['table'] },
  why: {
    keys: ['e', 'f7'],
    label: 'why',
    help: 'Explains what has failed or which limit is reached, and what to do',
    when: ['table', 'container', 'tasks'],
    whyNot: nothingWrong,
    footer: { table: 2, container: 1, tasks: 2 },
  },
  clear: {
    keys: ['escape'],
    label: 'clear',
    help: 'Drops the message about a failure, then the filter',
    when: ['table'],
    whyNot: nothingToClear,
  },
  'template-build': {
    keys: ['b'],
    label: 'build template',
    help: 'Builds a template of a Debian release',
    when: ['table'],
    whyNot: noEngine,
    changes: true,
  },
  'template-go': {
    keys: ['enter'],
    label: 'build',
    help: 'Builds the template',
    when: ['template'],
    changes: true,
    footer: { template: 1 },
  },
  tasks: {
    keys: ['t', 'f2'],
    label: 'tasks',
    help: 'What runs and what has run',
    when: ['table', 'container', 'trouble', 'panes'],
    footer: { table: 13 },
  },
  'task-open': {
    keys: ['enter'],
    label: 'open',
    help: 'The failure of the task, or else its container',
    when: ['tasks'],
    whyNot: noTask,
    footer: { tasks: 1 },
  },
  'task-cancel': {
    keys: ['x', 'c'],
    label: 'cancel',
    help: 'Stops the task; what it has done is undone',
    when: ['tasks'],
    whyNot: taskNotActive,
    footer: { tasks: 3 },
  },
  'task-dismiss': {
    keys: ['d'],
    label: 'dismiss',
    help: 'Takes the failure off the screen',
    when: ['tasks', 'trouble'],
    whyNot: taskNotFailed,
    footer: { tasks: 4, trouble: 4 },
  },
  panes: {
    keys: ['p', 'f5'],
    label: 'panes',
    help: 'The open panes',
    when: ['table', 'container', 'tasks', 'trouble'],
    whyNot: noPanes,
    counts: ({ panes }) => panes.length,
    footer: { table: 3 },
  },
  'pane-type': {
    keys: ['enter', 'i'],
    label: 'type',
    help: 'Gives the keyboard to the pane',
    when: ['panes'],
    whyNot: paneEnded,
    changes: true,
    footer: { panes: 1 },
  },
  'pane-next': { keys: ['tab', 'right'], label: 'next', help: 'The next pane', when: ['panes'], footer: { panes: 2 } },
  'pane-previous': { keys: ['shift-tab', 'left'], label: 'previous', help: 'The pane before', when: ['panes'] },
  'pane-zoom': { keys: ['z'], label: 'zoom', help: 'One pane on the whole screen, or all again', when: ['panes'], footer: { panes: 3 } },
  'pane-close': {
    keys: ['w', 'delete'],
    label: 'close',
    help: 'Closes the pane',
    when: ['panes'],
    whyNot: noPanes,
    danger: askClosePane,
    footer: { panes: 4 },
  },
  'field-next': { keys: ['tab', 'down'], label: 'next field', help: 'The next field', when: ['create'], footer: { create: 2 } },
  'field-previous': { keys: ['shift-tab', 'up'], label: 'previous', help: 'The field before', when: ['create'] },
  'form-plan': {
    keys: ['enter'],
    label: 'show what will be done',
    help: 'Shows each step before it is done',
    when: ['create'],
    footer: { create: 1 },
  },
  'form-go': { keys: ['enter', 'y'], label: 'do it', help: 'Makes the container', when: ['plan'], changes: true, footer: { plan: 1 } },
  yes: { keys: ['y'], label: 'yes', help: 'Goes on', when: ['confirm'] },
  'yes-enter': { keys: ['enter'], label: 'yes', help: 'Goes on, where little can be lost', when: ['confirm'], whyNot: notByEnter },
  no: { keys: ['n', 'escape', 'q', 'ctrl-c'], label: 'no', help: 'Leaves everything as it is', when: ['confirm'] },
  back: {
    keys: ['escape'],
    label: 'back',
    help: 'Back to where you came from',
    when: ['container', 'tasks', 'trouble', 'panes', 'create', 'plan', 'template'],
    footer: { container: 8, tasks: 5, trouble: 5, panes: 5, create: 3, plan: 2, template: 2 },
  },
  mouse: { keys: ['M'], label: 'mouse', help: 'Mouse on or off; off, the terminal itself selects and copies', when: PLAIN },
  theme: { keys: ['T'], label: 'theme', help: 'The next theme', when: PLAIN },
  help: {
    keys: ['?', 'f1'],
    label: 'help',
    help: 'All keys of this screen',
    when: [...PLAIN, 'create'],
    footer: { table: 9, container: 9, tasks: 6, trouble: 6, panes: 6 },
  },
  'help-close': { keys: ['escape', 'q', '?', 'f1', 'enter', 'ctrl-c'], label: 'close', help: 'Back to the screen', when: ['help'] },
  repaint: { keys: ['ctrl-l'], label: 'repaint', help: 'Draws the screen anew', when: MODES },
  suspend: { keys: ['ctrl-z'], label: 'suspend', help: 'Back to the shell until fg', when: MODES },
  quit: {
    keys: ['q', 'f10', 'ctrl-c'],
    label: 'quit',
    help: 'Leaves the manager; containers go on',
    when: [...PLAIN, ...TYPED],
    danger: askQuit,
    footer: { table: 10 },
  },
};

/** Text that a refusal in read-only mode says. */
export const READ_ONLY = 'Read-only: the manager was started to look only';

export function whyNot(action: Action, state: ManagerState): string | null {
  if (action.changes && state.readOnly) return READ_ONLY;
  return action.whyNot?.(state) ?? null;
}

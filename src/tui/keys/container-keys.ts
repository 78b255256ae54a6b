// What is done to the container under the cursor, or to all that is marked, and why it failed. Rows of the table of keys.
import type { ManagerState } from '../store/state.ts';
import { actions } from './action.ts';
import { askMarked, type MarkedAction, markedOf } from './marked.ts';
import { ABOUT_CT, OF_CT } from './mode.ts';
import { type Ask, askDestroy, askKill, askRestart, askStop } from './questions.ts';
import { firstOf, markedOr, noEngine, nothingWrong, verbRefusal } from './why-not.ts';

/** Of what is marked if something is, else of the container under the cursor. */
const orMarked =
  (action: MarkedAction, single: Ask = () => null): Ask =>
  (state) =>
    askMarked(state, action) ?? single(state);

const markedCount = (state: ManagerState): number => markedOf(state).length;

export const CONTAINER_KEYS = actions({
  start: {
    keys: ['s'],
    label: 'start',
    help: 'Starts the container',
    when: ABOUT_CT,
    whyNot: firstOf(noEngine, markedOr('start')),
    danger: orMarked('start'),
    changes: true,
    counts: markedCount,
    footer: { table: 4, container: 2, trouble: 2 },
  },
  stop: {
    keys: ['x'],
    label: 'stop',
    help: 'Shuts the container down',
    when: ABOUT_CT,
    whyNot: firstOf(noEngine, markedOr('stop')),
    danger: orMarked('stop', askStop),
    changes: true,
    counts: markedCount,
    footer: { table: 5, container: 3 },
  },
  kill: {
    keys: ['X'],
    label: 'kill',
    help: 'Ends the container at once, without shutdown',
    when: ABOUT_CT,
    whyNot: firstOf(noEngine, markedOr('stop')),
    danger: orMarked('kill', askKill),
    changes: true,
    counts: markedCount,
  },
  restart: {
    keys: ['r'],
    label: 'restart',
    help: 'Shuts the container down and starts it again',
    when: ABOUT_CT,
    whyNot: firstOf(noEngine, markedOr('restart')),
    danger: orMarked('restart', askRestart),
    changes: true,
    counts: markedCount,
    footer: { table: 11, container: 4 },
  },
  destroy: {
    keys: ['D', 'delete'],
    label: 'destroy',
    help: 'Deletes the container with all its files',
    when: ABOUT_CT,
    whyNot: firstOf(noEngine, markedOr('destroy')),
    danger: orMarked('destroy', askDestroy),
    changes: true,
    counts: markedCount,
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
    footer: { table: 12, container: 6, console: 1, trouble: 3 },
  },
  mount: {
    keys: ['m'],
    label: 'mount',
    help: 'Mounts the file system of a stopped container on the node',
    when: ABOUT_CT,
    whyNot: firstOf(noEngine, markedOr('mount')),
    danger: orMarked('mount'),
    changes: true,
    counts: markedCount,
  },
  umount: {
    keys: ['u'],
    label: 'umount',
    help: 'Unmounts the file system of a stopped container',
    when: ABOUT_CT,
    whyNot: firstOf(noEngine, markedOr('umount')),
    danger: orMarked('umount'),
    changes: true,
    counts: markedCount,
  },
  why: {
    keys: ['e', 'f7'],
    label: 'why',
    help: 'Explains what has failed or which limit is reached, and what to do',
    when: ['table', 'tasks', ...OF_CT],
    whyNot: nothingWrong,
    footer: { table: 2, container: 1, tasks: 2 },
  },
});

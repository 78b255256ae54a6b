// Marking containers, what is done to all of them at once, and rows that hold still. Rows of the table of keys.
import { actions } from './action.ts';
import { bulkOver, firstOf, noBulk, noContainer, noEngine, noMarks, nothingToRetry } from './why-not.ts';

export const MARK_KEYS = actions({
  mark: {
    keys: ['space', 'v'],
    label: 'mark',
    help: 'Marks the container or takes the mark away: what is done then is done to all that is marked',
    when: ['table'],
    whyNot: noContainer,
    footer: { table: 8.5 },
  },
  'copy-names': {
    keys: ['y'],
    label: 'copy names',
    help: 'Copies the names of what is marked, or of the container under the cursor: a line each, the CTID where it has none',
    when: ['table'],
    whyNot: noContainer,
  },
  'mark-range': {
    keys: ['V'],
    label: 'mark range',
    help: 'Marks all from the last mark to here',
    when: ['table'],
    whyNot: noContainer,
  },
  'mark-shown': { keys: ['A'], label: 'mark all', help: 'Marks all that are shown', when: ['table'], whyNot: noContainer },
  'mark-invert': {
    keys: ['*', 'I'],
    label: 'invert marks',
    help: 'Marks what is shown and not marked',
    when: ['table'],
    whyNot: noContainer,
  },
  'mark-clear': { keys: ['\\'], label: 'unmark all', help: 'Takes all marks away', when: ['table'], whyNot: noMarks },
  hold: {
    keys: ['H'],
    label: 'hold rows',
    help: 'Rows stay where they are while their figures go on; again lets them go',
    when: ['table'],
    whyNot: noContainer,
  },
  bulk: {
    keys: ['w'],
    label: 'result',
    help: 'What became of the last verb on marked containers',
    when: ['table', 'container', 'tasks'],
    whyNot: noBulk,
  },
  'bulk-open': {
    keys: ['enter', 'e'],
    label: 'open',
    help: 'Why it failed, or the container',
    when: ['bulk'],
    whyNot: noBulk,
    footer: { bulk: 1 },
  },
  'bulk-retry': {
    keys: ['r'],
    label: 'try again',
    help: 'Does it again to all to which it has not been done, after a question',
    when: ['bulk'],
    whyNot: firstOf(noEngine, nothingToRetry),
    changes: true,
    footer: { bulk: 2 },
  },
  'bulk-cancel': {
    keys: ['x', 'c'],
    label: 'cancel',
    help: 'What has not begun is left, what runs is undone',
    when: ['bulk'],
    whyNot: bulkOver,
    changes: true,
    footer: { bulk: 3 },
  },
});

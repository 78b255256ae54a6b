// Panes: to get there, to go around among them, to close them. Rows of the table of keys.
import { actions } from './action.ts';
import { askClosePane } from './questions.ts';
import { noPanes, paneEnded } from './why-not.ts';

export const PANE_KEYS = actions({
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
});

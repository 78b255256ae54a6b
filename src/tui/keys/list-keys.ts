// Moving through lists. Rows of the table of keys.
import { actions } from './action.ts';
import { LISTS } from './mode.ts';
import { noContainer, nothingToClear } from './why-not.ts';

export const LIST_KEYS = actions({
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
  clear: {
    keys: ['escape'],
    label: 'clear',
    help: 'Drops the message of a failure, then filter, then marks',
    when: ['table'],
    whyNot: nothingToClear,
  },
});

// The journal, and the line that does again what was done. Rows of the table of keys.
import { actions } from './action.ts';
import { copyText } from './copy-text.ts';
import { OF_CT, PLAIN } from './mode.ts';
import { noEngine, type WhyNot } from './why-not.ts';

const nothingToCopy: WhyNot = (state) => (copyText(state) === '' ? 'Nothing that has a command line was done yet' : null);

export const JOURNAL_KEYS = actions({
  journal: {
    keys: ['J'],
    label: 'journal',
    help: 'Who did what when with which result; on a container, what was done to it',
    when: ['table', 'tasks', 'trouble', 'templates', 'node-processes', ...OF_CT],
    whyNot: noEngine,
    footer: { tasks: 5.5 },
  },
  'copy-line': {
    keys: ['Y', 'ctrl-y'],
    keysIn: { beans: ['y', 'Y', 'ctrl-y'] },
    label: 'copy line',
    help: 'Copies the vzctl line that does the same: of what is asked, shown or chosen here, or was done last',
    when: [...PLAIN.filter((mode) => mode !== 'panes'), 'confirm', 'parameter', 'amount', 'items', 'item'],
    whyNot: nothingToCopy,
    footer: { journal: 1, why: 3, tasks: 4.5, changes: 2, parameter: 4, amount: 4.5 },
  },
});

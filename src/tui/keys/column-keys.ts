// The dialog that chooses and orders the columns of the table. Rows of the table of keys.
import { actions } from './action.ts';
import { hiddenColumn, lastColumn, noColumn, usualColumns } from './why-not.ts';

export const COLUMN_KEYS = actions({
  columns: { keys: ['|', 'f8'], label: 'columns', help: 'Chooses and orders the columns', when: ['table'], footer: { table: 12.5 } },
  'column-toggle': {
    keys: ['enter'],
    label: 'show or hide',
    help: 'Shows the column as the last one, or hides it',
    when: ['columns'],
    whyNot: lastColumn,
    footer: { columns: 1 },
  },
  'column-left': {
    keys: ['shift-tab', 'ctrl-left'],
    label: 'left',
    help: 'Moves the column to the left',
    when: ['columns'],
    whyNot: hiddenColumn,
    footer: { columns: 2 },
  },
  'column-right': {
    keys: ['tab', 'ctrl-right'],
    label: 'right',
    help: 'Moves the column to the right',
    when: ['columns'],
    whyNot: hiddenColumn,
    footer: { columns: 3 },
  },
  'column-sort': {
    keys: ['ctrl-o'],
    label: 'sort by it',
    help: 'Sorts by the column, shown or not; again turns the order around',
    when: ['columns'],
    whyNot: noColumn,
    footer: { columns: 4 },
  },
  'columns-usual': {
    keys: ['ctrl-t'],
    label: 'the usual ones',
    help: 'Shows the usual columns again',
    when: ['columns'],
    whyNot: usualColumns,
    footer: { columns: 5 },
  },
});

// What the table shows and in which order: filter, sort, columns, how often it looks. Rows of the table of keys.
import { actions } from './action.ts';
import { oftenest, rarest } from './why-not.ts';

export const TABLE_KEYS = actions({
  filter: {
    keys: ['/', 'f3'],
    label: 'filter',
    help: 'Shows only what fits: web, state:running, mem>80% (see below)',
    when: ['table'],
    footer: { table: 8 },
  },
  'filter-done': { keys: ['enter', 'tab'], label: 'keep', help: 'Keeps the filter', when: ['filter'], footer: { filter: 1 } },
  'filter-clear': { keys: ['escape'], label: 'clear', help: 'Drops the filter', when: ['filter'], footer: { filter: 2 } },
  'sort-next': { keys: ['>', '.', 'f6'], label: 'sort', help: 'Sorts by the next column to the right', when: ['table'] },
  'sort-previous': { keys: ['<', ','], label: 'sort left', help: 'Sorts by the next column to the left', when: ['table'] },
  'sort-reverse': { keys: ['R', '='], label: 'reverse', help: 'Turns the order around', when: ['table'] },
  'look-oftener': { keys: ['+'], label: 'oftener', help: 'Looks at the node more often', when: ['table'], whyNot: oftenest },
  'look-rarer': { keys: ['-'], label: 'rarer', help: 'Looks at the node less often', when: ['table'], whyNot: rarest },
});

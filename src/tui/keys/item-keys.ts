// A list of a container's parameters, thing by thing: chosen, filled in, removed. Rows of the table of keys.
import { actions } from './action.ts';
import { noItem } from './parameter-why-not.ts';

export const ITEM_KEYS = actions({
  'item-up': {
    keys: ['up', 'k'],
    keysIn: { item: ['up', 'shift-tab', 'ctrl-p'] },
    label: 'up',
    help: 'The line before',
    when: ['items', 'item'],
  },
  'item-down': {
    keys: ['down', 'j'],
    keysIn: { item: ['down', 'tab', 'ctrl-n'] },
    label: 'next field',
    help: 'The next line',
    when: ['items', 'item'],
    footer: { item: 3 },
  },
  'item-edit': {
    keys: ['enter'],
    label: 'change',
    help: 'Changes what is under the cursor; on the last line, adds another',
    when: ['items'],
    changes: true,
    footer: { items: 1 },
  },
  'item-add': { keys: ['a', '+', 'insert'], label: 'add', help: 'Adds another', when: ['items'], changes: true, footer: { items: 2 } },
  'item-remove': {
    keys: ['x', 'delete', 'backspace'],
    label: 'remove',
    help: 'Takes what is under the cursor out of the list; nothing is saved yet',
    when: ['items'],
    whyNot: noItem,
    changes: true,
    footer: { items: 3 },
  },
  'items-save': {
    keys: ['w', 'f2', 'ctrl-o'],
    keysIn: { item: ['f2', 'ctrl-o'] },
    label: 'save',
    help: 'Keeps the list, and shows what saving would do',
    when: ['items', 'item'],
    changes: true,
    footer: { items: 4, item: 2 },
  },
  'item-keep': {
    keys: ['enter'],
    label: 'keep',
    help: 'Keeps it in the list; nothing is saved yet',
    when: ['item'],
    changes: true,
    footer: { item: 1 },
  },
  'item-leave': {
    keys: ['escape'],
    label: 'leave it',
    help: 'Back to the list, which stays as it was',
    when: ['item'],
    footer: { item: 5 },
  },
  'items-leave': {
    keys: ['escape', 'q', 'ctrl-c'],
    label: 'back',
    help: 'Back to the parameters, which keep what was done to the list',
    when: ['items'],
    footer: { items: 5 },
  },
});

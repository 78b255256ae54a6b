// What the removal of a template will do, in sentences, for the dialog before.

import { shellWord } from '../forms/create-form.ts';
import { bytes } from '../screen/figures.ts';
import { usedBy } from '../store/template-rows.ts';
import { type Ask, plural } from './questions.ts';
import { idList, templateOf } from './template-why-not.ts';

export const askRemoveTemplate: Ask = (state) => {
  const row = templateOf(state);
  if (row === null) return null;
  const { users } = usedBy(state, row);
  return {
    ct: null,
    title: `Remove template ${row.label}?`,
    lines: [
      `${row.size > 0 ? `Its archive (${bytes(row.size)}${row.size < 1000 ? ' bytes' : ''}) is` : 'Its tree is'} deleted. There is no way back but to build or fetch it again.`,
      users.length === 0
        ? 'No container was made from it.'
        : `${plural(users.length, 'container')} made from it (${idList(users)}) ${users.length === 1 ? 'has its own copy and goes' : 'have their own copies and go'} on.`,
    ],
    command: `vzdeck template remove ${shellWord(row.label)}`,
    yes: 'remove it',
    no: 'keep it',
    enter: false,
  };
};

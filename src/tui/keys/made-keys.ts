// The list of what became of many containers. Rows of the table of keys.
import { isOver, madeOf, unkept } from '../store/made.ts';
import type { MadeList, ManagerState } from '../store/state.ts';
import { actions } from './action.ts';
import { topView } from './mode.ts';
import { type Ask, plural } from './questions.ts';
import type { WhyNot } from './why-not.ts';

function shownMade(state: ManagerState): MadeList | null {
  const view = topView(state);
  return view.name === 'made' ? madeOf(state, view.task) : null;
}

const askLeave: Ask = (state) => {
  const list = shownMade(state);
  const lost = list === null || !isOver(list) ? 0 : unkept(list);
  if (lost === 0) return null;
  return {
    ct: null,
    title: 'Leave this list?',
    lines: [
      `${plural(lost, 'password')} of root ${lost === 1 ? 'stands' : 'stand'} here and nowhere else. Nobody has copied or saved them.`,
    ],
    command: '',
    yes: 'forget them',
    no: 'stay',
    enter: false,
  };
};

const nothingMade: WhyNot = (state) => (shownMade(state)?.rows.some(({ made }) => made) ? null : 'None of them is made yet');
const nothingRuns: WhyNot = (state) => {
  const list = shownMade(state);
  return list !== null && !isOver(list) ? null : 'All of them have come to an end';
};

export const MADE_KEYS = actions({
  'made-copy': {
    keys: ['y'],
    label: 'copy',
    help: 'Copies the list with its passwords to the clipboard of your terminal',
    when: ['made'],
    whyNot: nothingMade,
    footer: { made: 1 },
  },
  'made-save': {
    keys: ['S', 'w'],
    label: 'save',
    help: 'Writes the list with its passwords into a new file that only root can read',
    when: ['made'],
    whyNot: nothingMade,
    changes: true,
    footer: { made: 2 },
  },
  'made-cancel': {
    keys: ['x'],
    label: 'cancel',
    help: 'Begins no further one; what is being made is undone, what is made stays',
    when: ['made'],
    whyNot: nothingRuns,
    footer: { made: 3 },
  },
  'made-leave': {
    keys: ['escape'],
    label: 'leave',
    help: 'Leaves the list; as long as it is being worked on, its task leads back to it',
    when: ['made'],
    danger: askLeave,
    footer: { made: 4 },
  },
  'made-save-go': {
    keys: ['enter'],
    label: 'save',
    help: 'Writes the file',
    when: ['save'],
    changes: true,
    footer: { save: 1 },
  },
});

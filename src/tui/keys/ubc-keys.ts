// Beancounters of a container: what is refused, what it means, what would be enough. Rows of the table of keys.
import { allBeans, beanUnder } from '../store/ubc.ts';
import { NOT_RUNNING } from '../store/ubc-text.ts';
import { actions } from './action.ts';
import { ABOUT_CT } from './mode.ts';
import { askReset } from './questions.ts';
import { firstOf, noContainer, noEngine, verbRefusal, type WhyNot } from './why-not.ts';

const noBean: WhyNot = (state) => {
  if (beanUnder(state) !== null) return null;
  return allBeans(state).length > 0
    ? 'There is no beancounter under the cursor'
    : (noContainer(state) ?? 'Its beancounters are being read');
};

const notRunning: WhyNot = ({ ubc }) => (ubc.running ? null : NOT_RUNNING);

export const UBC_KEYS = actions({
  beans: {
    keys: ['b'],
    label: 'beans',
    help: 'The beancounters of the container: what is held, what was refused, by whom',
    when: ABOUT_CT,
    whyNot: firstOf(noEngine, noContainer),
    footer: { table: 6.5, container: 3.5 },
  },
  'bean-explain': {
    keys: ['e', 'enter'],
    label: 'explain',
    help: 'What the beancounter is, what happens at its limit, what raises it, and what would be enough',
    when: ['beans'],
    whyNot: noBean,
    footer: { beans: 1 },
  },
  'bean-who': {
    keys: ['w'],
    label: 'who',
    help: 'Looks up which processes hold most of the beancounter now',
    when: ['beans'],
    whyNot: firstOf(noEngine, noBean, notRunning),
    footer: { beans: 3 },
  },
  'bean-set': {
    keys: ['s'],
    label: 'set',
    help: 'Sets its barrier and limit in the form of parameters; where it is explained, what is advised stands in it',
    when: ['beans'],
    whyNot: firstOf(noEngine, noBean),
    changes: true,
    footer: { beans: 2 },
  },
  'bean-history': {
    keys: ['h'],
    label: 'history',
    help: 'How the beancounter was in 15 minutes, 24 hours, 90 days, as far as somebody has looked',
    when: ['beans'],
    whyNot: firstOf(noEngine, noBean),
    footer: { beans: 4 },
  },
  'bean-reset': {
    keys: ['R'],
    label: 'reset counts',
    help: 'Begins the fail counts of the container at 0, and writes its limits into it again',
    when: ['beans'],
    whyNot: firstOf(noEngine, verbRefusal('set')),
    danger: askReset,
    changes: true,
    footer: { beans: 8 },
  },
  'bean-only': {
    keys: ['t'],
    label: 'trouble only',
    help: 'Shows only what was refused or is near its limit, or all again',
    when: ['beans'],
    footer: { beans: 5 },
  },
  'bean-sort': {
    keys: ['>', '.', '<', ',', 'f6'],
    label: 'sort',
    help: 'What needs somebody first, or as /proc/user_beancounters has them',
    when: ['beans'],
    footer: { beans: 7 },
  },
});

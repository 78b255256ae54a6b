// Why: what goes wrong and who is to blame, of the node or of one container. Rows of the table of keys.
import { evidencePlace, sentenceUnder } from '../store/why.ts';
import { actions } from './action.ts';
import { ABOUT_CT } from './mode.ts';
import { firstOf, noEngine, type WhyNot } from './why-not.ts';

const noSentence: WhyNot = (state) => {
  if (sentenceUnder(state) !== null) return null;
  return state.why.asking ? 'It is being found out' : 'There is no sentence under the cursor';
};

const nowhere: WhyNot = (state) => {
  const sentence = sentenceUnder(state);
  if (sentence === null) return noSentence(state);
  return evidencePlace(sentence) === null ? 'It is about the node: the table shows it' : null;
};

const asking: WhyNot = ({ why }) => (why.asking ? 'It is being found out' : null);

export const WHY_KEYS = actions({
  'who-is-to-blame': {
    keys: ['W'],
    label: 'blame',
    help: 'Finds out what goes wrong and who is to blame: in the table on the node, on a screen of a container in that',
    when: [...ABOUT_CT, 'node-beans', 'node-network'],
    whyNot: noEngine,
    footer: { table: 16, container: 3.7, beans: 6, 'node-beans': 4, network: 4, 'node-network': 4 },
  },
  'why-go': {
    keys: ['enter'],
    label: 'go there',
    help: 'To the screen that shows what the sentence is told by',
    when: ['why'],
    whyNot: nowhere,
    footer: { why: 1 },
  },
  'why-again': {
    keys: ['r'],
    label: 'look again',
    help: 'Finds it out anew; it takes somewhat more than a second',
    when: ['why'],
    whyNot: firstOf(noEngine, asking),
    footer: { why: 2 },
  },
});

// Networks: of the node with all containers, and what leads there. Rows of the table of keys.
import { netRowUnder } from '../store/network.ts';
import { actions } from './action.ts';
import { noEngine, type WhyNot } from './why-not.ts';

const noRow: WhyNot = (state) => (netRowUnder(state) === null ? 'There is no container under the cursor' : null);

export const NETWORK_KEYS = actions({
  'network-of-node': {
    keys: ['E'],
    label: 'network',
    help: 'What goes up and down over the links of all containers, and who talks to whom',
    when: ['table'],
    whyNot: noEngine,
  },
  'network-open': {
    keys: ['enter'],
    label: 'open',
    help: 'The container with its network',
    when: ['node-network'],
    whyNot: noRow,
    footer: { 'node-network': 1 },
  },
});

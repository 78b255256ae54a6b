// The beancounters of all containers as a grid. Rows of the table of keys.
import { gridRowUnder } from '../store/ubc-grid.ts';
import { actions } from './action.ts';
import { noEngine, type WhyNot } from './why-not.ts';

const noRow: WhyNot = (state) => (gridRowUnder(state) === null ? 'There is no container under the cursor' : null);

export const GRID_KEYS = actions({
  'beans-of-node': {
    keys: ['N'],
    label: 'grid',
    help: 'The beancounters of all containers as a grid, and what was promised against what the node has',
    when: ['table'],
    whyNot: noEngine,
    footer: { table: 6.7 },
  },
  'grid-open': {
    keys: ['enter'],
    label: 'open',
    help: 'The container with its beancounters, on the one under the cursor',
    when: ['node-beans'],
    whyNot: noRow,
    footer: { 'node-beans': 1 },
  },
  'grid-right': {
    keys: ['right', 'l', 'tab'],
    label: 'columns',
    help: 'The next beancounter',
    when: ['node-beans'],
    footer: { 'node-beans': 2 },
  },
  'grid-left': { keys: ['left', 'h', 'shift-tab'], label: 'column before', help: 'The beancounter before', when: ['node-beans'] },
  'grid-only': {
    keys: ['t'],
    label: 'trouble only',
    help: 'Shows only containers that were refused something or are near a bound, or all again',
    when: ['node-beans'],
    footer: { 'node-beans': 3 },
  },
});

// The first run: the demo and the tour. Rows of the table of keys.
import { actions } from './action.ts';
import { MODES } from './mode.ts';
import { noEngine, type WhyNot } from './why-not.ts';

const notEmpty: WhyNot = (state) =>
  (state.sample?.containers.length ?? 0) === 0 ? null : 'There are containers already: type npm run demo';

export const TOUR_KEYS = actions({
  demo: {
    keys: ['d'],
    label: 'demo',
    help: 'Fills a place of its own with a dozen containers to look around, and takes it away again',
    when: ['table'],
    whyNot: (state) => noEngine(state) ?? notEmpty(state),
    changes: true,
  },
  tour: {
    keys: ['ctrl-g'],
    label: 'tour',
    help: 'A tour of ninety seconds with the keys as they are; again ends it',
    when: MODES.filter((mode) => mode !== 'copy'),
  },
});

// Why: asked when its screen is opened and by its key, since the answer takes two looks at the node; and the way to what a sentence is told by.

import { topView } from '../keys/mode.ts';
import { subjectOf } from '../keys/subject.ts';
import { failureOf } from '../store/failure.ts';
import { placeOf } from '../store/listing.ts';
import type { ManagerState } from '../store/state.ts';
import { NO_LISTING, NO_WHY } from '../store/view-state.ts';
import { showView } from '../store/views.ts';
import { cleanWhy, evidencePlace, sentenceUnder } from '../store/why.ts';
import type { Act } from './act-lists.ts';
import type { Manager } from './manager.ts';

/** What was found before stays on the screen until the new answer is there. */
async function ask({ store, engine, now }: Manager, ct: number | null): Promise<void> {
  const { why } = store.getState();
  const asked = { ...(why.ct === ct ? why : NO_WHY), ct, asking: true, trouble: '' };
  const tell = (told: Partial<ManagerState['why']>): void =>
    store.setState(({ why: now }) => (now === asked ? { why: { ...asked, asking: false, ...told } } : {}));
  store.setState({ why: asked });
  try {
    tell({ answer: cleanWhy(await engine().why(ct)), at: now() });
  } catch (error) {
    tell({ trouble: failureOf(error, ct).message });
  }
}

/** Their key asks about the node, whichever container the cursor is on. */
const ABOUT_NODE: ReadonlySet<string> = new Set(['table', 'node-beans', 'node-network']);

function open(manager: Manager): void {
  const state = manager.store.getState();
  const ct = ABOUT_NODE.has(topView(state).name) ? null : (subjectOf(state)?.id ?? null);
  manager.store.setState(showView(state, { name: 'why', ct }));
  void ask(manager, ct);
}

function go({ store }: Manager): void {
  const state = store.getState();
  const sentence = sentenceUnder(state);
  const place = sentence === null ? null : evidencePlace(sentence);
  if (place === null) return;
  // back from there leads to the sentences again, from wherever they were opened
  const views = [
    ...state.views.filter(({ name }) => name !== 'container'),
    { name: 'container', ct: place.ct },
  ] as unknown as ManagerState['views'];
  const there = { views, tab: place.tab };
  store.setState({ ...there, ...(place.tab === 'beans' ? { listing: { ...NO_LISTING, of: placeOf(there), key: place.bean } } : {}) });
}

export const WHY_ACTS = {
  'who-is-to-blame': open,
  'why-go': go,
  'why-again': (m) => {
    const view = topView(m.store.getState());
    if (view.name === 'why') void ask(m, view.ct);
  },
} as const satisfies Partial<Record<string, Act>>;

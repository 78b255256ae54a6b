// What goes wrong and who is to blame, as it was found out last: one row for each sentence, and where a look at its evidence leads. Pure.
import { ACCOUNT_ROWS, type Sentence, type Why } from '../../engine/index.ts';
import { clean } from '../screen/text.ts';
import { listingOf, placed } from './listing.ts';
import type { ManagerState } from './state.ts';
import type { Tab } from './tabs.ts';
import type { SeenWhy } from './view-state.ts';

const LONGEST = 600;

/** What processes and configs are called stands in sentences. */
export const cleanWhy = ({ sentences, looked }: Why): NonNullable<SeenWhy['answer']> => ({
  looked,
  sentences: sentences.map((one) => ({
    ...one,
    subject: clean(one.subject, LONGEST),
    text: clean(one.text, LONGEST),
    evidence: one.evidence.map((line) => clean(line, LONGEST)),
    remedy: clean(one.remedy, LONGEST),
  })),
});

export interface WhyRow extends Sentence {
  readonly key: string;
}

const rowsOf = new WeakMap<object, readonly WhyRow[]>();

/** The rows of the view on top. */
export function whyRows({ why, views }: ManagerState): readonly WhyRow[] {
  const view = views[views.length - 1];
  if (view?.name !== 'why' || why.answer === null || why.ct !== view.ct) return [];
  const known = rowsOf.get(why.answer);
  if (known !== undefined) return known;
  const rows = why.answer.sentences.map((one, i) => ({ ...one, key: `${one.rule} ${one.id} ${i}` }));
  rowsOf.set(why.answer, rows);
  return rows;
}

/** The sentence under the cursor; null where there is none. */
export function sentenceUnder(state: ManagerState): WhyRow | null {
  const rows = whyRows(state);
  const keys = rows.map(({ key }) => key);
  return rows[placed(listingOf(state), keys, 1).index] ?? null;
}

/** The tab that shows what a rule has looked at; the beancounters where nothing else is said. */
const TABS_OF: Readonly<Record<string, Tab>> = {
  'held-back': 'overview',
  'noisy-neighbour': 'overview',
  spin: 'processes',
  'disk-storm': 'processes',
  stuck: 'processes',
  network: 'overview',
  'short-of-memory': 'overview',
  'disk-full': 'overview',
  'ended-badly': 'log',
  restarts: 'events',
  frozen: 'events',
  unattended: 'overview',
  zombies: 'processes',
};

/** Where its evidence is seen: a container's tab, and the beancounter there. Null: it is about the node. */
export function evidencePlace({
  id,
  rule,
  text,
  evidence,
}: Sentence): { readonly ct: number; readonly tab: Tab; readonly bean: string } | null {
  if (id === 0) return null;
  const words = new Set([text, ...evidence].join(' ').split(/[^a-z]+/));
  return { ct: id, tab: TABS_OF[rule] ?? 'beans', bean: ACCOUNT_ROWS.find((name) => words.has(name)) ?? 'physpages' };
}

// What the palette finds: actions of this screen and of the table, views, containers, and verbs on a container that is named. Pure.
import type { CtSample } from '../../engine/index.ts';
import { ctLabel } from '../store/notices.ts';
import type { ManagerState } from '../store/state.ts';
import { showView } from '../store/views.ts';
import type { Action } from './action.ts';
import { fuzzyPoints, queryWords } from './fuzzy.ts';
import { markedCount } from './marked.ts';
import { ABOUT_CT, modeOf, OF_CT, PLAIN } from './mode.ts';
import { subjectOf } from './subject.ts';
import { actionOf, tableOf, whyNot } from './table.ts';

export interface Entry {
  readonly kind: 'action' | 'view' | 'container';
  /** What is chosen by: "stop 101 web". */
  readonly text: string;
  /** Name in the table of keys; null for a container, which is gone to. */
  readonly action: string | null;
  /** The container that it is about, where that is not the one under the cursor. */
  readonly ct: number | null;
  /** The table is gone to first. */
  readonly fromTable: boolean;
}

/** Moving about and answering is done by the keys themselves. */
const NOT_FOUND = new Set(['up', 'down', 'page-up', 'page-down', 'first', 'last', 'palette', 'back', 'filter-clear']);
/** Containers that are offered with each verb at once. */
const NAMED = 3;
const MOST = 200;

const below = (state: ManagerState): ManagerState => ({ ...state, overlay: null });

/** It works wherever there is a container to be about, and nowhere else. */
const isAbout = ({ when }: Action): boolean =>
  ['table' as const, ...OF_CT].every((mode) => when.includes(mode)) && when.every((mode) => ABOUT_CT.includes(mode));

function actionEntries(state: ManagerState): readonly Entry[] {
  const mode = modeOf(state);
  const ct = subjectOf(state);
  return Object.entries(tableOf(state).rows).flatMap(([action, row]): readonly Entry[] => {
    const here = row.when.includes(mode);
    if (NOT_FOUND.has(action) || (!here && (!row.when.includes('table') || isAbout(row)))) return [];
    const view = (PLAIN as readonly string[]).includes(action);
    const marked = row.counts === markedCount ? markedCount(state) : 0;
    const about = marked > 0 ? ` ${marked} marked` : isAbout(row) && ct !== null ? ` ${ctLabel(ct)}` : '';
    const name = `${row.label}${about}`;
    return [{ kind: view ? 'view' : 'action', text: name, action, ct: null, fromTable: !here }];
  });
}

const HOME: Entry = { kind: 'view', text: 'table', action: null, ct: null, fromTable: true };

const containerEntry = (ct: CtSample): Entry => ({ kind: 'container', text: ctLabel(ct), action: null, ct: ct.id, fromTable: false });

/** Lower-case text of a container that words are looked for in; made once for each sample of it. */
const CT_TEXTS = new WeakMap<CtSample, string>();

function ctText(ct: CtSample): string {
  const known = CT_TEXTS.get(ct);
  if (known !== undefined) return known;
  const text = [ctLabel(ct), ct.hostname, ...ct.ips].filter(Boolean).join(' ').toLowerCase();
  CT_TEXTS.set(ct, text);
  return text;
}

interface Found {
  readonly entry: Entry;
  readonly points: number;
}

function fitting<T>(
  words: readonly string[],
  things: readonly T[],
  text: (thing: T) => string,
  entry: (thing: T) => Entry,
): readonly Found[] {
  return things.flatMap((thing) => {
    const points = fuzzyPoints(words, text(thing));
    return points === null ? [] : [{ entry: entry(thing), points }];
  });
}

/** "stop 102": verbs on containers that the other words name exactly, by number or by name. */
function verbsOnNamed(state: ManagerState, words: readonly string[]): readonly Found[] {
  const named = (state.sample?.containers ?? []).filter(
    (ct) => words.includes(String(ct.id)) || (ct.name !== '' && words.includes(ct.name.toLowerCase())),
  );
  const here = subjectOf(state)?.id;
  return named.slice(0, NAMED).flatMap((ct) => {
    const rest = words.filter((word) => word !== String(ct.id) && word !== ct.name.toLowerCase());
    if (rest.length === 0) return [];
    const verbs = Object.entries(tableOf(state).rows).filter(([, row]) => isAbout(row));
    return fitting(
      rest,
      verbs,
      ([, row]) => row.label.toLowerCase(),
      ([action, row]) => ({
        kind: 'action',
        text: `${row.label} ${ctLabel(ct)}`,
        action,
        // Where others are marked, a container that is named is gone to: it alone is meant.
        ct: ct.id === here && state.marks.size === 0 ? null : ct.id,
        fromTable: false,
      }),
    );
  });
}

/** All that fits a text, the best first; actions come before containers that fit as well. */
export function findEntries(whole: ManagerState, text: string): readonly Entry[] {
  const state = below(whole);
  const words = queryWords(text);
  const actions = [...actionEntries(state), ...(modeOf(state) === 'table' ? [] : [HOME])];
  const label = (entry: Entry): string => (actionOf(state, entry.action ?? '')?.label ?? entry.text).toLowerCase();
  const searched = (entry: Entry): string => `${label(entry)} ${actionOf(state, entry.action ?? '')?.help.toLowerCase() ?? ''}`;
  const byName = fitting(words, actions, label, (entry) => entry);
  const named = new Set(byName.map(({ entry }) => entry));
  const others = actions.filter((entry) => !named.has(entry));
  const byHelp = words.some((word) => word.length > 2) ? fitting(words, others, searched, (entry) => entry) : [];
  const containers = fitting(words, state.sample?.containers ?? [], ctText, containerEntry);
  const sort = (found: readonly Found[]): readonly Found[] => (words.length === 0 ? found : found.toSorted((a, b) => b.points - a.points));
  const verbs = verbsOnNamed(state, words);
  return [...sort([...byName, ...verbs, ...containers]), ...byHelp.filter(({ points }) => points > 0)]
    .slice(0, MOST)
    .map(({ entry }) => entry);
}

/** The state in which an entry's action is asked for: on the screen where it is at home. */
export function stateFor(whole: ManagerState, entry: Entry): ManagerState {
  const state = below(whole);
  if (entry.ct !== null) return { ...state, ...showView(state, { name: 'container', ct: entry.ct }), filtering: false };
  return entry.fromTable ? { ...state, views: [{ name: 'table' }], filtering: false } : state;
}

/** Why an entry can't be done now; null: it can. */
export function entryRefusal(whole: ManagerState, entry: Entry): string | null {
  const row = actionOf(whole, entry.action ?? '');
  return row === null ? null : whyNot(row, stateFor(whole, entry));
}

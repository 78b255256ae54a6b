// Copy mode of the pane under the cursor.
import { modeOf } from '../keys/mode.ts';
import { awaiting, charAgain, charTyped } from '../panes/copy-char.ts';
import { type CopyView, counted, MOTIONS, type MotionName, moved, type SelectionKind, selecting, swapped } from '../panes/copy-view.ts';
import type { History } from '../panes/history.ts';
import type { Pane } from '../panes/pane.ts';
import type { Act } from './act-lists.ts';
import { ask } from './act-panes.ts';
import type { Manager } from './manager.ts';

const paneOf = ({ store, panes }: Manager): Pane | null => panes.find(store.getState().paneCursor);

const onView =
  (make: (view: CopyView, history: History) => CopyView): Act =>
  (manager) =>
    paneOf(manager)?.changeCopy((copy) => copy.change(make));

const motion = (name: MotionName): Act => onView((view, history) => moved(view, history, name));
const MOTION_ACTS = Object.fromEntries((Object.keys(MOTIONS) as MotionName[]).map((name) => [`copy-${name}`, motion(name)])) as Record<
  `copy-${MotionName}`,
  Act
>;

/** A nought is one only behind another digit. */
const count: Act = (manager, key) => {
  const pane = paneOf(manager);
  if (key === '0' && (pane?.copy?.typed ?? '') === '')
    pane?.changeCopy((copy) => copy.change((view, history) => moved(view, history, 'line-start')));
  else if (/^\d$/.test(key)) pane?.changeCopy((copy) => copy.change((view) => counted(view, Number(key))));
};

/** What a motion to a character has waited for; true: the key was meant for it. */
export function takeChar(manager: Manager, text: string): boolean {
  const state = manager.store.getState();
  const pane = paneOf(manager);
  if (modeOf(state) !== 'copy' || !pane?.copy?.awaits) return false;
  pane.changeCopy((copy) => copy.change((view, history) => charTyped(view, history, text)));
  return true;
}

const select = (kind: SelectionKind): Act => onView((view) => selecting(view, kind));

/** What is selected goes to the clipboard, and the pane back to its live screen. */
export function yank({ store, terminal }: Manager, pane: Pane): void {
  const text = pane.copyText;
  const refusal = terminal.copy(text);
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  const said = lines > 1 ? `${lines} lines` : `${[...text].length} characters`;
  store.setState({ hint: refusal ?? `Copied ${said} to your clipboard` });
  if (refusal === null) pane.endCopy();
}

const find =
  (asks: 'search' | 'search-back'): Act =>
  (manager) => {
    paneOf(manager)?.beginCopy();
    manager.store.setState(ask(asks));
  };

function again(manager: Manager, same: boolean): void {
  const pane = paneOf(manager);
  if (pane?.copy?.sought === '') manager.store.setState({ hint: 'Nothing has been searched for yet; / does' });
  else pane?.changeCopy((copy) => copy.seekAgain(same));
}

export const COPY_ACTS = {
  ...MOTION_ACTS,
  'pane-copy': (m) => paneOf(m)?.beginCopy(),
  'pane-find': find('search-back'),
  'copy-count': count,
  'copy-line-start': (manager, key) => (key === '0' ? count(manager, key) : motion('line-start')(manager, key)),
  'copy-char': onView((view) => awaiting(view, true, false)),
  'copy-char-back': onView((view) => awaiting(view, false, false)),
  'copy-till': onView((view) => awaiting(view, true, true)),
  'copy-till-back': onView((view) => awaiting(view, false, true)),
  'copy-char-again': onView((view, history) => charAgain(view, history, true)),
  'copy-char-other': onView((view, history) => charAgain(view, history, false)),
  'copy-select': select('chars'),
  'copy-select-lines': select('lines'),
  'copy-select-block': select('block'),
  'copy-swap': onView(swapped),
  'copy-yank': (m) => {
    const pane = paneOf(m);
    if (pane !== null) yank(m, pane);
  },
  'copy-find': find('search'),
  'copy-find-back': find('search-back'),
  'copy-find-next': (m) => again(m, true),
  'copy-find-other': (m) => again(m, false),
  'copy-clear': (m) => {
    const pane = paneOf(m);
    if (pane?.copy && pane.copy.typed !== '') pane.changeCopy((copy) => copy.change((view) => ({ ...view, count: 0 })));
    else if (pane?.copy?.selects) pane.changeCopy((copy) => copy.change((view) => ({ ...view, anchor: null })));
    else pane?.endCopy();
  },
  'copy-leave': (m) => paneOf(m)?.endCopy(),
  'copy-help': ({ store }) => store.setState({ overlay: { kind: 'help', top: 0 } }),
} as const satisfies Partial<Record<string, Act>>;

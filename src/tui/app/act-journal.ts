// The journal opened; and the line that does again what was done, brought to the clipboard.
import { lineInput } from '../forms/line-input.ts';
import { copyText } from '../keys/copy-text.ts';
import { topView } from '../keys/mode.ts';
import { listingOf } from '../store/listing.ts';
import { showView } from '../store/views.ts';
import type { Act } from './act-lists.ts';
import type { Manager } from './manager.ts';

/** From a container, what was done to it. */
function open(manager: Manager): void {
  const before = topView(manager.store.getState());
  manager.store.setState((state) => showView(state, { name: 'journal' }));
  const find = lineInput(before.name === 'container' ? `ct:${before.ct} ` : '');
  manager.store.setState((state) => ({ listing: { ...listingOf(state), find, key: '', index: 0, top: 0 } }));
}

function copyLine({ store, terminal }: Manager): void {
  const line = copyText(store.getState());
  store.setState({ hint: terminal.copy(line) ?? `Copied: ${line.replaceAll('\n', '; ')}` });
}

export const JOURNAL_ACTS = {
  journal: open,
  'copy-line': copyLine,
} as const satisfies Partial<Record<string, Act>>;

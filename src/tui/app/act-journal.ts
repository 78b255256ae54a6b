// The journal: opened and read anew; and the line that does again what was done, brought to the clipboard.
import { lineInput } from '../forms/line-input.ts';
import { copyText } from '../keys/copy-text.ts';
import { topView } from '../keys/mode.ts';
import { failureOf } from '../store/failure.ts';
import { MOST_ENTRIES, seenJournal } from '../store/journal-rows.ts';
import { listingOf } from '../store/listing.ts';
import { showView } from '../store/views.ts';
import type { Act } from './act-lists.ts';
import type { Manager } from './manager.ts';

function read(manager: Manager): void {
  try {
    manager.store.setState({ journal: seenJournal(manager.engine().journal(MOST_ENTRIES), manager.now()) });
  } catch (error) {
    manager.store.setState({ hint: failureOf(error).message });
  }
}

/** From a container, what was done to it. */
function open(manager: Manager): void {
  read(manager);
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
  'journal-again': read,
  'copy-line': copyLine,
} as const satisfies Partial<Record<string, Act>>;

// The journal as rows that are looked through, the newest first. Pure.
import type { JournalPart } from '../../engine/index.ts';
import { clean } from '../screen/text.ts';
import { finder, listingOf } from './listing.ts';
import type { ManagerState } from './state.ts';
import type { JournalRow, SeenJournal } from './view-state.ts';

/** What is read of the journal. */
export const MOST_ENTRIES = 2000;

export function seenJournal({ entries, damaged }: JournalPart): SeenJournal {
  const same = new Map<string, number>();
  const rows = entries.map((entry) => {
    // A row keeps its key when others come.
    const moment = `${entry.at} ${entry.pid} ${entry.id} ${entry.verb}`;
    const times = (same.get(moment) ?? 0) + 1;
    same.set(moment, times);
    const { verb, result, detail, command, program, user, from } = entry;
    const texts = {
      verb: clean(verb, 32),
      result: clean(result, 32),
      program: clean(program, 32),
      user: clean(user, 64),
      from: clean(from, 80),
    };
    const long = { detail: clean(detail, 1000), command: clean(command, 1000) };
    return { key: `${moment} ${times}`, at: Date.parse(entry.at), entry: { ...entry, ...texts, ...long } };
  });
  return { rows: rows.reverse(), damaged };
}

/** What is searched in a row: its container as `ct:101` too, and `failed` where it did not end well. */
function searched({ entry }: JournalRow): string {
  const { id, verb, result, detail, command, program, user, from } = entry;
  return [`ct:${id}`, verb, result, result === 'ok' ? '' : 'failed', user, from, program, command, detail].join(' ');
}

export function journalRows(state: ManagerState): readonly JournalRow[] {
  const { text } = listingOf(state).find;
  const rows = state.journal?.rows ?? [];
  if (text.trim() === '') return rows;
  const matches = finder(text);
  return rows.filter((row) => matches(searched(row)));
}

// What has happened to the container that is looked at, the newest first: deeds out of the journal, whoever did them, and what nobody did. Pure.
import type { JournalEntry } from '../../engine/index.ts';
import { clean } from '../screen/text.ts';
import { finder, listingOf } from './listing.ts';
import type { Tone } from './notice.ts';
import type { ManagerState } from './state.ts';

export interface EventRow {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly tone: Tone;
  readonly text: string;
  /** The line that did it; "" where nobody did. */
  readonly command: string;
}

/** Names and details may come from anywhere. */
export const cleanDeed = (entry: JournalEntry): JournalEntry => ({
  ...entry,
  verb: clean(entry.verb),
  result: clean(entry.result),
  detail: clean(entry.detail, 1000),
  command: clean(entry.command, 1000),
  user: clean(entry.user),
  from: clean(entry.from),
});

/** "start by root from 10.0.0.7, 0.4 s", "stop by root failed: Unable to stop container: operation timed out". */
function deedText({ verb, result, detail, user, from, ms }: JournalEntry): string {
  const who = `${user === '' ? '' : ` by ${user}`}${from === '' ? '' : ` from ${from}`}`;
  if (result !== 'ok') return `${verb}${who} failed: ${detail || result}`;
  return `${verb}${detail === '' ? '' : ` ${detail}`}${who}${ms < 1000 ? '' : `, ${(ms / 1000).toFixed(1)} s`}`;
}

const deed = (entry: JournalEntry, at: number): EventRow => ({
  key: `deed ${entry.at} ${entry.pid} ${at}`,
  at: Date.parse(entry.at),
  tone: entry.result === 'ok' ? 'normal' : 'alarm',
  text: deedText(entry),
  command: entry.command,
});

let last: { readonly asked: readonly unknown[]; readonly rows: readonly EventRow[] } | null = null;

/** The rows of the view on top. What this manager did stands in the journal, so that only what nobody did is taken from its own notices. */
export function eventRows(state: ManagerState): readonly EventRow[] {
  const view = state.views[state.views.length - 1];
  if (view?.name !== 'container') return [];
  const journal = state.looked.ct === view.ct ? state.looked.journal : [];
  const { text } = listingOf(state).find;
  const asked = [state.notices, journal, text, view.ct];
  if (last?.asked.every((one, i) => one === asked[i])) return last.rows;
  const matches = finder(text);
  const seen = state.notices
    .filter((notice) => notice.ct === view.ct && notice.command === '')
    .map((notice, at): EventRow => ({ ...notice, key: `seen ${notice.at} ${at}` }));
  const rows = [...seen, ...journal.map(deed)].filter((row) => matches(`${row.text} ${row.command}`)).sort((a, b) => b.at - a.at);
  last = { asked, rows };
  return rows;
}

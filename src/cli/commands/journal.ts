// vzdeck journal: who did what when with which result, for people as lines, for programs as one JSON array.
import { drawable, type Engine, type JournalEntry } from '../../engine/index.ts';
import { scanOptions } from '../args.ts';
import { CliExit, type OptionRow } from '../command.ts';
import { localTime } from '../format/local-time.ts';

const LAST: OptionRow = { name: 'last', value: true, hint: 'N', help: 'so many of the newest (without it: 100; all with 0)' };
const USUAL = 100;

const took = (ms: number): string =>
  ms < 10_000 ? `${(ms / 1000).toFixed(1)}s` : ms < 120_000 ? `${Math.round(ms / 1000)}s` : `${Math.round(ms / 60_000)}m`;

/** So much of what was before stands on a line; --json has all of it. */
const MOST_CHANGES = 3;
const MOST_TEXT = 40;

/** " (NUMPROC was 120, NAME was not set and 2 more)"; "" where nothing was changed. */
function changes(changed: JournalEntry['changed']): string {
  const told = changed.map(({ key, before }) => `${key} was ${before || 'not set'}`).filter((text) => text.length <= MOST_TEXT);
  const shown = told.slice(0, MOST_CHANGES);
  const more = changed.length - shown.length;
  const rest = more === 0 ? [] : [shown.length === 0 ? `${more} ${more === 1 ? 'value' : 'values'} changed` : `${more} more`];
  return changed.length === 0 ? '' : ` (${[shown.join(', '), ...rest].filter(Boolean).join(' and ')})`;
}

function line({ at, id, verb, result, detail, ms, command, changed, program, user, uid, from }: JournalEntry): string {
  const who = `${user || (verb === 'exited' ? 'itself' : uid)}${from === '' ? '' : ` (${from})`}`;
  const said = [`${command}${changes(changed)}`.trim(), detail].filter(Boolean).join(': ');
  const cells = [localTime(at), (id === 0 ? '-' : String(id)).padStart(5), verb.padEnd(9), result.padEnd(9), took(ms).padStart(6)];
  return drawable(`${cells.join('  ')}  ${who}${program === '' ? '' : `, ${program}`}${said === '' ? '' : `  ${said}`}`);
}

function idsOf(engine: Engine, words: readonly string[]): readonly number[] {
  return words.map((word) => {
    const id = engine.idOf(word);
    if (id === null) throw new CliExit(21, `Bad CT ID ${word}`);
    return id;
  });
}

/** All containers' deeds, or those of the given ones; containers that are gone have theirs as well. */
export function journal(engine: Engine, words: readonly string[], json: boolean): void {
  let last = USUAL;
  const operands = scanOptions(words, [LAST], ({ value }) => {
    if (!/^\d{1,6}$/.test(value)) throw new CliExit(20, `--last takes a number, not ${value}`);
    last = Number(value) || Number.MAX_SAFE_INTEGER;
  });
  const ids = idsOf(engine, operands);
  const parts = ids.length === 0 ? [engine.journal(last)] : ids.map((id) => engine.journal(last, id));
  const entries = parts.flatMap((part) => part.entries).sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
  if (json) process.stdout.write(`${JSON.stringify(entries)}\n`);
  else if (entries.length === 0) process.stdout.write('Nothing has been done yet\n');
  else for (const entry of entries.slice(-last)) process.stdout.write(`${line(entry)}\n`);
  const damaged = Math.max(...parts.map((part) => part.damaged));
  if (damaged > 0) process.stderr.write(`${damaged} damaged ${damaged === 1 ? 'line was' : 'lines were'} left out\n`);
}

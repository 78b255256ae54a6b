// vzdeck journal: who did what when with which result, for people as lines, for programs as one JSON array.
import { drawable, type Engine, type JournalEntry } from '../../engine/index.ts';
import { scanOptions } from '../args.ts';
import { CliExit, type OptionRow } from '../command.ts';

const LAST: OptionRow = { name: 'last', value: true, hint: 'N', help: 'so many of the newest (without it: 100; all with 0)' };
const USUAL = 100;

/** The node's own time, as `ls -l --time-style=long-iso` has it, with seconds. */
function localTime(at: string): string {
  const time = new Date(at);
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

const took = (ms: number): string =>
  ms < 10_000 ? `${(ms / 1000).toFixed(1)}s` : ms < 120_000 ? `${Math.round(ms / 1000)}s` : `${Math.round(ms / 60_000)}m`;

function line({ at, id, verb, result, detail, ms, command, program, user, uid, from }: JournalEntry): string {
  const who = `${user || (verb === 'exited' ? 'itself' : uid)}${from === '' ? '' : ` (${from})`}`;
  const said = [command, detail].filter(Boolean).join(': ');
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

// vzdeck who: the processes of one container that hold most of a beancounter, for people as a table, for programs as one JSON array.
import { drawable, type Engine, humanBytes, UNIT_BYTES, type Who, type WhoLine } from '../../engine/index.ts';
import { CliExit } from '../command.ts';
import { knownContainers } from '../select.ts';

/** What most questions are about. */
const USUAL = ['numproc', 'physpages'];

const HEAD = ['AMOUNT', 'SHARE', 'PID', 'INSIDE', 'WHAT', 'COMMAND'];
/** Columns with figures. */
const RIGHT = new Set([0, 1, 2, 3]);
const WHAT = HEAD.indexOf('WHAT');
const WHAT_WIDTH = 48;

const amount = ({ unit }: Who, n: number): string => (unit === 'items' ? String(n) : humanBytes(Math.round(n * (UNIT_BYTES[unit] ?? 1))));

function cells(asked: Who, { what, pid, inner, parent, command, amount: held, share }: WhoLine): readonly string[] {
  const begun = parent === null ? '' : ` (begun by ${parent.name}, ${parent.pid})`;
  return [
    amount(asked, held),
    `${Math.round(100 * share)}%`,
    pid === null ? '-' : String(pid),
    inner === null ? '-' : String(inner),
    what,
    command === '' ? '-' : `${command}${begun}`,
  ];
}

/** Lines of one answer, notes last. */
export function whoLines(asked: Who, room: number, indent = ''): readonly string[] {
  const rows = asked.lines.length === 0 ? [] : [HEAD, ...asked.lines.map((line) => cells(asked, line))];
  const widths = HEAD.map((_, at) => Math.min(at === WHAT ? WHAT_WIDTH : room, Math.max(0, ...rows.map((row) => (row[at] ?? '').length))));
  const pad = (text: string, at: number): string => (RIGHT.has(at) ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0));
  const lines = rows.map((row) => row.map(pad).join('  ').trimEnd());
  return [...lines, ...asked.notes.map((note) => `(${note})`)].map((line) => `${indent}${drawable(line)}`.slice(0, room));
}

export async function who(engine: Engine, words: readonly string[], json: boolean): Promise<void> {
  const [container, ...names] = words;
  if (container === undefined) throw new CliExit(21, 'Which container? vzdeck who takes one, and names of beancounters');
  const [id = 0, more] = knownContainers(engine, [container]);
  if (more !== undefined) throw new CliExit(21, `vzdeck who takes one container, and ${container} means several`);
  const answers: Who[] = [];
  for (const name of names.length === 0 ? USUAL : names) {
    const answer = await engine.who(id, name.toLowerCase());
    if (answer === null) throw new CliExit(20, `${name} is no beancounter: vzdeck params lists them`);
    answers.push(answer);
  }
  if (json) {
    process.stdout.write(`${JSON.stringify(answers)}\n`);
    return;
  }
  const room = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
  for (const answer of answers) {
    const found = answer.lines.length === 0 ? 'nobody' : amount(answer, answer.held);
    process.stdout.write(`${id}: ${answer.name}, ${found} found\n`);
    for (const line of whoLines(answer, room, '  ')) process.stdout.write(`${line}\n`);
  }
}

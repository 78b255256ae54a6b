// What a rule says, and the words that all rules share.
import { setLine } from '../params/change-to.ts';
import type { Unit } from '../params/types.ts';
import { adviceBeyond } from '../ubc-sense.ts';
import { grouped, humanBytes, UNIT_BYTES, UNLIMITED } from '../units.ts';
import type { WhoLine } from '../who.ts';
import type { ChangeEvidence, CtEvidence, Evidence, ProcessEvidence, RowEvidence, WhenEvidence } from './evidence.ts';

/** alarm: something is refused, killed or stands still now. warning: it goes there, or others suffer. note: worth knowing, and no trouble. */
export type Severity = 'alarm' | 'warning' | 'note';
export const SEVERITIES: readonly Severity[] = ['alarm', 'warning', 'note'];

export interface Sentence {
  /** Id of the rule that says it. */
  readonly rule: string;
  readonly severity: Severity;
  /** CTID; 0 is the node. */
  readonly id: number;
  /** "101 (web)", or the node's name. */
  readonly subject: string;
  /** Begins with a small letter, as it stands behind the subject; no full stop. Harmless to draw, but long where names inside are. */
  readonly text: string;
  /** What it is told by, a line each. Never empty. */
  readonly evidence: readonly string[];
  /** A line to type; "" where none is sensible. */
  readonly remedy: string;
}

/** What a rule has found in one container, or in the node. */
export interface Found {
  readonly severity: Severity;
  readonly text: string;
  readonly evidence: readonly string[];
  readonly remedy: string;
  /** Orders what one rule says of several. */
  readonly weight: number;
}

export interface Rule {
  readonly id: string;
  /** For people: when it speaks, with its bounds; and what it looks at. */
  readonly when: string;
  readonly looksAt: string;
  /** Not of a container of which one of these rules has spoken: they tell the same, and why. */
  readonly unless?: readonly string[];
  readonly says: Severity;
  readonly ofNode?: (evidence: Evidence) => readonly Found[];
  readonly ofContainer?: (ct: CtEvidence, evidence: Evidence) => readonly Found[];
}

export const some = (n: number, one: string, many = `${one}s`): string => `${grouped(n)} ${n === 1 ? one : many}`;

/** "4 minutes", "1.3 s", "2 hours". */
export function span(seconds: number): string {
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return some(Math.round(seconds / 60), 'minute');
  return seconds < 172_800 ? some(Math.round(seconds / 3600), 'hour') : some(Math.round(seconds / 86_400), 'day');
}

export const percent = (n: number): string => `${n < 10 ? Math.round(n * 10) / 10 : Math.round(n)} %`;
export const bytes = (n: number): string => humanBytes(Math.round(n));
export const rate = (n: number): string => `${bytes(n)}/s`;

/** In what it is counted. */
type Counted = { readonly unit: Unit };

export function amount({ unit }: Counted, n: number): string {
  const factor = UNIT_BYTES[unit];
  return factor === undefined ? grouped(n) : bytes(n * factor);
}

/** Longest command that stands in a sentence or its evidence. */
const COMMAND = 60;
const shortened = (text: string): string => (text.length > COMMAND ? `${text.slice(0, COMMAND - 1)}…` : text);

export const called = ({ pid, inner, command }: Pick<ProcessEvidence, 'pid' | 'inner' | 'command'>): string =>
  `${shortened(command)} (pid ${pid}${inner === null ? '' : `, ${inner} inside`})`;

/** Who holds at least this part is named in the sentence. */
const HOLDS_MUCH = 0.3;

/** "apache2 holds 57"; "" where nobody stands out. */
export function culprit(row: Counted & { readonly name?: string }, lines: readonly WhoLine[] = []): string {
  const [first] = lines;
  if (first === undefined || first.share < HOLDS_MUCH) return '';
  // the kernel tells of a process which signals wait, not how many
  if (row.name === 'numsiginfo') return `${first.name} lets them wait`;
  return first.pid === null ? `${amount(row, first.amount)} are ${first.what}` : `${first.name} holds ${amount(row, first.amount)}`;
}

/** One line for each of the greatest. */
export function holders(row: Counted, lines: readonly WhoLine[] = [], most = 3): readonly string[] {
  return lines.slice(0, most).map((line) => {
    if (line.pid === null) return `${amount(row, line.amount)}: ${line.what}`;
    const { name, command, what, parent } = line;
    // what has given itself a name, or was begun by another program, does not show in its command line
    const known = command.includes(name) ? command : `${name}, ${command}`;
    const begun = parent === null ? '' : `begun by ${parent.name} (pid ${parent.pid})`;
    const parts = [called({ ...line, pid: line.pid, command: known }), what === 'process' ? '' : what, begun];
    return `${amount(row, line.amount)}: ${parts.filter(Boolean).join(', ')}`;
  });
}

/** The first number of a value, Infinity for none: what refuses is the barrier where both are given. */
const firstOf = (value: string): number => {
  const [barrier = '', limit = barrier] = value.split(':');
  const one = (text: string): number => (text === 'unlimited' ? Number.POSITIVE_INFINITY : Number.parseInt(text, 10));
  return one(barrier) || one(limit);
};

/** The newest change of a parameter, if it took something away. */
export function lowered(changes: readonly ChangeEvidence[], key: string): ChangeEvidence | null {
  const newest = changes.find((change) => change.key === key);
  return newest && newest.before !== '' && firstOf(newest.after) < firstOf(newest.before) ? newest : null;
}

/** The newest change of a parameter, if it gave something in these last seconds. */
export function raised(changes: readonly ChangeEvidence[], key: string, seconds: number): ChangeEvidence | null {
  const newest = changes.find((change) => change.key === key);
  return newest && newest.before !== '' && newest.ago <= seconds && firstOf(newest.after) > firstOf(newest.before) ? newest : null;
}

/** The value that it was lowered from; "" where it was not, or nothing bounded it before: no end of it is no advice. */
export function loweredFrom(change: ChangeEvidence | null): string {
  return change !== null && firstOf(change.before) < Number(UNLIMITED) ? change.before : '';
}

/** How a person calls a stored value: "120", "120:140", "256 MiB". */
function valueText(value: string, row: Counted): string {
  return [...new Set(value.split(':').filter((part) => part !== '0'))]
    .map((part) => (/^\d+$/.test(part) ? amount(row, Number(part)) : part))
    .join(':');
}

const through = ({ program, verb }: ChangeEvidence): string =>
  program === 'manager' ? 'in the manager' : `by \`${program || 'vzctl'} ${verb}\``;

/** "the limit was lowered from 120 by `vzctl set` 4 minutes ago"; without `row` the value as it is stored. */
export const loweredText = (change: ChangeEvidence, row: Counted): string =>
  `the limit was lowered from ${valueText(change.before, row)} ${through(change)} ${span(change.ago)} ago`;

/** "the limit was raised from 20 to 60 by `vzctl set` 4 minutes ago" */
export const raisedText = (change: ChangeEvidence, row: Counted): string =>
  `the limit was raised from ${valueText(change.before, row)} to ${valueText(change.after, row)} ${through(change)} ${span(change.ago)} ago`;

export function changeLine(change: ChangeEvidence): string {
  const whose = [change.user, change.from && `(${change.from})`].filter(Boolean).join(' ');
  const said = change.command === '' ? '' : `: ${change.command}`;
  return `journal, ${span(change.ago)} ago${whose === '' ? '' : `, ${whose}`}${said} (${change.key} was ${change.before || 'not set'})`;
}

/** What would be enough of it, as the manager advises too; "" where nobody can say. */
export function remedyOf({ id, changes }: Pick<CtEvidence, 'id' | 'changes'>, row: RowEvidence): string {
  const key = row.name.toUpperCase();
  const advice = adviceBeyond(row, row.limit, loweredFrom(lowered(changes, key)));
  return advice === null ? '' : setTo(id, key, advice.value);
}

/** The line that sets a stored value and keeps it. */
export const setTo = (id: number, key: string, value: string): string => setLine(id, new Map([[key, { set: value }]]), true);

/** "in the last minute" where the history tells, else since the first look. */
export const during = (seconds: number): string => `in the last ${seconds === 60 ? 'minute' : seconds === 3600 ? 'hour' : span(seconds)}`;

/** "45 % of the last 1.4 s": the kernel's pressure between the looks. */
export const ofTime = (part: number, seconds: number): string => `${percent(part)} of the last ${span(seconds)}`;

/** "12 minutes ago", "between 47 and 12 minutes ago": as close as the history tells; without one "in the last hour", which is as far as it is asked. */
export function atTime(when: WhenEvidence | null): string {
  if (when === null) return during(3600);
  const [first, last] = [span(when.first), span(when.last)];
  if (first === last) return `${first} ago`;
  const [, count = first, unit = ''] = /^([\d.]+) (\D+)$/.exec(first) ?? [];
  return `between ${last.endsWith(` ${unit}`) ? count : first} and ${last} ago`;
}

/** The clauses of a sentence, those that are empty left out. */
export const sentence = (...clauses: readonly string[]): string => clauses.filter(Boolean).join('; ');

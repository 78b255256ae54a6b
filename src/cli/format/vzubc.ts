// vzubc's table, to the byte. Knows rows and watermarks, no file.
import {
  type Concern,
  concernOf,
  inPages,
  isUnlimited,
  shortAmount,
  shortPercent,
  type TextRow,
  type Watermarks,
} from '../../engine/index.ts';

export interface UbcRowShown extends TextRow {
  /** Text of the +/- column; "" where there is none. */
  readonly change: string;
}

export interface UbcTableOptions {
  readonly marks: Watermarks;
  /** Only what is near its barrier or over it. */
  readonly quiet: boolean;
  /** Rows without a barrier as well. */
  readonly verbose: boolean;
  readonly color: boolean;
  /** failcnt since the last run. */
  readonly relative: boolean;
  /** With a column of what held has changed since the last run. */
  readonly incremental: boolean;
}

const RULE = '--------------------------------------------------------------------';
const OFF = '\x1b[0;39m';
const COLORS: Readonly<Record<Concern, string>> = { none: OFF, near: '\x1b[1;33m', over: '\x1b[1;31m' };
const HEAD = '\x1b[1;32m';

const rule = ({ incremental }: UbcTableOptions): string => (incremental ? `${RULE}-------` : RULE);

function head(id: number | null, options: UbcTableOptions): string {
  const { relative, incremental } = options;
  const change = incremental ? '  +/-  ' : '';
  const fail = relative ? '+FAIL' : ' FAIL';
  return [
    rule(options),
    `CT ${String(id ?? '').padEnd(10)}| HELD${change}  Bar%  Lim%| MAXH  Bar%  Lim%| BAR | LIM |${fail}`,
    `-------------+-----------------${incremental ? '-------' : ''}+-----------------+-----+-----+------`,
  ].join('\n');
}

function line({ name, held, maxheld, barrier, limit, failcnt, change }: UbcRowShown, { incremental }: UbcTableOptions): string {
  const amount = (value: bigint): string => shortAmount(value, inPages(name)).padStart(5);
  const percent = (part: bigint, whole: bigint): string => shortPercent(part, whole).padStart(5);
  return [
    name.padStart(13),
    `${amount(held)}${incremental ? change.padStart(7) : ''} ${percent(held, barrier)} ${percent(held, limit)}`,
    `${amount(maxheld)} ${percent(maxheld, barrier)} ${percent(maxheld, limit)}`,
    amount(barrier),
    amount(limit),
    ` ${shortAmount(failcnt).padStart(5)}`,
  ].join('|');
}

/** Rows that are shown: with a barrier, or changed, or all. */
function shown(row: UbcRowShown, { quiet, verbose, marks }: UbcTableOptions): boolean {
  if (quiet) return concernOf(row, marks) !== 'none';
  return verbose || !isUnlimited(row.barrier) || row.change !== '';
}

/** One container; "" when nothing of it is shown. */
export function ubcBlock(id: number | null, rows: readonly UbcRowShown[], options: UbcTableOptions): string {
  const kept = rows.filter((row) => shown(row, options));
  if (kept.length === 0) return '';
  const top = head(id, options);
  const body = kept.map((row) => {
    const text = line(row, options);
    return options.color ? `${COLORS[concernOf(row, options.marks)]}${text}\n${OFF}` : `${text}\n`;
  });
  return `${options.color ? `${HEAD}${top}${OFF}` : top}\n${body.join('')}`;
}

/** All of them, with a rule below. */
export function ubcTable(blocks: readonly string[], options: UbcTableOptions): string {
  const full = blocks.filter((block) => block !== '');
  return full.length === 0 ? '' : `${full.join('\n')}${rule(options)}\n`;
}

// The texts of /proc/user_beancounters and /proc/bc, version 2.5: read, and printed to the byte as kernels of OpenVZ did (kernel/bc/proc.c).
// Knows no container, and nothing of where figures come from.
import { type CtUbc, ROW_ORDER, type UbcRow } from './ubc-rows.ts';
import { putFigure, WIDE } from './wide-column.ts';

export const UBC_VERSION = '2.5';

/** Figures as they stand, up to 2^64 - 1. */
export interface TextRow {
  readonly name: string;
  readonly held: bigint;
  readonly maxheld: bigint;
  readonly barrier: bigint;
  readonly limit: bigint;
  readonly failcnt: bigint;
}

/** The rows of one beancounter; without an id those of /proc/bc/ID/resources, which does not say whose they are. */
export interface TextUbc {
  readonly id: number | null;
  readonly rows: readonly TextRow[];
}

export interface UbcText {
  /** What stands behind "Version:"; null for a text without it. */
  readonly version: string | null;
  /** Columns of a figure: 20, or 10 on kernels of 32 bits. */
  readonly width: number;
  readonly accounts: readonly TextUbc[];
}

const COLUMNS = ['held', 'maxheld', 'barrier', 'limit', 'failcnt'] as const;
const NARROW = 10;
const FIGURE = /^\d{1,20}$/;

function rowOf(words: readonly string[]): TextRow | null {
  const [name = '', ...figures] = words;
  if (!/^[a-z]+$/.test(name) || figures.length < COLUMNS.length || !figures.every((figure) => FIGURE.test(figure))) return null;
  const [held = 0n, maxheld = 0n, barrier = 0n, limit = 0n, failcnt = 0n] = figures.map(BigInt);
  return { name, held, maxheld, barrier, limit, failcnt };
}

/** Reads any of these files, dummies included. Lines that say nothing of a beancounter are passed over: whoever asks looks at `version` first. */
export function parseUbcText(text: string): UbcText {
  let version: string | null = null;
  let width = WIDE;
  const accounts: { id: number | null; rows: TextRow[] }[] = [];
  for (const line of text.split('\n')) {
    const words = line.trim().split(/\s+/);
    if (words[0] === 'Version:') version = words.slice(1).join(' ');
    // up to the end of "held" on narrow kernels: "       uid  resource           held"
    else if (words[0] === 'uid') width = line.indexOf('held') > 24 + NARROW ? WIDE : NARROW;
    else {
      const id = /^(\d{1,10}):$/.exec(words[0] ?? '')?.[1];
      const row = rowOf(id === undefined ? words : words.slice(1));
      if (id !== undefined) accounts.push({ id: Number(id), rows: [] });
      if (row && accounts.length === 0) accounts.push({ id: null, rows: [] });
      if (row) accounts.at(-1)?.rows.push(row);
    }
  }
  return { version, width, accounts };
}

const line = (uid: string, name: string, figures: readonly (string | bigint)[], width: number): string =>
  `${uid.padStart(10)}  ${name.padEnd(12)} ${figures.map((figure) => String(figure).padStart(width)).join(' ')}\n`;

const rowLine = (row: TextRow, uid: string, width: number): string =>
  line(
    uid,
    row.name,
    COLUMNS.map((column) => row[column]),
    width,
  );

const lines = ({ id, rows }: TextUbc, width: number): string =>
  rows.map((row, at) => rowLine(row, at === 0 && id !== null ? `${id}:` : '', width)).join('');

/** The way back from parseUbcText. */
export function printUbcText({ version, width, accounts }: UbcText): string {
  const head = version === null ? '' : `Version: ${version}\n${line('uid', 'resource', COLUMNS, width)}`;
  return head + accounts.map((account) => lines(account, width)).join('');
}

const DUMMY: TextRow = { name: 'dummy', held: 0n, maxheld: 0n, barrier: 0n, limit: 0n, failcnt: 0n };

const figures = ({ name, held, maxheld, barrier, limit, failcnt }: UbcRow): TextRow => ({
  name,
  held: BigInt(Math.round(held)),
  maxheld: BigInt(Math.round(maxheld)),
  barrier,
  limit,
  failcnt: BigInt(Math.round(failcnt)),
});

/** Which rows a file has: user_beancounters keeps dummies in the places of old and knows no swappages, /proc/bc the other way round. */
export type UbcFile = 'user_beancounters' | 'bc';

/** An account with the rows of this file, in its order. */
export function textUbc({ id, rows }: CtUbc, file: UbcFile): TextUbc {
  const named = new Map(rows.map((row) => [row.name, row]));
  const old = file === 'user_beancounters';
  const shown = ROW_ORDER.flatMap((name): readonly TextRow[] => {
    if (name === 'dummy') return old ? [DUMMY] : [];
    const row = name === 'swappages' && old ? undefined : named.get(name);
    return row ? [figures(row)] : [];
  });
  return { id, rows: shown };
}

const whole = (accounts: readonly CtUbc[], file: UbcFile): UbcText => ({
  version: UBC_VERSION,
  width: WIDE,
  accounts: accounts.map((account) => textUbc(account, file)),
});

/** /proc/user_beancounters: of all containers on the node, of itself alone inside one. */
export const userBeancountersText = (accounts: readonly CtUbc[]): string => printUbcText(whole(accounts, 'user_beancounters'));

/** /proc/bc/resources. */
export const bcResourcesText = (accounts: readonly CtUbc[]): string => printUbcText(whole(accounts, 'bc'));

/** /proc/bc/ID/resources: rows alone. */
export const ctResourcesText = (account: CtUbc): string =>
  printUbcText({ version: null, width: WIDE, accounts: [{ ...textUbc(account, 'bc'), id: null }] });

/** Bytes of a line: names have at most 12 of them, figures 20. */
export const LINE_BYTES = 130;
const FIRST_FIGURE = 25 + WIDE;
/** In the place of the first ten bytes of an account's first line. */
export const idText = (id: number): string => `${id}:`.padStart(10);
/** A line as all of these files have it, but for that id; figures are to be put in. */
export const emptyLine = (name: string): string => line('', name, [0n, 0n, 0n, 0n, 0n], WIDE);

/** A row's figures into its line, which begins there; those that are the same in `before` stand in it. */
export function putFigures(bytes: Uint8Array, at: number, row: UbcRow, before: UbcRow | undefined): void {
  for (let i = 0; i < COLUMNS.length; i++) {
    const column = COLUMNS[i] as (typeof COLUMNS)[number];
    if (before?.[column] !== row[column]) putFigure(bytes, at + FIRST_FIGURE + i * (WIDE + 1), row[column]);
  }
}

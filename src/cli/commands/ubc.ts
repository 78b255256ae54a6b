// vzdeck ubc: the accounts of containers as the manager's beancounter view has them: what is held, what was refused, and who holds them to it.
import {
  boundOf,
  byText,
  type CtLedger,
  drawable,
  type Engine,
  gapText,
  humanBytes,
  knowsFailcnt,
  knowsMaxheld,
  type LedgerRow,
  NEAR,
  UNIT_BYTES,
  UNLIMITED,
  uncountedText,
  unitOf,
} from '../../engine/index.ts';
import { scanOptions } from '../args.ts';
import { CliExit, type OptionRow } from '../command.ts';
import { localTime } from '../format/local-time.ts';
import { watching } from '../watching.ts';
import { type Blind, type Grown, grownSince, grownText, SPANS } from './ubc-growth.ts';

export const UBC_OPTIONS: readonly OptionRow[] = [
  {
    name: 'failing',
    value: false,
    help: 'only what was refused something, or is near its limit; with --since what was refused since then',
  },
  { name: 'since', value: true, hint: '30s, 10m, 6h or 7d', help: 'how much failcnt has grown in this time' },
  { name: 'watch', short: 'w', value: false, help: 'again and again in the same place, until Ctrl-C' },
];

/** Seconds between two looks of --watch. */
const EVERY = 1;
const FACTORS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export interface UbcAsked {
  readonly failing: boolean;
  readonly watch: boolean;
  /** As it was written, with its milliseconds. */
  readonly since: { readonly text: string; readonly ago: number } | null;
}

/** Throws CliExit 20 for what is no time. */
export function parseUbc(words: readonly string[]): { readonly asked: UbcAsked; readonly operands: readonly string[] } {
  let asked: UbcAsked = { failing: false, watch: false, since: null };
  const operands = scanOptions(words, UBC_OPTIONS, ({ spec, value }) => {
    const time = /^(\d{1,5})([smhd])$/.exec(value);
    if (spec.name === 'failing') asked = { ...asked, failing: true };
    else if (spec.name === 'watch') asked = { ...asked, watch: true };
    else if (time) asked = { ...asked, since: { text: value, ago: Number(time[1]) * (FACTORS[time[2] ?? ''] ?? 0) } };
    else throw new CliExit(20, `${value} is no time: 30s, 10m, 6h or 7d`);
  });
  return { asked, operands };
}

interface Shown {
  readonly row: LedgerRow;
  readonly grown: Grown | null;
  /** It has grown since the look before. */
  readonly fresh: boolean;
}

/** What one look found, and the failcnts of the first and the last look, by container and row. */
interface Memory {
  readonly begun: number;
  readonly first: Map<string, number>;
  readonly last: Map<string, number>;
}

/** Of which all is known. */
const surely = (by: number, from: number): Grown => ({ least: by, most: by, from, blind: null });

function grownOf(engine: Engine, ct: CtLedger, row: LedgerRow, { since }: UbcAsked, memory: Memory | null): Omit<Shown, 'row'> {
  const key = `${ct.id} ${row.name}`;
  const last = memory?.last.get(key) ?? row.failcnt;
  const fresh = row.failcnt > last;
  memory?.last.set(key, row.failcnt);
  if (since !== null) {
    const from = Date.now() - since.ago;
    if (row.failcnt === 0) return { grown: surely(0, from), fresh };
    // all that is counted was counted since then
    if (ct.since >= from) return { grown: surely(row.failcnt, ct.since), fresh };
    const past = SPANS.map((span) => ({ span, points: engine.ubcHistory().points(ct.id, row.name, span) }));
    return { grown: grownSince(past, row.failcnt, from), fresh };
  }
  if (memory === null) return { grown: null, fresh };
  const first = memory.first.get(key) ?? row.failcnt;
  memory.first.set(key, first);
  return { grown: surely(Math.max(0, row.failcnt - first), memory.begun), fresh };
}

function isNear(row: LedgerRow): boolean {
  const bound = boundOf(row);
  return row.enforced !== 'accounting-only' && bound !== null && bound > 0 && row.held >= NEAR * bound;
}

/** Refused something, in the time that is asked about as far as anybody knows, or near what would be refused. */
const failing = ({ row, grown }: Shown, since: UbcAsked['since']): boolean =>
  (since === null || grown === null ? row.failcnt : grown.most) > 0 || isNear(row);

/** For who watches: what is refused in this time, what may be refused next, what was once, and the rest. */
function rankOf({ row, grown }: Shown): number {
  if ((grown?.most ?? 0) > 0) return 0;
  if (isNear(row)) return 1;
  return row.failcnt > 0 ? 2 : 3;
}

function amount(name: string, value: number | bigint): string {
  if (typeof value === 'bigint' && value >= UNLIMITED) return 'unlim';
  const bytes = UNIT_BYTES[unitOf(name)];
  return bytes === undefined ? String(value) : humanBytes(Number(value) * bytes);
}

interface Column {
  readonly head: string;
  readonly cell: (shown: Shown) => string;
  readonly right?: true;
  /** Left out where there is no room for all, the highest first. */
  readonly yields?: number;
}

const column = (head: string, cell: Column['cell'], more: Omit<Column, 'head' | 'cell'> = {}): Column => ({ head, cell, ...more });

function columnsOf({ since, watch }: UbcAsked): readonly Column[] {
  const growth = column(since === null ? 'GROWTH' : `+${since.text.toUpperCase()}`, ({ grown }) => grownText(grown), { right: true });
  return [
    column('BEANCOUNTER', ({ row }) => row.name),
    column('HELD', ({ row }) => (row.source === 'none' ? '-' : `${row.atLeast ? '≥' : ''}${amount(row.name, row.held)}`), { right: true }),
    column('MAXHELD', ({ row }) => (knowsMaxheld(row) ? amount(row.name, row.maxheld) : '-'), { right: true, yields: 2 }),
    column('BARRIER', ({ row }) => amount(row.name, row.barrier), { right: true, yields: 1 }),
    column('LIMIT', ({ row }) => amount(row.name, row.limit), { right: true }),
    column('FAILCNT', ({ row }) => (knowsFailcnt(row) ? String(row.failcnt) : '-'), { right: true }),
    ...(since !== null || watch ? [growth] : []),
    column('BY', ({ row }) => byText(row)),
    column('SOURCE', ({ row }) => row.source, { yields: 3 }),
  ];
}

const REVERSE = '\x1b[1;7m';
const OFF = '\x1b[0m';

interface Block {
  readonly ct: CtLedger;
  readonly name: string;
  readonly rows: readonly Shown[];
}

/** Gaps of the ledger are told: where counts were lost, a small number proves nothing. */
function note({ ct: { gaps } }: Block): string {
  return gaps.length === 0 ? '' : `, ${gapText(gaps, localTime)}`;
}

const GAP = '  ';

/** On a terminal no line breaks: who watches sees whole columns, who asks once the beginning of the last one; all others get all. */
const roomOf = (): number => (process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY);
const cut = (text: string, room: number): string => (text.length > room ? `${text.slice(0, room - 1)}…` : text);

/** Whole columns that fit beside each other. */
function fitting(all: readonly Column[], widthOf: (column: Column) => number, room: number): readonly Column[] {
  const needs = all.reduce((sum, one) => sum + widthOf(one) + GAP.length, -GAP.length);
  const first = all.reduce<Column | undefined>((most, one) => ((one.yields ?? 0) > (most?.yields ?? 0) ? one : most), undefined);
  if (needs <= room || first === undefined) return all;
  return fitting(
    all.filter((one) => one !== first),
    widthOf,
    room,
  );
}

function table(blocks: readonly Block[], asked: UbcAsked): string {
  const all = blocks.flatMap(({ rows }) => rows);
  const wanted = columnsOf(asked);
  const widths = new Map(wanted.map((one) => [one, Math.max(one.head.length, ...all.map((shown) => one.cell(shown).length))]));
  const columns = asked.watch ? fitting(wanted, (one) => widths.get(one) ?? 0, roomOf()) : wanted;
  const line = (cell: (column: Column) => string): string =>
    columns
      .map((one) => (one.right ? drawable(cell(one)).padStart(widths.get(one) ?? 0) : drawable(cell(one)).padEnd(widths.get(one) ?? 0)))
      .join(GAP)
      .trimEnd();
  const color = asked.watch && process.stdout.isTTY;
  const written = (shown: Shown): string => {
    const text = line(({ cell }) => cell(shown));
    return color && shown.fresh ? `${REVERSE}${text}${OFF}` : text;
  };
  return blocks
    .map((block) => {
      const { ct, name, rows } = block;
      const title = `${ct.id}${name === '' ? '' : ` ${drawable(name)}`} ${ct.running ? 'runs' : 'does not run'}${note(block)}`;
      const lines = [title, line(({ head }) => head), ...rows.map(written)];
      return `${(asked.watch ? lines : lines.map((text) => cut(text, roomOf()))).join('\n')}\n`;
    })
    .join('\n');
}

const KEPT = 'the past is kept while the manager, or anything else that samples, runs\n';

const blindText = (id: number, { after, before }: Blind): string =>
  `at ${id} ${after === null ? 'before' : `between ${localTime(after)} and`} ${localTime(before)}`;

/** Samples that are no longer what was written: whoever flipped a bit, or cut a file off, has taken them. */
function damaged(engine: Engine, blocks: readonly Block[]): string {
  const history = engine.ubcHistory();
  return blocks
    .map(({ ct: { id } }) => ({ id, count: SPANS.reduce((sum, span) => sum + history.damaged(id, span), 0) }))
    .filter(({ count }) => count > 0)
    .map(({ id, count }) => `\nHistory of ${id}: ${count} damaged ${count === 1 ? 'sample is' : 'samples are'} left out\n`)
    .join('');
}

/** Why a growth is not known, or not all of it. */
function unknown(blocks: readonly Block[]): string {
  const all = blocks.flatMap(({ ct, rows }) => rows.map(({ grown }) => ({ id: ct.id, grown })));
  const ever = all.some(({ grown }) => grown === null) ? ['then'] : [];
  const partly = new Set(all.flatMap(({ id, grown }) => (grown?.blind ? [blindText(id, grown.blind)] : [])));
  const when = [...ever, ...partly].join(', ');
  if (when === '') return '';
  return `\n?${partly.size > 0 ? ' and ≥' : ''} Nobody looked ${when}: ${KEPT}`;
}

const figure = (value: bigint): number | null => (value >= UNLIMITED ? null : Number(value));

/** Documented in docs/reference/tools.md: fields are added, never renamed. */
function plain({ ct, name, rows }: Block): object {
  return {
    id: ct.id,
    name,
    running: ct.running,
    since: ct.since,
    gaps: ct.gaps,
    rows: rows.map(({ row, grown }) => ({
      name: row.name,
      unit: unitOf(row.name),
      held: row.held,
      atLeast: row.atLeast ?? false,
      maxheld: row.maxheld,
      everheld: row.everheld,
      barrier: figure(row.barrier),
      limit: figure(row.limit),
      failcnt: row.failcnt,
      lifeFailcnt: row.lifeFailcnt,
      grown: grown && { by: grown.least, atMost: grown.most, from: grown.from },
      enforced: row.enforced,
      reason: row.reason,
      source: row.source,
      failSource: row.failSource,
      failReason: uncountedText(row),
    })),
  };
}

/** Trouble first: whoever watches sees as much as fits on the screen. */
function byTrouble(blocks: readonly Block[]): readonly Block[] {
  const sorted = blocks.map((block) => ({ ...block, rows: block.rows.toSorted((a, b) => rankOf(a) - rankOf(b)) }));
  const worst = ({ rows: [first] }: Block): number => (first ? rankOf(first) : 3);
  return sorted.sort((a, b) => worst(a) - worst(b));
}

function nothing(asked: UbcAsked): string {
  if (!asked.failing) return 'No container runs\n';
  return asked.since === null
    ? 'Nothing was refused, and nothing is near its limit\n'
    : `Nothing was refused in the last ${asked.since.text}, and nothing is near its limit\n`;
}

/** Of the given containers, or of all that run. Returns the exit status; throws CliExit 21 for a container that there is not. */
export async function ubc(engine: Engine, ids: readonly number[] | null, asked: UbcAsked, json: boolean): Promise<number> {
  const look = (memory: Memory | null, read: Engine['ubc']): string => {
    const chosen = ids ?? engine.tools().running();
    const names = new Map(engine.list().map((ct) => [ct.id, ct.name]));
    const found = read(chosen);
    const missing = ids?.filter((id) => !found.some((ct) => ct.id === id)) ?? [];
    if (missing.length > 0) throw new CliExit(21, `There is no container ${missing.join(', ')}`);
    const blocks = found.map((ct): Block => {
      const rows = ct.rows.map((row): Shown => ({ row, ...grownOf(engine, ct, row, asked, memory) }));
      return { ct, name: names.get(ct.id) ?? '', rows: asked.failing ? rows.filter((row) => failing(row, asked.since)) : rows };
    });
    const listed = blocks.filter(({ rows }) => rows.length > 0);
    const shown = asked.watch && !json ? byTrouble(listed) : listed;
    if (json) return `${JSON.stringify(shown.map(plain))}\n`;
    if (shown.length === 0) return nothing(asked);
    return table(shown, asked) + (asked.since === null ? '' : unknown(shown) + damaged(engine, shown));
  };
  if (!asked.watch) {
    await engine.countRules(ids ?? undefined);
    process.stdout.write(look(null, engine.ubc));
    return 0;
  }
  const memory: Memory = { begun: Date.now(), first: new Map(), last: new Map() };
  // who looks each second keeps the history
  const sampler = engine.sampler();
  const read: Engine['ubc'] = (chosen = []) =>
    sampler.tick([], true).containers.flatMap(({ id, ubc: of }) => (of !== undefined && chosen.includes(id) ? [of] : []));
  const title = json ? '' : 'vzdeck ubc, every second; Ctrl-C ends';
  try {
    return await watching({ every: EVERY, title, differences: false }, () => look(memory, read));
  } finally {
    sampler.close();
  }
}

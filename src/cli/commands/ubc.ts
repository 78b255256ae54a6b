// vzdeck ubc: the accounts of containers as the manager's beancounter view has them: what is held, what was refused, and who holds them to it.
import {
  boundOf,
  type CtLedger,
  drawable,
  type Engine,
  growthOf,
  type HistorySpan,
  humanBytes,
  type LedgerHistory,
  type LedgerRow,
  NEAR,
  PAGE,
  paramOf,
  UNLIMITED,
} from '../../engine/index.ts';
import { scanOptions } from '../args.ts';
import { CliExit, type OptionRow } from '../command.ts';
import { watching } from '../watching.ts';

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
const FINEST_FIRST: readonly HistorySpan[] = ['seconds', 'minutes', 'hours'];

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

interface Grown {
  /** Refusals since `from`, milliseconds since 1970. */
  readonly by: number;
  readonly from: number;
}

/** By what is kept of the past, up to this moment; null where nobody has looked then. */
function grownSince(history: LedgerHistory, id: number, { name, failcnt }: LedgerRow, ago: number): Grown | null {
  const wanted = Date.now() - ago;
  const spans = FINEST_FIRST.map((span) => history.points(id, name, span)).filter((points) => points.length > 0);
  // the finest that reaches so far, otherwise whatever reaches farthest
  const points = spans.find(([first]) => first !== undefined && first.at <= wanted) ?? spans.at(-1);
  const point = points?.findLast(({ at }) => at <= wanted) ?? points?.[0];
  return point ? { by: growthOf(point.failcnt, failcnt % 2 ** 32), from: point.at } : null;
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

function grownOf(engine: Engine, ct: CtLedger, row: LedgerRow, { since }: UbcAsked, memory: Memory | null): Omit<Shown, 'row'> {
  const key = `${ct.id} ${row.name}`;
  const last = memory?.last.get(key) ?? row.failcnt;
  const fresh = row.failcnt > last;
  memory?.last.set(key, row.failcnt);
  if (since !== null) {
    const from = Date.now() - since.ago;
    if (row.failcnt === 0) return { grown: { by: 0, from }, fresh };
    // all that is counted was counted since then
    if (ct.since >= from) return { grown: { by: row.failcnt, from: ct.since }, fresh };
    return { grown: grownSince(engine.ubcHistory(), ct.id, row, since.ago), fresh };
  }
  if (memory === null) return { grown: null, fresh };
  const first = memory.first.get(key) ?? row.failcnt;
  memory.first.set(key, first);
  return { grown: { by: Math.max(0, row.failcnt - first), from: memory.begun }, fresh };
}

/** Refused something, in the time that is asked about as far as anybody knows, or near what would be refused. */
function failing({ row, grown }: Shown, since: UbcAsked['since']): boolean {
  if (since === null || grown === null ? row.failcnt > 0 : grown.by > 0) return true;
  const bound = boundOf(row);
  return row.enforced !== 'accounting-only' && bound !== null && bound > 0 && row.held >= NEAR * bound;
}

const BYTES: Readonly<Record<string, number>> = { bytes: 1, pages: Number(PAGE), blocks: 1024 };
const unitOf = (name: string): string => paramOf(name.toUpperCase())?.unit ?? 'items';

function amount(name: string, value: number | bigint): string {
  if (typeof value === 'bigint' && value >= UNLIMITED) return 'unlim';
  const bytes = BYTES[unitOf(name)];
  return bytes === undefined ? String(value) : humanBytes(Number(value) * bytes);
}

const BY = { kernel: 'kernel', bpf: 'bpf', partial: 'partly', 'accounting-only': 'counted' } as const;
const RIGHT = 7;

function headOf({ since, watch }: UbcAsked): readonly string[] {
  const grown = since !== null ? [`+${since.text.toUpperCase()}`] : watch ? ['GROWTH'] : [];
  return ['BEANCOUNTER', 'HELD', 'MAXHELD', 'BARRIER', 'LIMIT', 'FAILCNT', ...grown, 'BY', 'SOURCE'];
}

function cells({ row, grown }: Shown, withGrowth: boolean): readonly string[] {
  const { name, held, maxheld, barrier, limit, failcnt, source, failSource, enforced } = row;
  const growth = grown === null ? '?' : grown.by > 0 ? `+${grown.by}` : '';
  return [
    name,
    source === 'none' ? '-' : amount(name, held),
    source === 'none' ? '-' : amount(name, maxheld),
    amount(name, barrier),
    amount(name, limit),
    failSource === 'none' && failcnt === 0 ? '-' : String(failcnt),
    ...(withGrowth ? [growth] : []),
    BY[enforced],
    source,
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
  return gaps.length === 0 ? '' : ', some counts of earlier lives are missing';
}

function table(blocks: readonly Block[], asked: UbcAsked): string {
  const head = headOf(asked);
  const withGrowth = asked.watch || asked.since !== null;
  const bodies = blocks.map(({ rows }) => rows.map((shown) => ({ cells: cells(shown, withGrowth), fresh: shown.fresh })));
  const all = [head, ...bodies.flat().map((line) => line.cells)];
  const widths = head.map((_, at) => Math.max(...all.map((line) => (line[at] ?? '').length)));
  const right = withGrowth ? RIGHT : RIGHT - 1;
  const pad = (text: string, at: number): string => (at > 0 && at < right ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0));
  const written = (line: readonly string[]): string =>
    line
      .map((text, at) => pad(drawable(text), at))
      .join('  ')
      .trimEnd();
  const color = asked.watch && process.stdout.isTTY;
  return blocks
    .map((block, at) => {
      const { ct, name } = block;
      const title = `${ct.id}${name === '' ? '' : ` ${drawable(name)}`} ${ct.running ? 'runs' : 'does not run'}${note(block)}`;
      const lines = (bodies[at] ?? []).map((line) =>
        color && line.fresh ? `${REVERSE}${written(line.cells)}${OFF}` : written(line.cells),
      );
      return `${[title, written(head), ...lines].join('\n')}\n`;
    })
    .join('\n');
}

const UNKNOWN = '\n? Nobody looked then: the past is kept while the manager, or anything else that samples, runs\n';
const unknown = (blocks: readonly Block[]): string => (blocks.some(({ rows }) => rows.some(({ grown }) => grown === null)) ? UNKNOWN : '');

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
      maxheld: row.maxheld,
      everheld: row.everheld,
      barrier: figure(row.barrier),
      limit: figure(row.limit),
      failcnt: row.failcnt,
      lifeFailcnt: row.lifeFailcnt,
      grown: grown && { by: grown.by, from: grown.from },
      enforced: row.enforced,
      reason: row.reason,
      source: row.source,
      failSource: row.failSource,
    })),
  };
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
    const shown = blocks.filter(({ rows }) => rows.length > 0);
    if (json) return `${JSON.stringify(shown.map(plain))}\n`;
    if (shown.length === 0) return nothing(asked);
    return table(shown, asked) + (asked.since === null ? '' : unknown(shown));
  };
  if (!asked.watch) {
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

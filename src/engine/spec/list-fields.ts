// The fields of vzlist: name, column head, width, how a value is shown as text and as JSON, how it sorts. First the 144 of the original, in the order of
// vzlist -L, then ours.
import { type NetifField, parseNetif } from './params/netif.ts';
import type { Values } from './params/read.ts';
import { parseSwitches } from './params/rights.ts';
import { type CtState, classicState } from './states.ts';
import { BEANCOUNTERS, type Beancounter, boundOf, isVswap, pairOf } from './ubc.ts';
import { printG, UNLIMITED } from './units.ts';

/** What is counted of a beancounter, in its unit; nothing of what nobody counts. */
interface Counts {
  readonly held?: number;
  readonly maxheld?: number;
  readonly failcnt?: number;
  /** What the kernel holds it to now, Infinity for nothing. */
  readonly limit?: number;
}

/** What is known of a container where all are listed. */
export interface ListRow {
  readonly entry: {
    readonly id: number;
    readonly name: string;
    readonly values: Values;
    readonly layout: string;
    readonly private: string;
    readonly root: string;
    readonly state: CtState;
    /** null: it does not run. */
    readonly init: object | null;
    /** Seconds. */
    readonly uptime: number;
  };
  /** By lower-case name; null for what does not run. */
  readonly usage: ReadonlyMap<string, Counts> | null;
}

/** Value of a cell: a number, a text, a list (several words, of which a narrow column shows the first), or nothing. */
export type Cell = string | number | bigint | readonly string[] | null;

export interface ListField {
  readonly name: string;
  readonly head: string;
  /** Positive: right-aligned in so many columns; negative: left-aligned. */
  readonly width: number;
  /** Where the head is aligned otherwise. */
  readonly headWidth?: number;
  readonly cell: (row: ListRow) => Cell;
  /** Shown as it is, whatever its length. */
  readonly whole?: boolean;
  /** null: not available in JSON. */
  readonly json: ((row: ListRow) => string) | null;
  /** null: sorting by it changes nothing. */
  readonly sort: ((a: ListRow, b: ListRow) => number) | null;
  /** Beancounters that have to be counted for it; `lives`: over all lives of the container. */
  readonly counters?: readonly string[];
  readonly lives?: boolean;
  /** What its numbers count; texts have none. Blocks are of 1 KiB. */
  readonly unit?: 'items' | 'bytes' | 'pages' | 'blocks';
  /** Not the original's: shown to who asks for it by name, as programs count on what there is in all. */
  readonly own?: true;
}

const text = (value: string | null): string => (value === null ? 'null' : JSON.stringify(value));
const list = (values: readonly string[]): string => `[${values.map((v) => JSON.stringify(v)).join(', ')}]`;
const value = (row: ListRow, key: string): string | null => row.entry.values.get(key) ?? null;

/** Nothing comes first. */
function compare(a: Cell, b: Cell): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  const [x, y] = [a, b].map((v) => (Array.isArray(v) ? v.join(' ') : v)) as [string | number | bigint, string | number | bigint];
  return x < y ? -1 : x > y ? 1 : 0;
}
const byCell =
  (cell: ListField['cell']): ListField['sort'] =>
  (a, b) =>
    compare(cell(a), cell(b));

function textField(name: string, width: number, cell: (row: ListRow) => string | null, more: Partial<ListField> = {}): ListField {
  return { name, head: name.toUpperCase(), width, cell, json: (row) => text(cell(row)), sort: byCell(cell), ...more };
}

const paramField = (name: string, key: string, width: number, more: Partial<ListField> = {}): ListField =>
  textField(name, width, (row) => value(row, key), more);

const words = (row: ListRow, key: string): readonly string[] => (value(row, key) ?? '').split(' ').filter((w) => w !== '');
function listedField(name: string, head: string, wordsOf: (row: ListRow) => readonly string[], more: Partial<ListField> = {}): ListField {
  const cell = (row: ListRow): Cell => (wordsOf(row).length === 0 ? null : wordsOf(row));
  return { name, head, width: -15, cell, json: (row) => list(wordsOf(row)), sort: byCell(cell), ...more };
}
const wordsField = (name: string, head: string, key: string, more: Partial<ListField> = {}): ListField =>
  listedField(name, head, (row) => words(row, key), more);

/** Of all bridged devices, in the order of the config: what it leaves open has its place, too. */
const deviceField = (name: NetifField, width = -15): ListField =>
  listedField(name, name.toUpperCase(), (row) => (parseNetif(value(row, 'NETIF') ?? '') ?? []).map((entry) => entry[name] || '-'), {
    width,
    own: true,
  });

/** A number of the config; `zero`: 0 is shown as nothing; `json`: what stands for nothing there. */
function numberField(name: string, head: string, width: number, key: string, zero: 'shown' | 'nothing', json: '0' | 'null'): ListField {
  const cell = (row: ListRow): Cell => {
    const number = value(row, key);
    return number === null || (zero === 'nothing' && Number(number) <= 0) ? null : Number(number);
  };
  return { name, head, width, cell, json: (row) => String(cell(row) ?? json), sort: byCell(cell), unit: 'items' };
}

/** As soon as one of the three is set, an unset limit shows as 0. */
const CPU_KEYS = ['CPUUNITS', 'CPUUWEIGHT', 'CPULIMIT'];
function cpuField(name: string, head: string, key: string): ListField {
  const cell = (row: ListRow): Cell => (CPU_KEYS.some((k) => value(row, k) !== null) ? Number(value(row, key) ?? 0) : null);
  return { name, head, width: 7, cell, json: (row) => String(cell(row) ?? 'null'), sort: byCell(cell), unit: 'items' };
}

const idField = (name: string): ListField => ({
  name,
  head: 'CTID',
  width: 10,
  cell: (row) => row.entry.id,
  json: (row) => String(row.entry.id),
  sort: (a, b) => a.entry.id - b.entry.id,
  unit: 'items',
});

interface Group {
  readonly held: Cell;
  readonly maxheld: Cell;
  readonly barrier: bigint;
  readonly limit: bigint;
  readonly failcnt: Cell;
}

function groupOf(row: ListRow, name: string): Group {
  const { barrier = 0n, limit = 0n } = pairOf(value(row, name.toUpperCase()) ?? undefined) ?? {};
  const { held = null, maxheld = null, failcnt = null, limit: told } = row.usage?.get(name) ?? {};
  const kernel = told === undefined || Number.isFinite(told) ? BigInt(told ?? 0) : UNLIMITED;
  const live = told === undefined || kernel === boundOf(name, { barrier, limit }) ? limit : kernel;
  return { held, maxheld, failcnt, barrier: barrier === limit ? live : barrier, limit: live };
}

const PARTS = ['held', 'maxheld', 'barrier', 'limit', 'failcnt'] as const;
/** Suffix → what is shown, and what it sorts by: the original has barrier and limit crossed, and scripts live with it. */
const SUFFIXES: readonly (readonly [suffix: string, shown: keyof Group, sorted: keyof Group])[] = [
  ['', 'held', 'held'],
  ['.m', 'maxheld', 'maxheld'],
  ['.b', 'barrier', 'limit'],
  ['.l', 'limit', 'barrier'],
  ['.f', 'failcnt', 'failcnt'],
];

/** JSON for what nobody counts: unknown of what runs; scripts know the original's 0 of what does not. */
const uncounted = ({ entry }: ListRow): '0' | 'null' => (entry.init === null ? '0' : 'null');

function groupJson(row: ListRow, name: string): string {
  const group = groupOf(row, name);
  return `{\n${PARTS.map((part) => `      "${part}": ${group[part] ?? uncounted(row)}`).join(',\n')}\n    }`;
}

function beancounterFields({ name, head, unit }: Beancounter): readonly ListField[] {
  return SUFFIXES.map(([suffix, shown, sorted]) => ({
    name: `${name}${suffix}`,
    head: `${head}${suffix.toUpperCase()}`,
    width: 10,
    cell: (row) => groupOf(row, name)[shown],
    json: suffix === '' ? (row) => groupJson(row, name) : null,
    sort: (a, b) => compare(groupOf(a, name)[sorted], groupOf(b, name)[sorted]),
    counters: [name],
    lives: shown === 'failcnt' || shown === 'maxheld',
    unit: shown === 'failcnt' ? 'items' : unit,
  }));
}

function quotaFields(name: string, head: string, key: string, unit: 'blocks' | 'items'): readonly ListField[] {
  const limits = (row: ListRow): readonly bigint[] | null => value(row, key)?.split(':').map(BigInt) ?? null;
  const used = (row: ListRow): number | null => row.usage?.get(name)?.held ?? null;
  const part =
    (at: 0 | 1): ListField['cell'] =>
    (row) =>
      limits(row)?.[at] ?? null;
  const field = (suffix: string, cell: ListField['cell'], json: ListField['json']): ListField => ({
    name: `${name}${suffix}`,
    head: `${head}${suffix.toUpperCase()}`,
    width: 10,
    cell,
    json,
    unit,
    // Containers without quota come first.
    sort: byCell(suffix === '' ? (row) => (limits(row) ? (used(row) ?? 0) : null) : cell),
    ...(suffix === '' ? { counters: [name] } : {}),
  });
  const json = (row: ListRow): string => {
    const quota = limits(row);
    if (!quota) return 'null';
    return `{\n      "usage": ${used(row) ?? uncounted(row)},\n      "softlimit": ${quota[0]},\n      "hardlimit": ${quota[1]}\n    }`;
  };
  return [field('', used, json), field('.s', part(0), null), field('.h', part(1), null)];
}

const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
function uptimeText(seconds: number): string {
  const days = String(Math.floor(seconds / 86_400)).padStart(3, '0');
  return `${days}d${two((seconds / 3600) % 24)}h:${two((seconds / 60) % 60)}m:${two(seconds % 60)}s`;
}

/** "NET_ADMIN:on" → net_admin: true. */
function switchField(name: string, key: string): ListField {
  const cell = (row: ListRow): Cell => value(row, key)?.toLowerCase().split(' ').join(',') || null;
  const json = (row: ListRow): string => {
    const switches = value(row, key) ? [...parseSwitches((value(row, key) ?? '').toLowerCase())] : [];
    if (switches.length === 0) return 'null';
    return `{\n${switches.map(([n, on]) => `      ${JSON.stringify(n)}: ${on}`).join(',\n')}\n    }`;
  };
  return { name, head: name.toUpperCase(), width: -15, whole: true, cell, json, sort: null };
}

const STATUS_ORDER = ['running', 'stopped', 'mounted', 'suspended'];
const status = (row: ListRow): string => classicState(row.entry.state);

/** Unset first, then ascending; of equal ones the higher id first, so that the reverse starts the lower one first. */
function bootorder(a: ListRow, b: ListRow): number {
  const order = compare(BOOTORDER.cell(a), BOOTORDER.cell(b));
  return order === 0 ? b.entry.id - a.entry.id : order;
}
const BOOTORDER: ListField = {
  ...numberField('bootorder', 'BOOTORDER', 10, 'BOOTORDER', 'shown', 'null'),
  sort: bootorder,
};

const yesNo = (yes: boolean): string => (yes ? 'yes' : 'no');
const smartName = (row: ListRow): string => row.entry.name || String(row.entry.id);

export const LIST_FIELDS: readonly ListField[] = [
  idField('ctid'),
  idField('veid'),
  idField('vpsid'),
  textField('private', -32, (row) => row.entry.private || null),
  textField('root', -32, (row) => row.entry.root || null),
  paramField('mount_opts', 'MOUNT_OPTS', -16),
  paramField('origin_sample', 'ORIGIN_SAMPLE', -32, { headWidth: 32 }),
  paramField('hostname', 'HOSTNAME', -32),
  textField('name', -32, (row) => row.entry.name || null),
  textField('smart_name', 10, smartName, {
    head: 'SMARTNAME',
    json: (row) => (row.entry.name ? text(row.entry.name) : String(row.entry.id)),
  }),
  paramField('description', 'DESCRIPTION', -32),
  paramField('ostemplate', 'OSTEMPLATE', -32),
  wordsField('ip', 'IP_ADDR', 'IP_ADDRESS'),
  wordsField('nameserver', 'NAMESERVER', 'NAMESERVER'),
  wordsField('searchdomain', 'SEARCHDOMAIN', 'SEARCHDOMAIN'),
  textField('status', -9, status, { sort: (a, b) => STATUS_ORDER.indexOf(status(a)) - STATUS_ORDER.indexOf(status(b)) }),
  ...BEANCOUNTERS.flatMap(beancounterFields),
  ...quotaFields('diskspace', 'DSPACE', 'DISKSPACE', 'blocks'),
  ...quotaFields('diskinodes', 'DINODES', 'DISKINODES', 'items'),
  // A container has no load average of its own on this kernel.
  { name: 'laverage', head: 'LAVERAGE', width: 14, cell: () => null, json: () => 'null', sort: () => 0 },
  {
    name: 'uptime',
    head: 'UPTIME',
    width: 15,
    cell: (row) => (row.entry.uptime > 0 ? uptimeText(row.entry.uptime) : null),
    json: (row) => row.entry.uptime.toFixed(3),
    // The longest first: the original compares the times of start.
    sort: (a, b) => b.entry.uptime - a.entry.uptime,
  },
  cpuField('cpulimit', 'CPULIM', 'CPULIMIT'),
  cpuField('cpuunits', 'CPUUNI', 'CPUUNITS'),
  numberField('cpus', 'CPUS', 5, 'CPUS', 'nothing', '0'),
  numberField('ioprio', 'IOP', 3, 'IOPRIO', 'shown', '0'),
  numberField('iolimit', 'IOLIMIT', 10, 'IOLIMIT', 'nothing', '0'),
  numberField('iopslimit', 'IOPS', 4, 'IOPSLIMIT', 'nothing', '0'),
  paramField('onboot', 'ONBOOT', 6, {
    json: (row) => ({ yes: 'true', no: 'false' })[value(row, 'ONBOOT') ?? ''] ?? 'null',
    sort: null,
  }),
  BOOTORDER,
  textField('layout', -6, (row) => row.entry.layout, { headWidth: 6 }),
  switchField('features', 'FEATURES'),
  textField('vswap', 5, (row) => yesNo(vswap(row)), { json: (row) => String(vswap(row)), sort: null }),
  textField('disabled', 6, (row) => yesNo(disabled(row)), { head: 'DISABL', json: (row) => String(disabled(row)), sort: null }),
  {
    name: 'vm_overcommit',
    head: 'VM_OVC',
    width: 6,
    cell: (row) => overcommit(row) || null,
    json: (row) => overcommit(row) || '0',
    sort: null,
  },
  paramField('netfilter', 'NETFILTER', -9, { sort: null }),
  switchField('capability', 'CAPABILITY'),
  deviceField('ifname'),
  deviceField('mac', -17),
  deviceField('host_ifname'),
  deviceField('host_mac', -17),
  deviceField('bridge'),
  deviceField('mac_filter'),
  wordsField('netdev', 'NETDEV', 'NETDEV', { own: true }),
  wordsField('links', 'LINKS', 'VZDECK_LINKS', { own: true }),
  wordsField('forward', 'FORWARD', 'VZDECK_FORWARD', { own: true }),
  wordsField('rate', 'RATE', 'VZDECK_RATE', { own: true }),
];

/** Those of the original. */
export const CLASSIC_FIELDS: readonly ListField[] = LIST_FIELDS.filter(({ own }) => own !== true);

/** A config without PHYSPAGES counts as one with RAM and swap: the original takes it for 0. */
function vswap({ entry }: ListRow): boolean {
  return !entry.values.has('PHYSPAGES') || isVswap(entry.values);
}

function disabled(row: ListRow): boolean {
  return value(row, 'DISABLED') === 'yes';
}

function overcommit(row: ListRow): string {
  const factor = Number(value(row, 'VM_OVERCOMMIT') ?? 0);
  return factor > 0 ? printG(factor) : '';
}

export const listField = (name: string): ListField | undefined => LIST_FIELDS.find((field) => field.name === name);

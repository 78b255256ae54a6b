// The columns of the container table: the manager's own, and every field of vzlist. What each is called, what it says of a row and how rows
// compare by it. Widths and looks are the view's.
import { type CtSample, classicState } from '../../engine/index.ts';
import type { Column } from './column.ts';
import { listColumns } from './list-columns.ts';
import { failures } from './tallies.ts';

export type ColumnId = string;

/** It has an init, and so figures of its own. */
export const runs = (row: CtSample): boolean => classicState(row.state) === 'running';

/** The word for a state: what is wrong comes before what is. */
export function stateWord(ct: CtSample): string {
  if (ct.trouble !== '' && !runs(ct)) return 'failed';
  return ct.unattended ? 'unattended' : ct.state;
}

/** In what order states are worth a look: trouble, change, life, rest. */
const STATE_RANK: Readonly<Record<CtSample['state'], number>> = {
  starting: 1,
  stopping: 2,
  running: 3,
  frozen: 4,
  suspended: 5,
  mounted: 6,
  stopped: 7,
  absent: 8,
};

/** Addresses in the order of their numbers. */
const ipOrder = (ip: string | undefined): string | null => ip?.replace(/\d+/g, (n) => n.padStart(3, '0')) ?? null;

const text = { kind: 'text', descending: false } as const;
const figure = { kind: 'count', descending: true } as const;

const OWN = {
  ctid: { ...text, kind: 'count', title: 'CTID', help: 'number of the container', value: (r) => r.id },
  name: { ...text, title: 'NAME', help: 'name, as in vzctl set --name', value: (r) => r.name || null },
  hostname: {
    ...text,
    title: 'HOSTNAME',
    help: 'host name; where NAME is not shown, the name of what has none',
    value: (r) => r.hostname || null,
  },
  status: {
    ...text,
    title: 'STATUS',
    help: 'state, and what is wrong',
    value: (r) => (stateWord(r) === r.state ? r.state : `${stateWord(r)} ${r.state}`),
    order: (r, refused) => (r.trouble || r.unattended || refused ? 0 : STATE_RANK[r.state]),
  },
  numproc: {
    ...figure,
    title: 'NPROC',
    help: 'processes and threads, of how many',
    value: (r) => (runs(r) ? r.numproc.held : null),
    limit: (r) => r.numproc.limit,
  },
  mem: {
    ...figure,
    kind: 'bytes',
    title: 'MEM',
    help: 'memory, of how much',
    value: (r) => (runs(r) ? r.memory.held : null),
    limit: (r) => r.memory.limit,
  },
  cpu: { ...figure, kind: 'percent', title: 'CPU', help: 'percent of one CPU since the last look', value: (r) => r.cpu },
  ip: { ...text, title: 'IP_ADDR', help: 'addresses', value: (r) => r.ips.join(' ') || null, order: (r) => ipOrder(r.ips[0]) },
  uptime: { ...figure, kind: 'seconds', title: 'UP', help: 'time since it was started', value: (r) => (runs(r) ? r.uptime : null) },
  failcnt: {
    ...figure,
    title: 'FAILCNT',
    help: 'refusals of all beancounters, and what the last look added',
    value: failures,
  },
  layout: { ...text, title: 'LAYOUT', help: 'how its files lie on the node', value: (r) => r.layout || null },
  ostemplate: { ...text, title: 'TEMPLATE', help: 'what it was made from', value: (r) => r.ostemplate || null },
  description: { ...text, title: 'DESCRIPTION', help: 'what somebody noted about it', value: (r) => r.description || null },
} as const satisfies Record<string, Column>;

/** Columns with a look of their own. */
export type OwnId = keyof typeof OWN;

/** In the order in which they are offered: the manager's own, then what only vzlist has. */
export const COLUMNS: ReadonlyMap<ColumnId, Column> = new Map<ColumnId, Column>([
  ...Object.entries(OWN),
  ...listColumns().filter(([id]) => !Object.hasOwn(OWN, id)),
]);
export const COLUMN_IDS: readonly ColumnId[] = [...COLUMNS.keys()];

/** What is shown where nobody has chosen, in the order of the screen. */
export const USUAL: readonly ColumnId[] = [
  'ctid',
  'name',
  'hostname',
  'status',
  'numproc',
  'mem',
  'cpu',
  'ip',
  'uptime',
  'layout',
  'ostemplate',
  'failcnt',
];

export const isOwn = (id: ColumnId): id is OwnId => Object.hasOwn(OWN, id);
export const columnOf = (id: ColumnId): Column => COLUMNS.get(id) ?? OWN.ctid;

/** Other words by which people call a column. */
const ALIASES: Readonly<Record<string, ColumnId>> = { state: 'status', id: 'ctid', memory: 'mem', host: 'hostname', tpl: 'ostemplate' };
const BY_NAME = new Map<string, ColumnId>([
  ...Object.entries(ALIASES),
  ...COLUMN_IDS.toReversed().map((id) => [columnOf(id).title.toLowerCase(), id] as const),
  ...COLUMN_IDS.map((id) => [id, id] as const),
]);

/** The column that a word means: its name in vzlist, its title, or what people call it; case does not matter. */
export const columnNamed = (word: string): ColumnId | null => BY_NAME.get(word.toLowerCase()) ?? null;

/** The fields of vzlist that rows must carry for these columns. */
export const fieldsOf = (ids: Iterable<ColumnId>): readonly string[] =>
  [...new Set([...ids].flatMap((id) => columnOf(id).field ?? []))].sort();

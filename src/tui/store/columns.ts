// The columns of the container table: what each one is called and how rows compare by it. Widths and looks are the view's.
import { type CtSample, classicState } from '../../engine/index.ts';

interface Column {
  readonly title: string;
  /** What rows are compared by; strings compare by locale-free code units, null sorts last in both directions. */
  readonly value: (row: CtSample) => number | string | null;
  /** The direction in which the interesting rows are on top. */
  readonly descending: boolean;
}

/** It has an init, and so figures of its own. */
export const runs = (row: CtSample): boolean => classicState(row.state) === 'running';

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

export const COLUMNS = {
  ctid: { title: 'CTID', value: (r) => r.id, descending: false },
  name: { title: 'NAME', value: (r) => r.name || null, descending: false },
  status: { title: 'STATUS', value: (r) => (r.trouble || r.unattended ? 0 : STATE_RANK[r.state]), descending: false },
  nproc: { title: 'NPROC', value: (r) => (runs(r) ? r.numproc.held : null), descending: true },
  mem: { title: 'MEM', value: (r) => (runs(r) ? r.memory.held : null), descending: true },
  cpu: { title: 'CPU', value: (r) => r.cpu, descending: true },
  up: { title: 'UP', value: (r) => (runs(r) ? r.uptime : null), descending: true },
  layout: { title: 'LAYOUT', value: (r) => r.layout || null, descending: false },
  template: { title: 'TEMPLATE', value: (r) => r.ostemplate || null, descending: false },
  failcnt: { title: 'FAILCNT', value: (r) => r.numproc.failcnt + r.memory.failcnt, descending: true },
  ip: { title: 'IP_ADDR', value: (r) => r.ips[0] ?? null, descending: false },
  hostname: { title: 'HOSTNAME', value: (r) => r.hostname || null, descending: false },
} as const satisfies Record<string, Column>;

export type ColumnId = keyof typeof COLUMNS;
export const COLUMN_IDS = Object.keys(COLUMNS) as readonly ColumnId[];

export const isColumnId = (text: unknown): text is ColumnId => typeof text === 'string' && Object.hasOwn(COLUMNS, text);

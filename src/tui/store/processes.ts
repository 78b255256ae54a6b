// Processes as rows: cleaned once, found, sorted or below the one that began them, with what is folded left out. Pure.
import type { CtProcess } from '../../engine/index.ts';
import { clean } from '../screen/text.ts';
import { listingOf } from './listing.ts';
import { readProcessFilter } from './process-filter.ts';
import type { ManagerState } from './state.ts';
import type { ProcessSort, Users } from './view-state.ts';

export interface ProcessRow {
  readonly key: string;
  readonly process: CtProcess;
  readonly depth: number;
  /** So many are folded away below it. */
  readonly hidden: number;
  readonly parent: boolean;
}

const MAX_COMMAND = 400;
const cleaned = new WeakMap<CtProcess, CtProcess>();

/** What is harmless already stays the same object. */
export function cleanProcess(process: CtProcess): CtProcess {
  const known = cleaned.get(process);
  if (known !== undefined) return known;
  const command = clean(process.command, MAX_COMMAND);
  const result = command === process.command ? process : { ...process, command };
  cleaned.set(process, result);
  return result;
}

export const processKey = ({ pid, startTime }: CtProcess): string => `${pid} ${startTime}`;

const ORDER: Readonly<Record<ProcessSort, (a: CtProcess, b: CtProcess) => number>> = {
  tree: (a, b) => a.ct - b.ct || a.pid - b.pid,
  cpu: (a, b) => (b.cpu ?? 0) - (a.cpu ?? 0) || b.cpuTime - a.cpuTime,
  memory: (a, b) => b.memory - a.memory,
  time: (a, b) => b.cpuTime - a.cpuTime,
  pid: (a, b) => a.pid - b.pid,
};

const flat = (process: CtProcess): ProcessRow => ({ key: processKey(process), process, depth: 0, hidden: 0, parent: false });

function inTree(processes: readonly CtProcess[], folded: ReadonlySet<string>): readonly ProcessRow[] {
  const children = Map.groupBy(processes, (one) => one.parent);
  const size = (of: CtProcess): number => (children.get(of.pid) ?? []).reduce((sum, one) => sum + 1 + size(one), 0);
  const rows: ProcessRow[] = [];
  const walk = (process: CtProcess, depth: number): void => {
    const below = children.get(process.pid) ?? [];
    const key = processKey(process);
    const hides = folded.has(key);
    rows.push({ key, process, depth, hidden: hides ? size(process) : 0, parent: below.length > 0 });
    if (!hides) for (const one of below) walk(one, depth + 1);
  };
  const roots = (children.get(null) ?? []).toSorted((a, b) => a.ct - b.ct || a.pid - b.pid);
  for (const root of roots) walk(root, 0);
  return rows;
}

type Asked = readonly [processes: readonly CtProcess[], find: string, sort: ProcessSort, folded: ReadonlySet<string>, users: Users];
let last: { readonly asked: Asked; readonly rows: readonly ProcessRow[] } | null = null;

/** The rows of the view on top. A search shows what it finds without the tree around it. */
export function processRows(state: ManagerState): readonly ProcessRow[] {
  const { find, folded } = listingOf(state);
  const asked: Asked = [state.processes ?? [], find.text, state.processSort, folded, state.users];
  if (last?.asked.every((one, i) => one === asked[i])) return last.rows;
  const [processes, text, sort, , users] = asked;
  const found = text.trim() === '' ? processes : processes.filter(readProcessFilter(text, users).test);
  const rows = sort === 'tree' && text.trim() === '' ? inTree(found, folded) : found.toSorted(ORDER[sort]).map(flat);
  last = { asked, rows };
  return rows;
}

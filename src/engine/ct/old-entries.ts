// Containers as a kernel of OpenVZ tells of them, for whoever only lists: which run, what holds for them now, what they use. What runs here
// by our own hand is left as it is; no verb ever acts by this.
import { type OldContainer, oldAccounts, oldContainers, oldQuota, oldShares } from '../account/old-kernel.ts';
import type { RowReading } from '../account/row-source.ts';
import type { Host } from '../host/port.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import type { CtState } from '../spec/states.ts';
import type { TextRow } from '../spec/ubc-text.ts';
import { printPair } from '../spec/units.ts';
import type { CtEntry } from './list.ts';
import type { CtStatus } from './status.ts';

type Node = Pick<Host, 'files' | 'proc'>;

/** Which process its init is, such a kernel does not say. */
const UNKNOWN: ProcessId = { pid: 0, startTime: 0n };

/** What the kernel holds it to takes the place of what its config says. */
function running(entry: CtEntry, { ips }: OldContainer, rows: readonly TextRow[], units: number | undefined): CtEntry {
  const values = new Map(entry.values);
  for (const row of rows) if (row.name !== 'dummy') values.set(row.name.toUpperCase(), printPair(row));
  // the kernel tells them in the reverse of the order in which they were set
  if (ips.length > 0) values.set('IP_ADDRESS', ips.toReversed().join(' '));
  if (units !== undefined) values.set('CPUUNITS', String(units));
  return { ...entry, values, state: 'running', init: UNKNOWN, missingRoot: null };
}

/** The same entries on any other kernel. */
export function asOldKernelTells({ files, proc }: Node, entries: readonly CtEntry[]): readonly CtEntry[] {
  const up = oldContainers(files, proc);
  if (up === null || up.size === 0) return entries;
  const rows = new Map(oldAccounts(files, proc)?.accounts.map((account) => [account.id, account.rows]));
  const units = new Map(oldShares(files, proc)?.map((share) => [share.id, share.units]));
  return entries.map((entry) => {
    const old = up.get(entry.id);
    return old === undefined || entry.init !== null ? entry : running(entry, old, rows.get(entry.id) ?? [], units.get(entry.id));
  });
}

/** Which states our own engine has made, and knows better. */
const OURS: ReadonlySet<CtState> = new Set(['starting', 'running', 'frozen', 'stopping']);

export function asOldKernelSays({ files, proc }: Node, status: CtStatus): CtStatus {
  if (OURS.has(status.state) || !oldContainers(files, proc)?.has(status.id)) return status;
  return { ...status, state: 'running' };
}

/** What these containers use, as far as such a kernel tells; empty on any other. */
export function oldReadings({ files, proc }: Node, ids: readonly number[]): ReadonlyMap<number, ReadonlyMap<string, RowReading>> {
  const up = oldContainers(files, proc);
  if (up === null || !ids.some((id) => up.has(id))) return new Map();
  const quota = oldQuota(files, proc);
  const counted = (row: TextRow): RowReading => ({
    held: Number(row.held),
    maxheld: Number(row.maxheld),
    failcnt: Number(row.failcnt),
  });
  return new Map(
    (oldAccounts(files, proc)?.accounts ?? []).flatMap(({ id, rows }) => {
      if (id === null || !ids.includes(id) || !up.has(id)) return [];
      const disk = [...(quota.get(id) ?? [])].map(([name, held]): [string, RowReading] => [name, { held }]);
      return [[id, new Map([...rows.map((row): [string, RowReading] => [row.name, counted(row)]), ...disk])] as const];
    }),
  );
}

// What a kernel of OpenVZ says in /proc of its containers, on a node that has one. Knows the formats of those files, and nothing of mainline kernels.
import type { Files } from '../host/port.ts';
import { parseUbcText, type UbcText } from '../spec/ubc-text.ts';

type Reading = Pick<Files, 'read'>;

/** In the order in which vzubc looks for them. */
const ACCOUNTS = ['bc/resources', 'user_beancounters'] as const;

/** The accounts of all beancounters; null on a kernel that has none. */
export function oldAccounts(files: Reading, proc: string): UbcText | null {
  for (const name of ACCOUNTS) {
    const text = files.read(`${proc}/${name}`);
    if (text !== null) return parseUbcText(text);
  }
  return null;
}

/** A share of CPU time against others'; 0 is the node itself. */
export interface CpuShare {
  readonly id: number;
  readonly units: number;
}

/** The node's own group in /proc/fairsched. */
const NODE_GROUP = 2_147_483_647;
/** A weight is the inverse of units. */
const UNITS = 500_000;

/** Top-level groups of /proc/fairsched; null on a kernel without it, or when its head names no weight or id. */
export function oldShares(files: Reading, proc: string): readonly CpuShare[] | null {
  const text = files.read(`${proc}/fairsched`);
  if (text === null) return null;
  const [head = [], ...rows] = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('Version:'))
    .map((line) => line.trim().split(/\s+/));
  const [owner, id, weight] = [0, head.indexOf('id'), head.indexOf('weight')];
  if (id < 0 || weight < 0) return null;
  return rows.flatMap((row) => {
    const [of, group, inverse] = [owner, id, weight].map((at) => Number(row[at])) as [number, number, number];
    if (of !== 0 || !(group > 0) || !(inverse >= 0)) return [];
    return [{ id: group === NODE_GROUP ? 0 : group, units: inverse === 0 ? UNITS : Math.floor(UNITS / inverse) }];
  });
}

export interface OldContainer {
  readonly numproc: number;
  readonly ips: readonly string[];
}

/** Running containers of /proc/vz/veinfo, the node itself left out; null on a kernel without it. */
export function oldContainers(files: Reading, proc: string): ReadonlyMap<number, OldContainer> | null {
  const text = files.read(`${proc}/vz/veinfo`);
  if (text === null) return null;
  const rows = text.split('\n').map((line) => line.trim().split(/\s+/));
  return new Map(
    rows.flatMap(([id = '', , numproc, ...ips]) => (Number(id) > 0 ? [[Number(id), { numproc: Number(numproc), ips }] as const] : [])),
  );
}

/** Whose a process is, and its pid inside: envID and VPid of /proc/PID/status. Null on a kernel that does not say. */
export function oldOwner(status: string): { readonly ct: number; readonly inner: number } | null {
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? Number.NaN);
  const ct = field('envID');
  return Number.isNaN(ct) ? null : { ct, inner: field('VPid') };
}

const QUOTA_ROWS: Readonly<Record<string, string>> = { '1k-blocks': 'diskspace', inodes: 'diskinodes' };

/** Disk space in KiB and inodes that are used, from /proc/vz/vzquota, by CTID and name of the row. */
export function oldQuota(files: Reading, proc: string): ReadonlyMap<number, ReadonlyMap<string, number>> {
  const found = new Map<number, Map<string, number>>();
  let last = new Map<string, number>();
  for (const line of (files.read(`${proc}/vz/vzquota`) ?? '').split('\n')) {
    const [first = '', used] = line.trim().split(/\s+/);
    const id = /^(\d{1,10}):$/.exec(first)?.[1];
    const name = QUOTA_ROWS[first];
    if (id !== undefined) {
      last = new Map();
      found.set(Number(id), last);
    } else if (name !== undefined) last.set(name, Number(used));
  }
  return found;
}

// Rows that can be added up over a container's processes where nothing counts them whole: what /proc tells of each. Dear, hence taken seldom;
// the same file knows the locks of all processes, which are one list.
import type { CgroupTopology } from '../cgroup/face.ts';
import { membersOf } from '../cgroup/members.ts';
import type { Files, Host } from '../host/port.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import { mayLock } from '../rootfs/wall/rlimits.ts';
import { PAGE } from '../spec/units.ts';
import type { RowReading, RowReadings, SourceKind } from './row-source.ts';

/** "" for a process that has ended. */
const readOf = (files: Pick<Files, 'readTrusted'>, path: string): string => files.readTrusted(path) ?? '';

/** Pages that are a process's own and may be written: field 6 of /proc/PID/statm, data and stack. */
export const privatePages = (statm: string): number => Number(statm.split(' ')[5] ?? 0);

/** Signals that wait for any process of the same user, how many may, and whose they are. */
export function queuedSignals(status: string): { readonly uid: string; readonly queued: number; readonly most: number } {
  const [, queued = 0, most = 0] = /^SigQ:\t(\d+)\/(\d+)/m.exec(status) ?? [];
  return { uid: /^Uid:\t(\d+)/m.exec(status)?.[1] ?? '', queued: Number(queued), most: Number(most) };
}

const ROOT = 0;
/** It has ended. */
const NOBODY = -1;

type Adder = (pids: readonly number[], init: ProcessId) => RowReading;

const sum = (pids: readonly number[], of: (pid: number) => number): number => pids.reduce((all, pid) => all + of(pid), 0);

/** null where the kernel does not tell it. */
const ADDERS: Readonly<Record<string, (host: Host) => Adder | null>> = {
  privvmpages:
    ({ files, proc }) =>
    (pids) => ({ held: sum(pids, (pid) => privatePages(readOf(files, `${proc}/${pid}/statm`))), source: 'statm of all processes' }),
  // held comes from elsewhere
  lockedpages:
    ({ files, proc }) =>
    (_, init) => {
      const bytes = mayLock(readOf(files, `${proc}/${init.pid}/limits`));
      return bytes === null ? {} : { limit: Math.floor(bytes / Number(PAGE)) };
    },
  numsiginfo:
    ({ files, proc }) =>
    (pids, init) => {
      const users = new Map<string, number>();
      // init has what its user namespace was made with: a config may have been changed since
      const first = queuedSignals(readOf(files, `${proc}/${init.pid}/status`));
      const { most } = first;
      users.set(first.uid, first.queued);
      for (const pid of pids) {
        // of a process that may not be looked into the owner is root, whoever it is; of any other one of each user tells for all of them
        const owner = files.stat(`${proc}/${pid}`)?.uid ?? NOBODY;
        if (owner !== ROOT && users.has(String(owner))) continue;
        const { uid, queued } = queuedSignals(readOf(files, `${proc}/${pid}/status`));
        users.set(uid, Math.max(users.get(uid) ?? 0, queued));
      }
      const held = [...users.values()].reduce((all, n) => all + n, 0);
      return { held, source: 'SigQ of all users inside', ...(most > 0 ? { limit: most } : {}) };
    },
  numfile: ({ files, proc }) =>
    // a directory of descriptors has had a size since 6.2
    (files.stat(`${proc}/self/fd`)?.size ?? 0) === 0
      ? null
      : (pids) => ({ held: sum(pids, (pid) => files.stat(`${proc}/${pid}/fd`)?.size ?? 0), source: 'descriptors of all processes' }),
};

export const PROCESS_ROWS: readonly SourceKind[] = Object.entries(ADDERS).map(([row, adder]) => ({
  rows: [row],
  every: 30_000,
  otherwise: true,
  open(host, topology) {
    const add = adder(host);
    if (add === null) return null;
    return {
      look: (containers) =>
        new Map(containers.map(({ id, init }): [number, RowReadings] => [id, { [row]: add(membersOf(host.files, topology, id), init) }])),
      forget() {},
      close() {},
    };
  },
}));

/** "12: FLOCK  ADVISORY  WRITE 708 08:01:1835 0 EOF": who holds it. "->" waits for it; a lock of an open file (OFDLCK) is nobody's, pid -1. */
const LOCK = /^\d+: (?:FLOCK|POSIX) +\S+ +\S+ +(\d+) /gm;

export const lockHolders = (locks: string): readonly number[] => [...locks.matchAll(LOCK)].map(([, pid]) => Number(pid));

/** The container whose group a process is in, by /proc/PID/cgroup; null for one of none. */
export function containerIn(cgroup: string, { top }: Pick<CgroupTopology, 'top'>): number | null {
  const at = cgroup.indexOf(`:${top}/`);
  const id = at < 0 ? Number.NaN : Number.parseInt(cgroup.slice(at + top.length + 2), 10);
  return Number.isNaN(id) ? null : id;
}

export const LOCK_ROWS: SourceKind = {
  rows: ['numflock'],
  every: 1_000,
  restless: true,
  otherwise: true,
  open(host, topology) {
    const { files, proc } = host;
    const locks = files.openCounter(`${proc}/locks`);
    if (locks === null) return null;
    let text = '';
    let counts = new Map<number, number>();
    const count = (): Map<number, number> => {
      const found = new Map<number, number>();
      const known = new Map<number, number | null>();
      for (const pid of lockHolders(text)) {
        // null is an answer, too: most locks are of processes outside
        if (!known.has(pid)) known.set(pid, containerIn(readOf(files, `${proc}/${pid}/cgroup`), topology));
        const ct = known.get(pid) ?? null;
        if (ct !== null) found.set(ct, (found.get(ct) ?? 0) + 1);
      }
      return found;
    };
    return {
      look(containers) {
        const now = locks.read() ?? '';
        if (now !== text) {
          text = now;
          counts = count();
        }
        return new Map(containers.map(({ id }) => [id, { numflock: { held: counts.get(id) ?? 0, source: '/proc/locks' } }]));
      },
      forget() {},
      close: () => locks.close(),
    };
  },
};

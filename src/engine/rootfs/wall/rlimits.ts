// Resource limits of init and of every process that enters: none comes from the shell that happened to type the verb. The launcher never
// raises a hard limit of the node. Queued signals are the user namespace's (numsiginfo), set at birth.
import type { Op } from '../../spec/op.ts';

export interface ProcessLimit {
  readonly name: string;
  /** RLIMIT_* of asm-generic/resource.h, the same on x86-64 and arm64. */
  readonly resource: number;
  readonly soft: bigint;
  readonly hard: bigint;
  readonly reason: string;
}

const NONE = 0xffff_ffff_ffff_ffffn;
export const MEMLOCK = 8;
/** Bytes that a process may lock where nobody says otherwise. */
export const MAY_LOCK = 8 << 20;
const BEANCOUNTER = 'the container’s own limits bound it';
const OWN = 'left to the programs inside';

const limit = (name: string, resource: number, soft: bigint, hard: bigint, reason: string): ProcessLimit => ({
  name,
  resource,
  soft,
  hard,
  reason,
});

export const PROCESS_LIMITS: readonly ProcessLimit[] = [
  limit('cpu', 0, NONE, NONE, OWN),
  limit('fsize', 1, NONE, NONE, OWN),
  limit('data', 2, NONE, NONE, BEANCOUNTER),
  limit('stack', 3, 8n << 20n, NONE, OWN),
  limit(
    'core',
    4,
    1n,
    1n,
    'the kernel’s word for: do not feed the node’s crash handler (core_pattern with a pipe), which runs as root of the node',
  ),
  limit('rss', 5, NONE, NONE, BEANCOUNTER),
  limit('nproc', 6, NONE, NONE, BEANCOUNTER),
  limit('nofile', 7, 1024n, 524_288n, 'select(2) fails silently above 1024; daemons raise it themselves'),
  limit('memlock', MEMLOCK, BigInt(MAY_LOCK), BigInt(MAY_LOCK), 'locked memory cannot be reclaimed under pressure'),
  limit('as', 9, NONE, NONE, BEANCOUNTER),
  limit('locks', 10, NONE, NONE, OWN),
  limit('msgqueue', 12, 819_200n, 819_200n, 'memory of POSIX message queues'),
  limit('nice', 13, 0n, 0n, 'priority above others is the node’s to give'),
  limit('rtprio', 14, 0n, 0n, 'a real-time process could take a CPU for good'),
  limit('rttime', 15, NONE, NONE, OWN),
];

/** Bytes that a process may lock at most, by its /proc/PID/limits; null where that is not told. */
export function mayLock(limits: string): number | null {
  const hard = /^Max locked memory +\S+ +(\S+)/m.exec(limits)?.[1];
  if (hard === undefined) return null;
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
}

/** While the rights of the node are at hand: who is born, or joins, may lock so much, as far as the node can give it. */
export const lockable = (bytes: number): Op => ({ op: 'bound', path: '', resource: MEMLOCK, most: BigInt(bytes), owner: 0 });

/** Where the node writes core files and pipes them to nobody, they lie inside, and are harmless. */
const CORES_INSIDE = limit('core', 4, 0n, NONE, 'a crash leaves no file unless somebody inside asks for it');

export interface LimitChoice {
  /** Bytes that a process may lock; null: as the table says. */
  readonly memlock?: number | null;
  /** kernel.core_pattern of the node is a file name, not a pipe. */
  readonly coresInside?: boolean;
}

export function processLimits({ coresInside = false, memlock = null }: LimitChoice = {}): readonly Op[] {
  const own = (row: ProcessLimit): ProcessLimit => {
    if (row.resource === MEMLOCK && memlock !== null) return { ...row, soft: BigInt(memlock), hard: BigInt(memlock) };
    return coresInside && row.resource === CORES_INSIDE.resource ? CORES_INSIDE : row;
  };
  const rows = PROCESS_LIMITS.map(own);
  return rows.map(({ resource, soft, hard }) => ({ op: 'rlimit', resource, soft, hard }));
}

// Beancounters as one container's account shows them: in which order, and what a row says. Knows nothing of where figures come from.

/** Who refuses what goes beyond the limit. partial: some of the ways to it are bounded; accounting-only: none is. */
export type Enforced = 'kernel' | 'bpf' | 'partial' | 'accounting-only';

/** held, maxheld, barrier and limit in the unit of the beancounter (BEANCOUNTERS): bytes, pages of 4096 bytes, or items; diskspace in KiB. */
export interface UbcRow {
  readonly name: string;
  readonly held: number;
  /** There is more of it than was looked at: a container with so much of it has used up its share of a look. */
  readonly atLeast?: true;
  /** Highest value since the container's start; where the kernel keeps none, the highest that was seen. */
  readonly maxheld: number;
  /** As its config says, or as follows from it; UNLIMITED for none. */
  readonly barrier: bigint;
  readonly limit: bigint;
  /** Refusals over all of the container's lives, since the last reset. */
  readonly failcnt: number;
  /** What held was read from, such as "pids.current"; "none": nobody counts it here, and held is 0. */
  readonly source: string;
  /** The same for failcnt. */
  readonly failSource: string;
  readonly enforced: Enforced;
  /** Why it is not the kernel alone, one clause; "" where it is. */
  readonly reason: string;
}

/** The account of one container, its rows as in ACCOUNT_ROWS. */
export interface CtUbc {
  readonly id: number;
  readonly running: boolean;
  readonly rows: readonly UbcRow[];
}

/** Rows of /proc/user_beancounters in their order, where a place that no longer has a meaning is kept as "dummy"; /proc/bc leaves dummies out and adds swappages. */
export const ROW_ORDER: readonly string[] = [
  'kmemsize',
  'lockedpages',
  'privvmpages',
  'shmpages',
  'dummy',
  'numproc',
  'physpages',
  'vmguarpages',
  'oomguarpages',
  'numtcpsock',
  'numflock',
  'numpty',
  'numsiginfo',
  'tcpsndbuf',
  'tcprcvbuf',
  'othersockbuf',
  'dgramrcvbuf',
  'numothersock',
  'dcachesize',
  'numfile',
  'dummy',
  'dummy',
  'dummy',
  'numiptent',
  'swappages',
];

/** Rows of an account: those of the kernel in its order, then the disk, which has no row of its own in the files of old. diskspace counts KiB. */
export const ACCOUNT_ROWS: readonly string[] = [...ROW_ORDER.filter((name) => name !== 'dummy'), 'diskspace', 'diskinodes'];

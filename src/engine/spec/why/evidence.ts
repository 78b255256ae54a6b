// What is known of a node and its containers when somebody asks why: figures of two looks and what lies between. Plain values, so that a situation
// can be written to a file and judged again.

import type { CtState } from '../states.ts';
import type { UbcUnit } from '../ubc.ts';
import type { Enforced } from '../ubc-rows.ts';
import type { WhoLine } from '../who.ts';

/** All of something was between so many seconds ago and so many, as close as somebody has looked. */
export interface WhenEvidence {
  readonly first: number;
  readonly last: number;
}

/** One beancounter of one container, in its unit. */
export interface RowEvidence {
  readonly name: string;
  readonly unit: UbcUnit;
  readonly held: number;
  readonly maxheld: number;
  /** What held was at the first look. */
  readonly before: number;
  /** What refuses what goes beyond it; null: nothing does. */
  readonly limit: number | null;
  /** Refusals between the two looks; in the last minute and hour by the history, null without one; and ever. */
  readonly refused: number;
  readonly minute: number | null;
  readonly hour: number | null;
  /** When those of the last hour were; null where the history does not tell. */
  readonly when: WhenEvidence | null;
  readonly failcnt: number;
  readonly source: string;
  readonly failSource: string;
  readonly enforced: Enforced;
}

/** A parameter that somebody has changed, as the journal tells it. Values are as a person writes them; "" for none. */
export interface ChangeEvidence {
  readonly key: string;
  readonly before: string;
  readonly after: string;
  /** Seconds. */
  readonly ago: number;
  readonly verb: string;
  readonly program: string;
  readonly command: string;
  readonly user: string;
  readonly from: string;
}

/** The newest deed of its kind that went well. */
export interface DeedEvidence {
  readonly verb: string;
  readonly ago: number;
  readonly user: string;
}

export interface ProcessEvidence {
  readonly pid: number;
  readonly inner: number | null;
  /** The program's, harmless to draw. */
  readonly command: string;
  readonly state: string;
  /** Percent of one CPU. */
  readonly cpu: number;
  /** Bytes in RAM, and how many more than at the first look. */
  readonly memory: number;
  readonly grown: number;
  /** Bytes per second, as it has asked for them. */
  readonly read: number;
  readonly written: number;
}

/** Percent of the time between the looks in which at least one process waited; null: this kernel does not tell. */
export interface PressureEvidence {
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly io: number | null;
}

export interface DiskEvidence {
  /** As a person would name it. */
  readonly path: string;
  readonly free: number;
  readonly size: number;
  /** Inodes; size 0 where the file system has no bound of them. */
  readonly filesFree: number;
  readonly files: number;
}

export interface CtEvidence {
  readonly id: number;
  readonly name: string;
  readonly state: CtState;
  readonly unattended: boolean;
  /** Why the last start or run ended badly; "" when it did not. */
  readonly trouble: string;
  /** Seconds until it is started again; null when no start waits. */
  readonly restartIn: number | null;
  /** How many seconds ago it has rebooted or ended by itself, in the last hour, the newest first. */
  readonly endings: readonly number[];
  /** Seconds since it ended by itself or did not start; null: that is more than a day ago. */
  readonly ended: number | null;
  readonly rows: readonly RowEvidence[];
  /** Seconds that refusals have been counted for while nobody noted when they were; null: somebody has looked all along, or for the last hour. */
  readonly unwatched: number | null;
  /** Percent of one CPU; limit 0 = none. Of `periods` in which it was allowed to run it was held back in `throttled`. */
  readonly cpu: { readonly used: number; readonly limit: number; readonly throttled: number; readonly periods: number } | null;
  /** Processes that the kernel killed for lack of memory: between the looks, and since the start. */
  readonly oom: { readonly kills: number; readonly ever: number } | null;
  /** Bytes: processes' own, and by how much it grew; RAM and its limit; times that it was hit. */
  readonly memory: {
    readonly own: number;
    readonly grown: number;
    readonly held: number;
    readonly limit: number | null;
    readonly hits: number;
  } | null;
  readonly pressure: PressureEvidence;
  /** Bytes per second of all its processes. */
  readonly io: { readonly read: number; readonly written: number } | null;
  /** Bytes and packets per second, loopback left out. */
  readonly network: { readonly received: number; readonly sent: number; readonly packets: number } | null;
  readonly disk: DiskEvidence | null;
  /** Those that stand out; `count`, `threads` and `states` (letter → number) are of all. */
  readonly processes: {
    readonly count: number;
    readonly threads: number;
    readonly states: Readonly<Record<string, number>>;
    readonly top: readonly ProcessEvidence[];
  } | null;
  /** Who holds most of beancounters that stand out, by name. */
  readonly who: Readonly<Record<string, readonly WhoLine[]>>;
  /** The newest first. */
  readonly changes: readonly ChangeEvidence[];
  readonly deeds: readonly DeedEvidence[];
}

export interface NodeEvidence {
  readonly hostname: string;
  readonly cpus: number;
  /** Percent of all CPUs. */
  readonly cpu: number;
  /** Tasks that run or want to; the one that looks is not among them. */
  readonly runnable: number;
  readonly load: readonly [number, number, number];
  /** Bytes. */
  readonly memory: { readonly held: number; readonly limit: number };
  readonly swap: { readonly held: number; readonly limit: number };
  readonly pressure: PressureEvidence;
  readonly disks: readonly DiskEvidence[];
}

export interface Evidence {
  /** Milliseconds since 1970, of the second look. */
  readonly at: number;
  /** Seconds between the looks. */
  readonly seconds: number;
  /** Nothing else was asked about. */
  readonly only: number | null;
  readonly node: NodeEvidence;
  readonly containers: readonly CtEvidence[];
}

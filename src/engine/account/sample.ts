// What is seen of containers and node: once when asked, and once a second by the sampler.
import type { ProcessId } from '../launcher/launcher.ts';
import type { CtState } from '../spec/states.ts';
import type { CtLedger } from '../spec/ubc-ledger.ts';
import type { ListedFields } from './listed.ts';

export interface CtSummary {
  readonly id: number;
  /** "" when it has none. Names and texts come cleaned of control characters and cut to 255 characters. */
  readonly name: string;
  readonly hostname: string;
  readonly description: string;
  readonly ostemplate: string;
  readonly layout: 'simfs' | 'overlay' | 'ploop' | '';
  readonly ips: readonly string[];
  readonly state: CtState;
  /** The keeper is gone although the container lives. */
  readonly unattended: boolean;
  readonly init: ProcessId | null;
  /** Seconds since start, 0 when it does not run. */
  readonly uptime: number;
  /** Why the last start or run ended badly, one sentence; "" when it did not. */
  readonly trouble: string;
  /** When it is started again, milliseconds since 1970: its init has rebooted, and reboots in a row are put off; null when no start waits. */
  readonly restartAt: number | null;
}

/** One container in one tick of the sampler. held and limit in base units (processes, bytes); limit null = none. */
export interface CtSample extends CtSummary {
  readonly numproc: { readonly held: number; readonly limit: number | null; readonly failcnt: number };
  readonly memory: { readonly held: number; readonly limit: number | null; readonly failcnt: number };
  /** Percent of one CPU since the last tick; null in the first tick. */
  readonly cpu: number | null;
  /** The fields of vzlist that the tick was asked for, by name; foreign texts are as they are. */
  readonly fields?: ListedFields;
  /** All rows of its account, of ticks that were asked for them; the same object while nothing in it changes. */
  readonly ubc?: CtLedger;
}

export interface NodeSample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly hostname: string;
  readonly cpus: number;
  /** Percent of all CPUs, null in the first tick. */
  readonly cpu: number | null;
  readonly memory: { readonly held: number; readonly limit: number };
  readonly load: readonly [number, number, number];
  /** Ascending by CTID; a container in which nothing changed is the same object as in the tick before. */
  readonly containers: readonly CtSample[];
}

export interface Sampler {
  /** @param fields names of vzlist's fields that rows shall carry beside what they always do; `ubc`: whole accounts too, all rows of them */
  tick(fields?: readonly string[], ubc?: boolean): NodeSample;
  close(): void;
}

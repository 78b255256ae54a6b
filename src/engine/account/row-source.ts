// What an account is made of: readings of single rows, and whoever takes them. Knows neither config nor history.
import type { CgroupTopology } from '../cgroup/face.ts';
import type { Host } from '../host/port.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import type { Mechanism } from '../spec/ubc-holds.ts';
import type { GroupNumbers } from './group-numbers.ts';

/** What one source tells of one row, in the row's unit. What it does not know is left out, and asked of the next source. */
export interface RowReading {
  readonly held?: number;
  /** There is more of it than was looked at. */
  readonly atLeast?: true;
  /** Highest since the container's start, as the kernel keeps it. */
  readonly maxheld?: number;
  readonly failcnt?: number;
  /** What the kernel holds the container to now, Infinity for nothing; of a guarantee what it promises, Infinity for all. */
  readonly limit?: number;
  /** What held and failcnt were read from. */
  readonly source?: string;
  readonly failSource?: string;
  /** What holds this very container to its limit, where that depends on how it was started. */
  readonly by?: Mechanism;
}

/** Each figure from the first source that knows it, with what says where it is from; the highest goes with what is held. null: nobody tells any. The caller's own. */
export function merged(readings: readonly RowReading[]): { -readonly [Figure in keyof RowReading]: RowReading[Figure] } | null {
  if (readings.length < 2) return readings[0] === undefined ? null : { ...readings[0] };
  const row: ReturnType<typeof merged> = {};
  // some thousand rows a second: nothing but the row is made
  for (let n = 0; n < readings.length; n++) {
    const { held, atLeast, source, maxheld, failcnt, failSource, limit, by } = readings[n] as RowReading;
    if (held !== undefined && row.held === undefined) {
      row.held = held;
      if (source !== undefined) row.source = source;
      if (atLeast) row.atLeast = atLeast;
      if (maxheld !== undefined) row.maxheld = maxheld;
    }
    if (failcnt !== undefined && row.failcnt === undefined) {
      row.failcnt = failcnt;
      if (failSource !== undefined) row.failSource = failSource;
    }
    if (limit !== undefined) row.limit ??= limit;
    if (by !== undefined) row.by ??= by;
  }
  return row;
}

export type RowReadings = Readonly<Record<string, RowReading>>;

/** What sources say of one row, the best first; control groups say what none of them does. */
export function readingsOf(
  name: string,
  told: readonly ({ readonly readings: RowReadings } | undefined)[],
  control: RowReading | null,
): readonly RowReading[] {
  const found: RowReading[] = [];
  // thousands in a look: a walk by index leaves nothing to collect
  for (let n = 0; n < told.length; n++) {
    const reading = told[n]?.readings[name];
    if (reading !== undefined) found.push(reading);
  }
  if (control !== null) found.push(control);
  return found;
}

/** A running container as sources find it. */
export interface LiveCt {
  readonly id: number;
  /** `parent`: its keeper, where whoever found it has just read that. */
  readonly init: ProcessId & { readonly parent?: number };
}

export interface RowSource {
  /** Of all the given at once; of one that ends meanwhile there is nothing. Files stay open until `forget`. */
  look(containers: readonly LiveCt[]): ReadonlyMap<number, RowReadings>;
  forget(id: number): void;
  close(): void;
}

export interface SourceKind {
  /** Rows that it may tell. */
  readonly rows: readonly string[];
  /** Milliseconds for which a reading is good enough; 0: it costs next to nothing, and each look takes another. */
  readonly every: number;
  /** Others than a container's own processes change it too: one in which nobody has run is asked all the same. */
  readonly restless?: true;
  /** Dear, or not exact: asked of containers only for which the sources before it leave one of its rows out. */
  readonly otherwise?: true;
  /** It knows refusals, or the highest value, of the whole life: what a life's end asks for. The others say what is held at this moment. */
  readonly keeps?: true;
  /**
   * `rows`: those of its own that are wanted; `groups`: the asker's, who forgets them; `tasks`: the asker's one pass of each look. null: there is
   * nothing of the kind here.
   */
  open(
    host: Host,
    topology: CgroupTopology,
    rows: readonly string[],
    groups: GroupNumbers,
    tasks: () => Uint8Array | null,
  ): RowSource | null;
}

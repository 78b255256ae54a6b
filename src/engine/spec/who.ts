// Who holds a beancounter: the shape of the answer, and how what single processes hold becomes ranked lines. Knows nothing of where it is read.
import type { UbcUnit } from './ubc.ts';

/** A process of a container, as far as an answer names it. */
export interface Named {
  readonly pid: number;
  /** Its pid inside; null for one that has come from the node's pid namespace. */
  readonly inner: number | null;
  /** What it calls itself, at most 15 bytes; harmless to draw. */
  readonly name: string;
}

export interface WhoLine {
  /** What is held: "57 processes", "TCP on port 80, ESTABLISHED", "page cache". Harmless to draw. */
  readonly what: string;
  /** Pid on the node, of several processes that of the one that holds most; null where no process does. */
  readonly pid: number | null;
  readonly inner: number | null;
  readonly name: string;
  /** Its command line, or the name in brackets; "" where no process holds it. Foreign text, harmless to draw. */
  readonly command: string;
  /** So many processes are counted in this line. */
  readonly processes: number;
  /** Who began them; null when that is nobody of the container. */
  readonly parent: Named | null;
  /** In the unit of the beancounter. */
  readonly amount: number;
  /** Of all that was found, 0 to 1. */
  readonly share: number;
}

export interface Who {
  readonly id: number;
  /** Lower-case name of the beancounter. */
  readonly name: string;
  readonly unit: UbcUnit;
  /** All that was found, also what no line shows. */
  readonly held: number;
  /** Who holds most first. */
  readonly lines: readonly WhoLine[];
  /** What is to be known of the lines: what was left out and why, or why there are none. Sentences. */
  readonly notes: readonly string[];
}

export interface Relative extends Named {
  /** Pid of its parent on the node. */
  readonly parent: number;
}

/** What a process holds whose children have ended and are not asked how: no list of its group has them, and they count as processes. */
export const ENDED_CHILDREN = 'children that have ended, and it does not ask how';

/** One thing that one process holds, or that nobody can be named for. */
export interface Holding {
  /** "" where there is nothing to say but how many processes. */
  readonly what: string;
  readonly process: Relative | null;
  readonly amount: number;
}

/** Longest chain of parents that is followed: pids may be given anew while one reads, so that a chain can be a ring. */
const GENERATIONS = 4096;

/**
 * The first of a process's ancestors, itself among them, that is called as it is: workers and their master are one family, and so is a storm whose
 * processes begin each other.
 */
export function headOf(process: Relative, byPid: ReadonlyMap<number, Relative>): Relative {
  let head = process;
  for (let i = 0; i < GENERATIONS; i++) {
    const above = byPid.get(head.parent);
    if (above === undefined || above.name !== process.name || above === process) return head;
    head = above;
  }
  return head;
}

type Bare = Omit<WhoLine, 'command' | 'share'>;

function lineOf(holdings: readonly Holding[], byPid: ReadonlyMap<number, Relative>): Bare {
  const [first] = holdings;
  const amount = holdings.reduce((sum, one) => sum + one.amount, 0);
  const held = new Map<Relative, number>();
  for (const { process, amount: part } of holdings) if (process) held.set(process, (held.get(process) ?? 0) + part);
  const greatest = [...held].reduce<readonly [Relative, number] | null>((best, one) => (best && best[1] >= one[1] ? best : one), null)?.[0];
  const several = held.size > 1 ? `${held.size} processes` : '';
  const what = [first?.what ?? '', several].filter(Boolean).join(', ') || 'process';
  const above = greatest && byPid.get(headOf(greatest, byPid).parent);
  const parent = above ? { pid: above.pid, inner: above.inner, name: above.name } : null;
  return {
    what,
    pid: greatest?.pid ?? null,
    inner: greatest?.inner ?? null,
    name: greatest?.name ?? '',
    processes: held.size,
    parent,
    amount,
  };
}

/**
 * Lines of what was found, the greatest first: processes of one family that hold the same kind of thing are one line. Their command is still
 * their name; `held` counts what comes after the last line as well.
 */
export function ranked(holdings: readonly Holding[], processes: readonly Relative[], most: number): Pick<Who, 'held' | 'lines'> {
  const byPid = new Map(processes.map((one) => [one.pid, one]));
  // An ancestor that has ended leaves a family of several heads below one parent.
  const family = ({ process, what }: Holding): string => {
    if (process === null) return `- ${what}`;
    return `${headOf(process, byPid).parent} ${process.name}\0${what}`;
  };
  const found = holdings.filter(({ amount }) => amount > 0);
  const held = found.reduce((sum, { amount }) => sum + amount, 0);
  const lines = [...Map.groupBy(found, family).values()]
    .map((group) => lineOf(group, byPid))
    .sort((a, b) => b.amount - a.amount || (a.pid ?? 0) - (b.pid ?? 0))
    .slice(0, most)
    .map((line) => ({ ...line, command: line.pid === null ? '' : `[${line.name}]`, share: line.amount / held }));
  return { held, lines };
}

// /proc/PID/stat, status and uid_map as values. Formats: proc(5).

export interface ProcessStat {
  /** At most 15 bytes, as the process itself says. */
  readonly name: string;
  /** R S D T t Z X I, as ps shows it. */
  readonly state: string;
  readonly parent: number;
  /** Clock ticks in user and kernel mode. */
  readonly ticks: number;
  readonly nice: number;
  readonly threads: number;
  /** Clock ticks since boot. */
  readonly startTime: bigint;
  /** Resident pages. */
  readonly pages: number;
}

/** Fields are counted from the last ')': the name before it may hold blanks and parentheses. null for a text that is none. */
export function parseStat(text: string): ProcessStat | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return null;
  const fields = text.slice(close + 2).split(' ');
  const number = (at: number): number => Number(fields[at - 3] ?? 0);
  return {
    name: text.slice(open + 1, close),
    state: fields[0] ?? '?',
    parent: number(4),
    ticks: number(14) + number(15),
    nice: number(19),
    threads: number(20),
    startTime: BigInt(fields[22 - 3] ?? 0),
    pages: number(24),
  };
}

export interface ProcessIds {
  /** Effective user id as the reader's namespace has it. */
  readonly uid: number;
  /** Its pid in the first namespace below the reader's; null when it has none there. */
  readonly inner: number | null;
}

export function parseIds(status: string): ProcessIds {
  const uids = /^Uid:\t\d+\t(\d+)/m.exec(status);
  const pids = /^NSpid:((?:\t\d+)+)/m.exec(status)?.[1]?.trim().split('\t') ?? [];
  return { uid: Number(uids?.[1] ?? 0), inner: pids[1] === undefined ? null : Number(pids[1]) };
}

export interface IdRange {
  readonly inside: number;
  readonly outside: number;
  readonly count: number;
}

export function parseIdMap(text: string): readonly IdRange[] {
  return text.split('\n').flatMap((line) => {
    const [inside, outside, count] = line.trim().split(/\s+/).map(Number);
    return count === undefined ? [] : [{ inside: inside ?? 0, outside: outside ?? 0, count }];
  });
}

/** The id inside that stands for this one of the node; null for one that the container does not have. */
export function insideId(map: readonly IdRange[], outside: number): number | null {
  const range = map.find((one) => outside >= one.outside && outside < one.outside + one.count);
  return range === undefined ? null : range.inside + outside - range.outside;
}

/** Longest command line that is kept, in bytes. */
export const COMMAND_BYTES = 1024;

/** Foreign text without what would steer a terminal. */
export const harmless = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029]/gu, '?');

/** Arguments with blanks between them, or the name in brackets where there are none; what would steer a terminal is a question mark. */
export function commandText(cmdline: string | null, name: string): string {
  const words = (cmdline ?? '').replace(/\0+$/, '').replaceAll('\0', ' ').trim();
  return harmless(words === '' ? `[${name}]` : words).slice(0, COMMAND_BYTES);
}

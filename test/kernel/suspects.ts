// Whose is what is left, where files of tests run beside each other: all who ran when it was first seen are suspects. While one of them still runs it
// may be that one's and be needed; once none does, they have left it behind. Knows nothing of what things are.

export interface Seen {
  /** Files that run now, by process. */
  readonly running: Readonly<Record<string, string>>;
  /** What there is → files that ran when it came; nobody where it is none of theirs. */
  readonly things: Readonly<Record<string, readonly string[]>>;
}

export const NOBODY: Seen = { running: {}, things: {} };

/** `now` is all that there is. To be asked whenever a file begins or ends, before it is noted that it does. */
export const looked = ({ running, things }: Seen, now: readonly string[]): Seen => ({
  running,
  things: Object.fromEntries(now.map((thing) => [thing, things[thing] ?? Object.values(running)])),
});

export const begun = ({ running, things }: Seen, pid: number, file: string): Seen => ({ running: { ...running, [pid]: file }, things });

/** What this file, which is about to end, was the last to run of all suspects of. */
export function leftBy({ running, things }: Seen, pid: number): readonly (readonly [thing: string, suspects: readonly string[]])[] {
  const others = Object.entries(running).flatMap(([other, file]) => (other === String(pid) ? [] : [file]));
  const file = running[pid] ?? '';
  return Object.entries(things).filter(([, suspects]) => suspects.includes(file) && !suspects.some((one) => others.includes(one)));
}

/** What it has left has been told and is nobody's from now on. */
export const ended = (seen: Seen, pid: number): Seen => ({
  running: Object.fromEntries(Object.entries(seen.running).filter(([other]) => other !== String(pid))),
  things: { ...seen.things, ...Object.fromEntries(leftBy(seen, pid).map(([thing]) => [thing, []])) },
});

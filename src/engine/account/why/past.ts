// What the journal tells whoever asks why: who has changed which parameter when, what was done last, how often something ended by itself.
import type { ChangeEvidence, DeedEvidence } from '../../spec/why/evidence.ts';
import type { JournalEntry } from '../../store/journal.ts';

/** Seconds for which a change is worth telling. */
const REMEMBERED = 24 * 3600;
const HOUR = 3600;

export interface Past {
  /** The newest first. */
  readonly changes: readonly ChangeEvidence[];
  /** The newest of each verb, that first. */
  readonly deeds: readonly DeedEvidence[];
  /** Seconds ago, of the last hour, the newest first. */
  readonly endings: readonly number[];
  /** Seconds since it ended by itself or did not start. */
  readonly ended: number | null;
}

/** @param entries oldest first, of any containers */
export function pastOf(entries: readonly JournalEntry[], id: number, now: number): Past {
  const ago = ({ at }: JournalEntry): number => Math.max(0, (now - Date.parse(at)) / 1000);
  const own = entries.filter((entry) => entry.id === id && ago(entry) <= REMEMBERED).toReversed();
  const well = own.filter(({ result }) => result === 'ok');
  const badly = own.find(({ verb, result }) => verb === 'exited' || (verb === 'start' && result !== 'ok'));
  const newest = well.filter((entry, at) => well.findIndex(({ verb }) => verb === entry.verb) === at);
  return {
    changes: well.flatMap((entry) => {
      const { verb, program, command, user, from } = entry;
      return entry.changed.map((change) => ({ ...change, ago: ago(entry), verb, program, command, user, from }));
    }),
    deeds: newest.map((entry) => ({ verb: entry.verb, ago: ago(entry), user: entry.user })),
    endings: own
      .filter(({ verb }) => verb === 'exited')
      .map(ago)
      .filter((seconds) => seconds <= HOUR),
    ended: badly === undefined ? null : ago(badly),
  };
}

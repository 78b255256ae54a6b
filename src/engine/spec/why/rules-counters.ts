// Rules about beancounters: what was refused, what is full, what grows towards its limit. Memory has rules of its own.
import { UBC_SENSE } from '../ubc-sense.ts';
import { grouped } from '../units.ts';
import type { CtEvidence, RowEvidence } from './evidence.ts';
import {
  amount,
  atTime,
  changeLine,
  culprit,
  during,
  type Found,
  holders,
  lowered,
  loweredText,
  percent,
  type Rule,
  raised,
  raisedText,
  remedyOf,
  sentence,
  some,
} from './sentence.ts';

const thing = (name: string): readonly [string, string] => UBC_SENSE[name]?.refused ?? ['request', 'requests'];

/** What happens inside at the limit, for those whose name does not say it. */
const MEANS: Readonly<Record<string, string>> = {
  numpty: 'nobody can log in or open a terminal',
  shmpages: 'databases and whatever shares memory fail with ENOSPC',
  numproc: 'no process can begin another',
  lockedpages: 'a process that holds as much alone can lock no more',
};

/** Promises, which are no limits, and what the rules of memory are about. */
const ELSEWHERE = new Set(['vmguarpages', 'oomguarpages', 'physpages']);
const own = ({ rows }: CtEvidence): readonly RowEvidence[] => rows.filter(({ name }) => !ELSEWHERE.has(name));

/** Part of the limit from which on what is counted in bytes and pages is full. */
const FULL = 0.98;
/** And from which on what still grows is told. */
const NEAR = 0.9;
/** Growth between the looks that is told without a limit: so many, and so large a part of what there was. */
const GROWN = 20;
const GROWN_PART = 0.2;
/** Connections that the peer has closed and the program has not. */
const CLOSE_WAIT = 20;

/** A limit of nothing is a choice: what is held above it is told where it is refused. */
const isFull = ({ held, limit, unit }: RowEvidence): boolean =>
  limit !== null && limit > 0 && held >= (unit === 'items' ? limit : limit * FULL);
const enforced = (row: RowEvidence): boolean => row.enforced !== 'accounting-only';

const LATELY = 3600;

/** What all sentences about a row share: who holds it, who lowered it, and what tells so. */
function about(ct: CtEvidence, row: RowEvidence): { readonly clauses: readonly string[]; readonly lines: readonly string[] } {
  const change = lowered(ct.changes, row.name.toUpperCase());
  const lines = ct.who[row.name];
  return {
    clauses: [culprit(row, lines), change === null ? '' : loweredText(change, row)],
    lines: [...holders(row, lines), ...(change === null ? [] : [changeLine(change)])],
  };
}

const heldLine = (row: RowEvidence): string =>
  `${row.name} holds ${amount(row, row.held)}${row.limit === null ? '' : ` of ${amount(row, row.limit)}`}, at most ${amount(row, row.maxheld)} (${row.source})`;

/** How many, in how many seconds, and when that was in words. */
function refusedIn(row: RowEvidence, seconds: number): readonly [count: number, seconds: number, when: string] {
  const { minute, hour, refused, when } = row;
  if ((minute ?? 0) > 0) return [Math.max(minute ?? 0, refused), 60, during(60)];
  if (refused > 0) return [refused, seconds, during(seconds)];
  return [hour ?? 0, when?.first ?? LATELY, atTime(when)];
}

/** What goes on has begun before. */
const earlier = ({ hour, when }: RowEvidence, count: number, within: number): string =>
  when !== null && (hour ?? 0) > count && when.first > within ? ` (${grouped(hour ?? 0)} ${during(when.first)})` : '';

const REFUSED: Rule = {
  id: 'refused',
  says: 'alarm',
  looksAt: 'beancounters',
  when: 'The fail counter of a beancounter rose between the looks or in the last minute; in the last hour alone it is a warning.',
  ofContainer: (ct, { seconds }) =>
    own(ct).flatMap((row): readonly Found[] => {
      const [count, within, when] = refusedIn(row, seconds);
      if (count === 0) return [];
      const { clauses, lines } = about(ct, row);
      // before or after it, nobody knows
      const raise = row.refused > 0 ? null : raised(ct.changes, row.name.toUpperCase(), within);
      const at = row.limit === null || raise !== null ? row.name : `${row.name} ${amount(row, row.limit)}`;
      const now = row.refused > 0 || (row.minute ?? 0) > 0;
      return [
        {
          severity: now ? 'alarm' : 'warning',
          text: sentence(
            `refused ${some(count, ...thing(row.name))} ${when}${now ? earlier(row, count, within) : ''} at ${at}`,
            raise === null ? '' : raisedText(raise, row),
            ...clauses,
          ),
          evidence: [
            `${row.failSource}: ${some(row.failcnt, 'refusal')} in all`,
            heldLine(row),
            ...(raise === null ? [] : [changeLine(raise)]),
            ...lines,
          ],
          remedy: raise !== null && row.held < (row.limit ?? 0) * NEAR ? '' : remedyOf(ct, row),
          weight: count / within,
        },
      ];
    }),
};

const REFUSED_UNSEEN: Rule = {
  id: 'refused-unseen',
  says: 'warning',
  looksAt: 'beancounters',
  when: 'A fail counter has risen while nobody noted when, and what it counts is not full now: a warning for one that counts since less than an hour, a note for an older one.',
  ofContainer: (ct, { seconds }) =>
    own(ct).flatMap((row): readonly Found[] => {
      const counted = ct.unwatched ?? null;
      if (counted === null || row.failcnt === 0 || refusedIn(row, seconds)[0] > 0 || (isFull(row) && enforced(row))) return [];
      const { clauses, lines } = about(ct, row);
      const at = row.limit === null ? row.name : `${row.name} ${amount(row, row.limit)}`;
      return [
        {
          severity: counted <= LATELY ? 'warning' : 'note',
          text: sentence(`refused ${some(row.failcnt, ...thing(row.name))} ${during(counted)} at ${at}, nobody looked when`, ...clauses),
          evidence: [`${row.failSource}: ${some(row.failcnt, 'refusal')} in all`, heldLine(row), ...lines],
          remedy: counted <= LATELY ? remedyOf(ct, row) : '',
          weight: row.failcnt / counted,
        },
      ];
    }),
};

const FULL_ROW: Rule = {
  id: 'full',
  says: 'alarm',
  looksAt: 'beancounters',
  when: `A beancounter that somebody enforces holds its limit, which is not 0 (bytes and pages: ${percent(FULL * 100)} of it), and nothing was refused yet: a warning; an alarm where nobody counts refusals.`,
  ofContainer: (ct, { seconds }) =>
    own(ct).flatMap((row): readonly Found[] => {
      if (!isFull(row) || !enforced(row) || refusedIn(row, seconds)[0] > 0) return [];
      const { clauses, lines } = about(ct, row);
      const means = MEANS[row.name] ?? `the next ${thing(row.name)[0]} is refused`;
      return [
        {
          severity: row.failSource === 'none' ? 'alarm' : 'warning',
          text: sentence(`${row.name} is full, ${amount(row, row.held)} of ${amount(row, row.limit ?? 0)}: ${means}`, ...clauses),
          evidence: [heldLine(row), ...lines],
          remedy: remedyOf(ct, row),
          weight: 1,
        },
      ];
    }),
};

const UNENFORCED: Rule = {
  id: 'above-limit',
  says: 'note',
  looksAt: 'beancounters',
  when: 'A beancounter that nobody enforces here holds more than its config allows.',
  ofContainer: (ct) =>
    own(ct).flatMap((row): readonly Found[] => {
      if (row.limit === null || enforced(row) || row.held <= row.limit) return [];
      const text = `holds ${amount(row, row.held)} of ${row.name}, more than the ${amount(row, row.limit)} of its config: nobody enforces that here`;
      return [
        {
          severity: 'note',
          text,
          evidence: [heldLine(row), ...about(ct, row).lines],
          remedy: '',
          weight: row.held / Math.max(1, row.limit),
        },
      ];
    }),
};

const GROWING: Rule = {
  id: 'growing',
  says: 'warning',
  looksAt: 'beancounters',
  when: `A beancounter in items grew between the looks by ${GROWN} and by ${percent(GROWN_PART * 100)}, or holds ${percent(NEAR * 100)} of its limit and grew.`,
  ofContainer: (ct, { seconds }) =>
    own(ct).flatMap((row): readonly Found[] => {
      const grown = row.held - row.before;
      const near = row.limit !== null && row.limit > 0 && enforced(row) && row.held >= row.limit * NEAR && grown > 0;
      const much = row.unit === 'items' && grown >= Math.max(GROWN, row.before * GROWN_PART);
      if ((!near && !much) || isFull(row) || refusedIn(row, seconds)[0] > 0) return [];
      const { clauses, lines } = about(ct, row);
      const ofLimit = row.limit === null || !enforced(row) ? '' : ` of ${amount(row, row.limit)}`;
      return [
        {
          severity: 'warning',
          text: sentence(`${row.name} grew by ${amount(row, grown)} ${during(seconds)} to ${amount(row, row.held)}${ofLimit}`, ...clauses),
          evidence: [`${row.name} held ${amount(row, row.before)} at the first look`, heldLine(row), ...lines],
          remedy: '',
          weight: grown / Math.max(1, row.before),
        },
      ];
    }),
};

const LEAKED: Rule = {
  id: 'close-wait',
  says: 'warning',
  looksAt: 'sockets',
  when: `One program has ${CLOSE_WAIT} connections in CLOSE_WAIT: the peer has closed them, and it has not.`,
  ofContainer: ({ who }) =>
    (who['numtcpsock'] ?? []).flatMap((line): readonly Found[] => {
      if (line.pid === null || line.amount < CLOSE_WAIT || !line.what.includes('CLOSE_WAIT')) return [];
      const text = `${line.name} does not close ${some(line.amount, 'connection')} whose peers have: it leaks sockets`;
      return [{ severity: 'warning', text, evidence: holders({ unit: 'items' }, [line]), remedy: '', weight: line.amount }];
    }),
};

export const COUNTER_RULES: readonly Rule[] = [REFUSED, REFUSED_UNSEEN, FULL_ROW, LEAKED, GROWING, UNENFORCED];

// The fields of vzlist for somebody who looks again and again: which beancounters they need, and how rows of an account show in them.
import { type Cell, type ListField, type ListRow, listField } from '../spec/list-fields.ts';
import type { CtLedger } from '../spec/ubc-ledger.ts';
import { knowsFailcnt, knowsMaxheld } from '../spec/ubc-word.ts';
import type { RowReading, RowReadings } from './row-source.ts';

export type ListedFields = Readonly<Record<string, Cell>>;

export interface WantedFields {
  readonly fields: readonly ListField[];
  /** Beancounters that they show. */
  readonly counters: readonly string[];
}

/** Names that are none of vzlist's are left out. */
export function wantedFields(names: readonly string[]): WantedFields {
  const fields = names.flatMap((name) => listField(name) ?? []);
  return { fields, counters: [...new Set(fields.flatMap(({ counters = [] }) => counters))] };
}

/** What is told of the present life, with what its ledger knows of all of them, as the account has it. */
export function ofAllLives(rows: RowReadings, { rows: known }: Pick<CtLedger, 'rows'>): RowReadings {
  const lived = known.flatMap((row): readonly (readonly [string, RowReading])[] => {
    const reading = rows[row.name];
    if (reading === undefined) return [];
    const { maxheld, failcnt } = row;
    return [[row.name, { ...reading, ...(knowsMaxheld(row) && { maxheld }), ...(knowsFailcnt(row) && { failcnt }) }]];
  });
  return { ...rows, ...Object.fromEntries(lived) };
}

/** `rows`: null for what has no counters. */
export function listedFields(entry: ListRow['entry'], rows: RowReadings | null, { fields }: WantedFields): ListedFields {
  const usage = rows === null ? null : new Map(Object.entries(rows));
  return Object.fromEntries(fields.map(({ name, cell }) => [name, cell({ entry, usage })]));
}

// The fields of vzlist for somebody who looks again and again: which beancounters they need, and how rows of an account show in them.
import { type Cell, type ListField, type ListRow, listField } from '../spec/list-fields.ts';
import type { RowReadings } from './row-source.ts';

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

/** `rows`: null for what has no counters. */
export function listedFields(entry: ListRow['entry'], rows: RowReadings | null, { fields }: WantedFields): ListedFields {
  const usage = rows === null ? null : new Map(Object.entries(rows));
  return Object.fromEntries(fields.map(({ name, cell }) => [name, cell({ entry, usage })]));
}

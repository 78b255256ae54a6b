// Counters of running containers, asked for only when a column shows them.
import type { CtEntry, Engine } from '../engine/index.ts';
import type { Field } from './format/fields.ts';
import type { Row } from './format/row.ts';

/** "numproc.m" is a column of the beancounter numproc. */
const beancounterOf = (field: Field): string => field.name.split('.')[0] ?? '';

export function usageOf(engine: Engine, entries: readonly CtEntry[], fields: readonly Field[]): Row[] {
  const names = [...new Set(fields.filter((field) => field.needs === 'usage').map(beancounterOf))];
  const running = entries.filter((entry) => entry.init !== null).map((entry) => entry.id);
  const counted = engine.beancounters(names.length === 0 ? [] : running, names);
  return entries.map((entry) => ({ entry, usage: entry.init ? (counted.get(entry.id) ?? null) : null }));
}

// Counters of running containers, asked for only when a column shows them.
import type { CtEntry, Engine, ListField, ListRow } from '../engine/index.ts';

export function usageOf(engine: Engine, entries: readonly CtEntry[], fields: readonly ListField[]): ListRow[] {
  const names = [...new Set(fields.flatMap(({ counters = [] }) => counters))];
  const running = entries.filter((entry) => entry.init !== null).map((entry) => entry.id);
  const counted = engine.beancounters(names.length === 0 ? [] : running, names);
  return entries.map((entry) => ({ entry, usage: entry.init ? (counted.get(entry.id) ?? null) : null }));
}

// Counters of running containers, asked for only when a column shows them.
import type { CtEntry, Engine, ListField, ListRow } from '../engine/index.ts';

export function usageOf(engine: Engine, entries: readonly CtEntry[], fields: readonly ListField[], json = false): ListRow[] {
  const shown = fields.flatMap(({ counters = [] }) => counters);
  // in JSON a beancounter is told with its limit
  const names = [...new Set(json ? shown.flatMap((name) => [name, `${name}.l`]) : shown)];
  const running = entries.filter((entry) => entry.init !== null).map((entry) => entry.id);
  const counted = engine.beancounters(names.length === 0 ? [] : running, names);
  return entries.map((entry) => ({ entry, usage: entry.init ? (counted.get(entry.id) ?? null) : null }));
}

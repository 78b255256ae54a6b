// Counters of running containers, asked for only when a column shows them.
import type { CtEntry, Engine, ListField, ListRow } from '../engine/index.ts';

/** `whole`: all is told of each counter, whichever field shows it. */
export async function usageOf(
  engine: Engine,
  entries: readonly CtEntry[],
  fields: readonly ListField[],
  whole = false,
): Promise<ListRow[]> {
  const names = [...new Set(fields.flatMap(({ counters = [] }) => counters))];
  const running = entries.filter((entry) => entry.init !== null).map((entry) => entry.id);
  const lives = whole || fields.some((field) => field.lives);
  if (names.includes('numiptent')) await engine.countRules(running);
  const counted = engine.beancounters(names.length === 0 ? [] : running, names, lives);
  return entries.map((entry) => ({ entry, usage: entry.init ? (counted.get(entry.id) ?? null) : null }));
}

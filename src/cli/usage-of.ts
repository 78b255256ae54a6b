// Counters of running containers, asked for only when a column shows them.
import { type CtEntry, type Engine, PAGE } from '../engine/index.ts';
import type { Field } from './format/fields.ts';
import type { Counted, Row } from './format/row.ts';

export function usageOf(engine: Engine, entries: readonly CtEntry[], fields: readonly Field[]): Row[] {
  const asked = fields.some((field) => field.needs === 'usage') && entries.some((entry) => entry.init !== null);
  const counted = asked ? counters(engine) : new Map<number, ReadonlyMap<string, Counted>>();
  const uptimes = new Map(fields.some((field) => field.name === 'uptime') ? engine.list().map((ct) => [ct.id, ct.uptime]) : []);
  return entries.map((entry) => ({
    entry,
    usage: entry.init ? (counted.get(entry.id) ?? null) : null,
    uptime: uptimes.get(entry.id) ?? 0,
  }));
}

function counters(engine: Engine): Map<number, ReadonlyMap<string, Counted>> {
  const sampler = engine.sampler();
  try {
    return new Map(
      sampler.tick().containers.map(({ id, numproc, memory }) => [
        id,
        new Map<string, Counted>([
          ['numproc', { held: numproc.held, failcnt: numproc.failcnt }],
          ['physpages', { held: Math.ceil(memory.held / Number(PAGE)), failcnt: memory.failcnt }],
        ]),
      ]),
    );
  } finally {
    sampler.close();
  }
}

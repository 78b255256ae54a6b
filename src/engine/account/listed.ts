// The fields of vzlist for somebody who looks again and again: what a config says comes from the caller, counters from files that stay open
// as long as a field is wanted that needs them. Refuses to read anything that no wanted field shows.
import type { CgroupTopology } from '../cgroup/face.ts';
import type { Files } from '../host/port.ts';
import { type Cell, type ListField, type ListRow, listField } from '../spec/list-fields.ts';
import { type OpenBeancounters, openBeancounters } from './beancounters.ts';

export type ListedFields = Readonly<Record<string, Cell>>;

export interface Listed {
  /** The fields of a container; `counted` says whether it has counters. */
  fields(entry: ListRow['entry'], counted: boolean, wanted: WantedFields): ListedFields;
  forget(id: number): void;
  close(): void;
}

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

export function openListed(files: Files, topology: CgroupTopology): Listed {
  const open = new Map<number, { readonly names: string; readonly counters: OpenBeancounters }>();

  const forget = (id: number): void => {
    open.get(id)?.counters.close();
    open.delete(id);
  };

  const usageOf = (id: number, wanted: readonly string[]): ListRow['usage'] => {
    const names = wanted.join(' ');
    let known = open.get(id);
    if (known?.names !== names) {
      forget(id);
      known = { names, counters: openBeancounters(files, topology, id, wanted) };
      open.set(id, known);
    }
    const usage = known.counters.read();
    // a group that is gone may come again, with other files
    if (usage === null) forget(id);
    return usage;
  };

  return {
    fields(entry, counted, { fields, counters }) {
      if (!counted || counters.length === 0) forget(entry.id);
      const usage = counted && counters.length > 0 ? usageOf(entry.id, counters) : null;
      return Object.fromEntries(fields.map(({ name, cell }) => [name, cell({ entry, usage })]));
    },
    forget,
    close() {
      for (const id of [...open.keys()]) forget(id);
    },
  };
}

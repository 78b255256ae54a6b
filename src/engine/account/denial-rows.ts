// Refusals of rows that the kernel holds containers to and counts nowhere: what programs at the place of the refusal have noted.
import { DENIALS, DENIED, type DenialCounts, type Denied, parseDenials } from '../spec/bpf/denials.ts';
import { denialsIn } from './denials.ts';
import type { RowReadings, SourceKind } from './row-source.ts';

const NONE = Object.fromEntries(DENIED.map((row) => [row, 0])) as DenialCounts;

const readings = (rows: readonly Denied[], counts: DenialCounts): RowReadings =>
  Object.fromEntries(rows.map((row) => [row, { failcnt: counts[row], failSource: DENIALS[row].source }]));

export const DENIAL_ROWS: SourceKind = {
  rows: DENIED,
  every: 0,
  // a timer of who sleeps, a signal from the node
  restless: true,
  keeps: true,
  open(host, topology, wanted, groups) {
    if (topology.unified === null) return null;
    const { files } = host;
    let dir: string | null = null;
    let rows: readonly Denied[] = [];
    let before: string | null = null;
    let none: RowReadings = {};
    let refused: ReadonlyMap<number, RowReadings> = new Map();
    /** By container, as it was told last: nearly always there is nothing new. */
    const told = new Map<number, RowReadings>();
    return {
      look(containers) {
        const now = denialsIn(host, topology);
        const text = now && files.read(`${now}/counts`);
        if (now === null || text === null) return new Map();
        if (now !== dir) {
          const made = new Set(files.list(now) ?? []);
          rows = DENIED.filter((row) => wanted.includes(row) && made.has(row));
          none = readings(rows, NONE);
          [dir, before] = [now, null];
        }
        if (text !== before) {
          refused = new Map([...parseDenials(text)].map(([group, counts]) => [group, readings(rows, counts)]));
          told.clear();
        }
        before = text;
        for (const { id } of containers) if (!told.has(id)) told.set(id, refused.get(groups.of(id) ?? 0) ?? none);
        return told;
      },
      forget: (id) => void told.delete(id),
      close() {},
    };
  },
};

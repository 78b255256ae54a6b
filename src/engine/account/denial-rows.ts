// Refusals of rows that the kernel holds containers to and counts nowhere: what programs at the place of the refusal have noted.
import { DENIAL_PROGRAMS, DENIALS, DENIED, type DenialCounts, type Denied, parseDenials } from '../spec/bpf/denials.ts';
import { denialsIn } from './denials.ts';
import type { RowReadings, SourceKind } from './row-source.ts';

/** Of each row what tells it where these programs have been made. */
type Sources = ReadonlyMap<Denied, string>;

function sourcesOf(made: ReadonlySet<string>, wanted: readonly string[]): Sources {
  const here = Map.groupBy(
    DENIAL_PROGRAMS.filter((name) => made.has(name) && wanted.includes(DENIALS[name].row)),
    (name) => DENIALS[name].row,
  );
  return new Map([...here].map(([row, names]) => [row, `bpf ${names.join(', ')}`]));
}

const NONE = Object.fromEntries(DENIED.map((row) => [row, 0])) as DenialCounts;

const readings = (sources: Sources, counts: DenialCounts): RowReadings =>
  Object.fromEntries([...sources].map(([row, failSource]) => [row, { failcnt: counts[row], failSource }]));

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
    let sources: Sources = new Map();
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
          sources = sourcesOf(new Set(files.list(now) ?? []), wanted);
          none = readings(sources, NONE);
          [dir, before] = [now, null];
        }
        if (text !== before) {
          refused = new Map([...parseDenials(text)].map(([group, counts]) => [group, readings(sources, counts)]));
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

// Rows that programs in the kernel's place hold containers to: what they have counted and refused, of those containers that were started under them.
import { refusalsIn, refusedRows } from '../cgroup/refusals.ts';
import { REFUSED, type Refused } from '../spec/bpf/refusal-frame.ts';
import { parseRefusalCounts, parseRefusalLimits, type RefusalCounts } from '../spec/bpf/refusals.ts';
import { bpfPlace } from '../store/bpf-place.ts';
import type { RowReading, RowReadings, SourceKind } from './row-source.ts';

const SOURCE: Readonly<Record<Refused, string>> = {
  numfile: 'bpf security_file_alloc',
  numflock: 'bpf locks_copy_lock',
  numothersock: 'bpf security_socket_post_create',
  privvmpages: 'bpf security_vm_enough_memory_mm',
};

/** Milliseconds for which limits are as they were read. */
const KEPT = 5_000;

function readings(rows: readonly Refused[], counts: RefusalCounts, limits: Readonly<Record<Refused, number>> | undefined): RowReadings {
  const reading = (row: Refused): RowReading => {
    const { held, maxheld, failcnt } = counts[row];
    // what memory it holds, only an estimate is kept of
    const counted = row === 'privvmpages' ? {} : { held, maxheld, source: SOURCE[row] };
    return { ...counted, failcnt, failSource: SOURCE[row], by: 'bpf-refusals', ...(limits && { limit: limits[row] }) };
  };
  return Object.fromEntries(rows.map((row) => [row, reading(row)]));
}

export const REFUSAL_ROWS: SourceKind = {
  rows: REFUSED,
  every: 0,
  // a descriptor may be held elsewhere
  restless: true,
  keeps: true,
  open(host, topology, wanted, groups) {
    if (topology.unified === null) return null;
    const { files } = host;
    const dir = refusalsIn(bpfPlace(host), topology);
    let rows: readonly Refused[] = [];
    let limits: ReturnType<typeof parseRefusalLimits> = new Map();
    let kept = 0;
    return {
      look(containers) {
        // most kernels cannot have the set
        if (files.stat(dir) === null) return new Map();
        const counts = parseRefusalCounts(files.read(`${dir}/counts`) ?? '');
        if (counts.size > 0 && host.uptime() >= kept) {
          rows = refusedRows(files, dir).filter((row) => wanted.includes(row));
          limits = parseRefusalLimits(files.read(`${dir}/limits`) ?? '');
          kept = host.uptime() + KEPT;
        }
        return new Map(
          containers.flatMap(({ id }): [number, RowReadings][] => {
            const group = groups.of(id);
            const count = counts.get(group ?? 0);
            return group === undefined || count === undefined ? [] : [[id, readings(rows, count, limits.get(group))]];
          }),
        );
      },
      forget() {},
      close() {},
    };
  },
};

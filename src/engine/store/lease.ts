// Ranges of user ids are leased, not owned: ids on disk do not depend on them, so a range matters only while a container runs.
// The lease is an OFD lock held by the keeper on a file in one directory of the node that no prefix moves.
import type { Host } from '../host/port.ts';
import { FIRST_BASE, placeOf, RANGE, RANGE_COUNT } from '../spec/id-range.ts';
import { liveProcess } from './process-note.ts';

/** Never below a prefix: two prefixes on one machine must see each other's ranges. */
const LEASES = '/run/vzdeck-ids';

export interface IdRange {
  readonly base: number;
  readonly lease: string;
}

interface Taken {
  readonly from: number;
  readonly count: number;
}

/** Ranges given away in /etc/subuid and /etc/subgid ("name:first:count"), and single ids of passwd and group. */
function taken(host: Host): readonly Taken[] {
  const rows = (path: string): string[][] => (host.files.read(path) ?? '').split('\n').map((line) => line.split(':'));
  const ranges = ['/etc/subuid', '/etc/subgid'].flatMap(rows).map((f) => ({ from: Number(f[1]), count: Number(f[2]) }));
  const single = ['/etc/passwd', '/etc/group'].flatMap(rows).map((f) => ({ from: Number(f[2]), count: 1 }));
  return [...ranges, ...single].filter((t) => t.from >= FIRST_BASE - RANGE);
}

export function leaseFile(base: number): string {
  return `${LEASES}/${base.toString(16)}`;
}

/** A base that a config may wish for: one of ours, so that no config maps a container onto ids that people or other programs have. */
function isRange(base: number): boolean {
  return base % RANGE === 0 && base >= FIRST_BASE && base < FIRST_BASE + RANGE_COUNT * RANGE;
}

/**
 * Ranges to try, the wish first, then from the container's own place on. The keeper takes the lease; when somebody has it without living
 * there yet, or was quicker, it says so and the next range is tried.
 */
export function* freeRanges(host: Host, tag: string, id: number, wish: number | null): Generator<IdRange> {
  host.files.mkdir(LEASES, 0o700);
  const given = taken(host);
  const first = placeOf(tag, id);
  const place = (n: number): number => FIRST_BASE + ((((first + n) % RANGE_COUNT) + RANGE_COUNT) % RANGE_COUNT) * RANGE;
  const bases = function* (): Generator<number> {
    if (wish !== null && isRange(wish)) yield wish;
    for (let n = 0; n < RANGE_COUNT; n++) yield place(n);
  };
  for (const base of bases()) {
    if (given.some((t) => t.from < base + RANGE && base < t.from + t.count)) continue;
    const lease = leaseFile(base);
    // The keeper notes init in the lease's own file: a container that lost its keeper keeps its range, although nobody holds the lock.
    if (!liveProcess(host, lease)) yield { base, lease };
  }
}

/** Takes away the file of a lease that nobody holds and in whose range nobody lives: the keeper that would have done so was killed. */
export async function dropLease(host: Host, lease: string): Promise<void> {
  if (lease === '' || host.files.stat(lease) === null) return;
  // Under the lock, since the range may have been given away meanwhile.
  const lock = await host.launcher.lock(lease, { wait: false });
  if (lock === null) return;
  if (!liveProcess(host, lease)) host.files.unlink(lease);
  await lock.release();
}

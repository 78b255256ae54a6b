// Whether anything can have happened to any container, by what the kernel keeps of all of them together and by the locks that verbs take: three
// readings in place of hundreds for somebody who looks again and again.
import type { CgroupTopology } from '../cgroup/face.ts';
import { type Counters, openCounters } from '../cgroup/usage.ts';
import type { Host } from '../host/port.ts';
import { openListing } from '../store/listing.ts';
import type { NodeConfig } from '../store/node-config.ts';

/** Since it was asked before. */
export interface Calm {
  /** No process of any container or keeper has had a processor, not even to end; nothing was taken from or charged to any; nor `touched`. */
  readonly still: boolean;
  /** A verb has worked on some, or does: their limits may be others. */
  readonly touched: boolean;
}

/** For whoever does not know. */
export const ASTIR: Calm = { still: false, touched: false };

const TOGETHER = ['cpuUsec', 'memory'] as const;

/** `close` it; files of a top that comes later are opened then. */
export function openCalm(
  host: Pick<Host, 'files' | 'now'>,
  { lockDir }: NodeConfig,
  topology: CgroupTopology,
): { look(): Calm; close(): void } {
  const { files } = host;
  const locks = openListing(host, lockDir, () => (files.list(lockDir) ?? []).some((name) => name.endsWith('.lck')));
  const open = (): Counters<(typeof TOGETHER)[number]> => openCounters(files, topology, null, TOGETHER);
  let counters = open();
  let [cpuUsec, memory] = [0, 0];
  return {
    look() {
      const now = counters.read();
      if (now === null) {
        counters.close();
        counters = open();
      }
      const same = now !== null && cpuUsec !== 0 && now.cpuUsec === cpuUsec && now.memory === memory;
      [cpuUsec, memory] = [now?.cpuUsec ?? 0, now?.memory ?? 0];
      const { names: locked, changed, lasting } = locks();
      const touched = locked || changed || !lasting;
      return { still: same && !touched, touched };
    },
    close: () => counters.close(),
  };
}

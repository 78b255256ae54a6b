// Parts of memory of all containers together: where no sum is another one, nobody's part is, but for what one has lost just as another one got it. That is
// seen when all of a container is read again.
import type { CgroupTopology } from '../cgroup/face.ts';
import type { Quantity } from '../cgroup/quantities.ts';
import { type Counters, openCounters } from '../cgroup/usage.ts';
import type { Files } from '../host/port.ts';

/** `moved`: since it was asked before; true where nobody tells. */
export function openSummed(files: Files, topology: CgroupTopology, quantities: readonly Quantity[]): { moved(): boolean; close(): void } {
  const open = (): Counters<Quantity> => openCounters(files, topology, null, quantities);
  let counters: Counters<Quantity> | null = null;
  let edition = -1;
  return {
    moved() {
      counters ??= open();
      const there = counters.read() !== null;
      const same = there && counters.edition === edition;
      edition = there ? counters.edition : -1;
      if (!there) {
        counters.close();
        counters = null;
      }
      return !same;
    },
    close: () => counters?.close(),
  };
}

// A counter that the kernel keeps in each group apart, summed over a container's whole subtree. Only for kernels that count refused forks
// in the group that forked (before 6.11): systemd inside makes a group per service.
import type { Files } from '../host/port.ts';

/** Control files all begin so. A directory that a container names like one hides only its own refusals. */
const CONTROL_FILE = /^(cgroup|cpu|cpuset|dmem|hugetlb|io|irq|memory|misc|pids|rdma)\./;

/**
 * Groups come and go with their counts, so what was seen stays counted. `may` tells whether anything can have been counted since the last
 * call; the first call looks in any case.
 */
export function openSubtreeSum(
  files: Pick<Files, 'list' | 'read'>,
  root: string,
  file: string,
  parse: (text: string) => number,
  may: () => boolean = () => true,
): () => number {
  const seen = new Map<string, number>();
  let gone = 0;
  let total: number | null = null;

  const walk = (dir: string, found: Set<string>): void => {
    const text = files.read(`${dir}/${file}`);
    if (text === null) return;
    const now = parse(text);
    const before = seen.get(dir) ?? 0;
    if (now < before) gone += before;
    seen.set(dir, now);
    found.add(dir);
    for (const name of files.list(dir) ?? []) if (!CONTROL_FILE.test(name)) walk(`${dir}/${name}`, found);
  };

  return () => {
    if (total !== null && !may()) return total;
    const found = new Set<string>();
    walk(root, found);
    for (const [dir, count] of seen)
      if (!found.has(dir)) {
        gone += count;
        seen.delete(dir);
      }
    total = gone;
    for (const count of seen.values()) total += count;
    return total;
  };
}

// Network namespaces that those inside a container have made for themselves: what root inside has moved there, nothing of ours reaches.
import type { Host } from '../host/port.ts';

type Looking = Pick<Host, 'files' | 'proc'>;

/** A process that goes, or a file of it that cannot be read, is as one that has nothing. */
function quietly<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

/** Names of network namespaces that a process can reach: its own, those that its descriptors hold, and those that are mounted where it is. */
function reachedBy({ files, proc }: Looking, pid: string, mounts: Set<string>): readonly string[] {
  const link = (path: string): string => quietly(() => files.readLink(`${proc}/${pid}/${path}`) ?? '', '');
  const place = link('ns/mnt');
  const seen = mounts.has(place);
  mounts.add(place);
  const mounted = seen ? '' : quietly(() => files.read(`${proc}/${pid}/mountinfo`) ?? '', '');
  return [
    link('ns/net'),
    ...quietly(() => files.list(`${proc}/${pid}/fd`) ?? [], []).map((fd) => link(`fd/${fd}`)),
    ...[...mounted.matchAll(/ (net:\[\d+\]) /g)].map(([, name]) => name ?? ''),
  ].filter((name) => name.startsWith('net:['));
}

/**
 * A process of container `id` that has such a one, by its pid on the node; null where there is none. One that holds nothing but loopback, as services of
 * systemd have it, is none.
 */
export function nestedNetwork(host: Looking, id: number, init: number): string | null {
  const { files, proc } = host;
  const own = files.readLink(`${proc}/${init}/ns/net`);
  const groupsOf = (pid: string): readonly string[] => quietly(() => files.read(`${proc}/${pid}/cgroup`) ?? '', '').split('\n');
  // where its init is, or was before it made groups of its own; its keeper stands beside
  const place = new RegExp(`^(.*?/${id}(?:/ct)?(?:/init)?)(?:/|$)`);
  const [top] = groupsOf(String(init)).flatMap((line) => place.exec(line)?.[1] ?? []);
  const isMember = (pid: string): boolean => groupsOf(pid).some((line) => top !== undefined && `${line}/`.startsWith(`${top}/`));
  const mounts = new Set<string>();
  for (const pid of files.list(proc) ?? []) {
    if (!/^\d+$/.test(pid) || !isMember(pid)) continue;
    const here = quietly(() => files.readLink(`${proc}/${pid}/ns/net`), null);
    const links = [...quietly(() => files.read(`${proc}/${pid}/net/dev`) ?? '', '').matchAll(/^\s*([^\s:]+):/gm)].map(([, name]) => name);
    const empty = here !== own && links.every((name) => name === 'lo') ? here : null;
    if (reachedBy(host, pid, mounts).some((name) => name !== own && name !== empty)) return pid;
  }
  return null;
}

// Processes and what they hold: pids, inodes of sockets, pipes and namespaces, user ids.
import { openBreath } from '../account/breath.ts';
import { COMMAND_BYTES, commandText, harmless } from '../account/process-stat.ts';
import { eachDescriptor } from '../account/who/descriptors.ts';
import { parseStatus, quietly, type Seen } from '../account/who/scan.ts';
import type { LensCt, LensKind, LensSources } from './kind.ts';
import { called, type Found, facts } from './words.ts';

/** The container's groups are above whatever it makes below them. */
export function ctOfCgroup(path: string, { top, containers }: Pick<LensSources, 'top' | 'containers'>): LensCt | null {
  const id = path.startsWith(`${top}/`) ? /^(\d+)(?:\/|$)/.exec(path.slice(top.length + 1))?.[1] : undefined;
  return containers.find((ct) => String(ct.id) === id) ?? null;
}

/** Lines "7:pids:/vz/101/init" (cgroups(7)). */
const groupsOf = ({ host: { files, proc } }: LensSources, pid: number): readonly string[] =>
  (quietly(() => files.read(`${proc}/${pid}/cgroup`)) ?? '').split('\n').flatMap((line) => /^\d+:[^:]*:(\/.*)$/.exec(line)?.[1] ?? []);

export function ctOfPid(sources: LensSources, pid: number): LensCt | null {
  for (const path of groupsOf(sources, pid)) {
    const ct = ctOfCgroup(path, sources);
    if (ct !== null) return ct;
  }
  return null;
}

function commandOf({ host: { files, proc } }: LensSources, { pid, name }: Pick<Seen, 'pid' | 'name'>): string {
  return commandText(
    quietly(() => files.readMost(`${proc}/${pid}/cmdline`, COMMAND_BYTES)),
    name,
  );
}

/** A process as the lens tells it; null for one that is not there. */
export function processFound(sources: LensSources, pid: number, what = ''): Found | null {
  const { host, containers } = sources;
  const seen = parseStatus(pid, quietly(() => host.files.read(`${host.proc}/${pid}/status`)) ?? '');
  if (seen === null) return null;
  const ct = ctOfPid(sources, pid);
  const kept = containers.find(({ keeper }) => keeper === pid);
  const inside = ct === null ? '' : ct.init === pid ? `init of ${called(ct)}` : `in ${called(ct)}`;
  const place = kept === undefined ? inside || 'of the node itself' : `keeper of ${called(kept)}`;
  return {
    ct: ct?.id ?? kept?.id ?? 0,
    says: `${what}process ${pid}, ${seen.name}, ${place}`,
    facts: facts({
      'pid inside': seen.inner,
      command: commandOf(sources, seen),
      parent: seen.parent,
      threads: seen.threads,
      state: seen.state,
      cgroup: harmless(groupsOf(sources, pid).find((path) => path !== '/') ?? '/'),
    }),
  };
}

export const pidKind: LensKind = {
  name: 'pid',
  looks: '4711, pid:4711',
  key: (word) => /^(?:pid:)?([1-9]\d{0,9})$/.exec(word)?.[1] ?? null,
  find(key, sources) {
    const found = processFound(sources, Number(key));
    return found === null ? [] : [found];
  },
};

/** Descriptors that are looked at for one answer, and milliseconds. */
const MOST = 200_000;
const PATIENCE = 3_000;

export interface Holder {
  readonly process: Seen;
  readonly ct: LensCt | null;
}

/** Processes that have a descriptor which leads there, of containers and of the node; the first of each. */
export async function holdersOf(sources: LensSources, target: string, of: readonly number[]): Promise<readonly Holder[]> {
  const { host } = sources;
  const end = host.uptime() + PATIENCE;
  let looked = 0;
  const processes = of.flatMap((pid) => parseStatus(pid, quietly(() => host.files.read(`${host.proc}/${pid}/status`)) ?? '') ?? []);
  const found = new Map<number, Holder>();
  // a manager draws meanwhile
  const breath = openBreath(host.uptime);
  const left = (): true | Promise<boolean> => {
    if (++looked > MOST || host.uptime() > end) return Promise.resolve(false);
    return breath()?.then(() => true) ?? true;
  };
  await eachDescriptor({ host, processes, left }, ({ process, target: leads }) => {
    if (leads === target && !found.has(process.pid)) found.set(process.pid, { process, ct: ctOfPid(sources, process.pid) });
  });
  return [...found.values()];
}

export const allPids = ({ host: { files, proc } }: LensSources): readonly number[] =>
  (files.list(proc) ?? []).filter((name) => /^\d+$/.test(name)).map(Number);

const NAMESPACES = 'net|mnt|pid|uts|ipc|user|cgroup|time';
const INODE = new RegExp(`^(socket|pipe|${NAMESPACES}):\\[?(\\d{1,20})\\]?$`);

function namespaceHolders(sources: LensSources, kind: string, target: string): readonly Found[] {
  const { host, containers } = sources;
  const leads = (pid: number): boolean => quietly(() => host.files.readLink(`${host.proc}/${pid}/ns/${kind}`)) === target;
  const mine = containers.filter(({ init }) => init !== null && leads(init));
  if (mine.length > 0)
    return mine.map((ct) => ({ ct: ct.id, says: `${target} is the ${kind} namespace of ${called(ct)}`, facts: facts({ init: ct.init }) }));
  const own = host.files.readLink(`${host.proc}/self/ns/${kind}`) === target;
  if (own) return [{ ct: 0, says: `${target} is the ${kind} namespace of the node, as it is seen from here`, facts: [] }];
  const pid = allPids(sources).find(leads);
  const found = pid === undefined ? null : processFound(sources, pid, `${target}: `);
  return found === null ? [] : [found];
}

export const inodeKind: LensKind = {
  name: 'inode',
  looks: 'socket:[123], pipe:123, net:[4026531840]',
  key: (word) => (INODE.test(word) ? word : null),
  async find(key, sources) {
    const [, kind = '', inode = ''] = INODE.exec(key) ?? [];
    const target = `${kind}:[${inode}]`;
    if (kind !== 'socket' && kind !== 'pipe') return namespaceHolders(sources, kind, target);
    const holders = await holdersOf(sources, target, allPids(sources));
    return holders.flatMap(({ process: { pid } }) => processFound(sources, pid, `${target}: `) ?? []);
  },
};

const RANGE = 65_536;

export const uidKind: LensKind = {
  name: 'uid',
  looks: 'uid:1895825408',
  key: (word) => /^(?:uid:(\d{1,10})|([1-9]\d{8,9}))$/.exec(word)?.slice(1).find(Boolean) ?? null,
  find: (key, { containers }) =>
    containers.flatMap((ct) => {
      const inside = Number(key) - (ct.idBase ?? Number.POSITIVE_INFINITY);
      return inside >= 0 && inside < RANGE ? [{ ct: ct.id, says: `user id ${key} is ${inside} inside ${called(ct)}`, facts: [] }] : [];
    }),
};

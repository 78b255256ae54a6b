// Which processes of a container hold most of a beancounter, looked up when somebody asks: how that is found out for each of them is one table.
// Everything inside is hostile: the work is bounded in time, and an answer that was cut says so.
import type { CgroupTopology } from '../../cgroup/face.ts';
import { membersOf } from '../../cgroup/members.ts';
import type { Host } from '../../host/port.ts';
import { BEANCOUNTERS, type UbcUnit } from '../../spec/ubc.ts';
import { PAGE } from '../../spec/units.ts';
import { type Holding, ranked, type Who } from '../../spec/who.ts';
import { openBreath } from '../breath.ts';
import { endedChildren, locks, openFiles, signals, terminals } from './items.ts';
import { held, kernelMemory, type MemoryParts, memoryParts, ram, shared } from './memory.ts';
import { type NameSources, named } from './named.ts';
import { type Left, scan } from './scan.ts';
import { type Look, socketHoldings } from './sockets.ts';

interface Asking extends Look {
  readonly parts: () => MemoryParts | null;
}

const PAGE_BYTES = Number(PAGE);
const KB_IN_PAGES = 1024 / PAGE_BYTES;
const processes = async (look: Look): Promise<readonly Holding[]> => [
  ...look.processes.map((process) => ({ what: '', process, amount: process.threads })),
  ...(await endedChildren(look)),
];

const nobody =
  (why: string) =>
  ({ note }: Look): readonly Holding[] => {
    note(why);
    return [];
  };

const QUEUED = 'Bytes that wait, as the kernel tells them for single sockets: without what it needs around them';

const FINDERS: Readonly<Record<string, (asking: Asking) => readonly Holding[] | Promise<readonly Holding[]>>> = {
  numproc: processes,
  physpages: (asking) => ram(asking, asking.parts(), PAGE_BYTES),
  oomguarpages: (asking) => [...ram(asking, asking.parts(), PAGE_BYTES), ...held(asking, 'swapped out', ['VmSwap'], KB_IN_PAGES)],
  privvmpages: (asking) => held(asking, 'private memory, used or promised', ['VmData', 'VmStk'], KB_IN_PAGES),
  swappages: (asking) => held(asking, 'swapped out', ['VmSwap'], KB_IN_PAGES),
  lockedpages: (asking) => held(asking, 'locked', ['VmLck'], KB_IN_PAGES),
  shmpages: (asking) => shared(asking, asking.parts(), PAGE_BYTES),
  kmemsize: (asking) => kernelMemory(asking, asking.parts()),
  numtcpsock: (asking) => socketHoldings(asking, 'tcp', () => 1, true),
  numothersock: (asking) => socketHoldings(asking, 'other', () => 1, true),
  tcpsndbuf: (asking) => {
    asking.note(QUEUED);
    return socketHoldings(asking, 'tcp', ({ sent }) => sent, false);
  },
  tcprcvbuf: (asking) => {
    asking.note(QUEUED);
    return socketHoldings(asking, 'tcp', ({ received }) => received, false);
  },
  othersockbuf: (asking) => {
    asking.note('The kernel does not tell what waits in single UNIX sockets');
    return socketHoldings(asking, 'other', ({ sent }) => sent, false);
  },
  dgramrcvbuf: (asking) => {
    asking.note('The kernel does not tell what waits in single UNIX sockets');
    return socketHoldings(asking, 'other', ({ received }) => received, false);
  },
  numfile: openFiles,
  numflock: locks,
  numpty: terminals,
  numsiginfo: signals,
  vmguarpages: nobody('It is a promise, and nobody holds any of it'),
  dcachesize: nobody('Names and inodes of files that were looked at belong to no process; the kernel gives them back when memory is short'),
  diskspace: nobody('Files hold it, not processes: du -xk / | sort -n | tail inside has the largest directories last'),
  diskinodes: nobody(
    'Files hold them, not processes: find / -xdev | cut -d/ -f2-3 | sort | uniq -c | sort -n | tail inside has the fullest directories last',
  ),
  numiptent: nobody('Rules belong to no process: iptables-save or nft list ruleset inside lists them'),
};

/** So many lines are told. */
const LINES = 20;

interface Sources extends NameSources {
  readonly host: Pick<Host, 'files' | 'proc' | 'uptime'>;
  readonly topology: CgroupTopology;
}

export const unitOf = (name: string): UbcUnit => BEANCOUNTERS.find((one) => one.name === name)?.unit ?? 'items';

/** Beancounters that can be asked about, lower case. */
export const ASKABLE: readonly string[] = Object.keys(FINDERS);

/** So much is looked at: a tenth of a second on an idle machine. A busy one takes longer, and tells as much. */
const WORK = 40_000;
/** Milliseconds after which it is enough in any case, and so much is looked at whatever it takes. */
const PATIENCE = 1_500;
const AT_LEAST = 4_000;
function openBudget({ uptime }: Sources['host']): { readonly left: Left; isCut(): boolean } {
  const end = uptime() + PATIENCE;
  const breath = openBreath(uptime);
  let [work, cut] = [0, false];
  const go = async (rest: Promise<void> | null): Promise<boolean> => {
    await rest;
    return !cut;
  };
  return {
    left(weight) {
      work += weight;
      cut ||= work > WORK || (uptime() > end && work > AT_LEAST);
      const rest = cut ? null : breath();
      return cut || rest !== null ? go(rest) : true;
    },
    isCut: () => cut,
  };
}

/** null for a name that is no beancounter's. No lines when it does not run. */
export async function who(sources: Sources, id: number, name: string): Promise<Who | null> {
  const { host, topology } = sources;
  const find = Object.hasOwn(FINDERS, name) ? FINDERS[name] : undefined;
  if (find === undefined) return null;
  const { left, isCut } = openBudget(host);
  const notes = new Set<string>();
  const pids = membersOf(host.files, topology, id);
  const seen = await scan(host, pids, left);
  const parts = (): MemoryParts | null => memoryParts(host.files, topology, id);
  const holdings = await find({ host, processes: seen, left, note: (text) => void notes.add(text), parts });
  if (pids.length === 0) notes.add('It has no processes');
  const all = ranked(holdings, seen, LINES);
  const whole = isCut() ? [`The look was cut: ${seen.length} of ${pids.length} processes were seen, and not all that they hold`] : [];
  return { id, name, unit: unitOf(name), held: Math.round(all.held), lines: await named(all.lines, sources), notes: [...whole, ...notes] };
}

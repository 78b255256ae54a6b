// Who holds a container to each beancounter: the ways to it that kernels offer, the best first, and why nobody does where there is none. The
// parameter table and the account of a container both speak from here. Knows nothing of which ways this node has.
import { bpf, cgroup, kernel, nobody } from './params/enforcer.ts';
import type { Enforcer, Param } from './params/types.ts';
import type { Enforced, UbcRow } from './ubc-rows.ts';

/** What a kernel has or not; each is found by doing it once. */
export type Mechanism =
  | 'pids'
  | 'memory'
  | 'swap'
  | 'memory-low'
  | 'memory-low-node'
  | 'tcp-memory'
  | 'tcp-buffers'
  | 'shmall'
  | 'memlock'
  | 'devpts'
  | 'sigpending'
  | 'bpf-sockets'
  | 'bpf-refusals';

export interface Way {
  readonly by: Mechanism;
  readonly enforced: Enforced;
  /** Why it is not the kernel alone that holds the container to all of it, one clause; "" where it is. */
  readonly reason: string;
}

export interface Hold {
  readonly effect: Param['effect'];
  readonly enforcer: Enforcer;
  readonly since?: string;
  readonly ways: readonly Way[];
  /** Why nobody holds it where this node has none of the ways. */
  readonly otherwise: string;
  /** Why nobody counts its refusals where nobody does, one clause. */
  readonly uncounted?: string;
  /** What of its refusals only a source of this name counts, one clause. */
  readonly counts?: { readonly by: string; readonly otherwise: string };
}

const whole = (by: Mechanism): Way => ({ by, enforced: 'kernel', reason: '' });
const partly = (by: Mechanism, reason: string): Way => ({ by, enforced: 'partial', reason });
const kept = (why: string): Hold => ({ effect: 'none', enforcer: nobody(why), ways: [], otherwise: why });

const WITHIN_RAM = 'the kernel has no limit for it alone: it counts as memory, and physpages bounds that';
const SOCKETS = 'a program on its cgroup, on each cgroup version';
const UNCOUNTED_SOCKETS = 'no program counts sockets of its cgroup: the kernel does not let one, or it was started before there was any';
const INSTEAD = 'a program that the kernel asks before it gives one, where it lets one answer';
const refused = (since: string, otherwise: string): Hold => ({
  effect: 'live',
  enforcer: bpf(INSTEAD),
  since,
  ways: [{ by: 'bpf-refusals', enforced: 'bpf', reason: INSTEAD }],
  otherwise: `${otherwise}, and no program answers for the kernel here: it lets none, or the container was started before there was any`,
});
const NO_MECHANISM = (what: string): string => `this kernel ${what}`;

const TCP_BUFFERS: Hold = {
  effect: 'live',
  enforcer: {
    by: 'kernel',
    how: 'both directions together; on version 2 a share of it for each socket',
    files: { 1: 'memory.kmem.tcp.limit_in_bytes', 2: 'tcp_wmem, tcp_rmem' },
  },
  ways: [
    partly('tcp-memory', 'one limit for both directions together'),
    partly(
      'tcp-buffers',
      'each socket has its share of it at most: together they may hold more, and those of a network namespace made inside have no share',
    ),
  ],
  otherwise: WITHIN_RAM,
};

/** By name of the beancounter. */
export const HOLDS: Readonly<Record<string, Hold>> = {
  kmemsize: kept(WITHIN_RAM),
  lockedpages: {
    effect: 'live',
    enforcer: kernel('RLIMIT_MEMLOCK: each process alone'),
    ways: [partly('memlock', 'each process alone, and nothing bounds what they lock together')],
    otherwise: NO_MECHANISM('bounds no locked memory'),
  },
  privvmpages: refused('6.7', 'the kernel bounds memory that is used, not memory that is promised'),
  shmpages: {
    effect: 'live',
    enforcer: kernel('kernel.shmall of its IPC namespace: System V segments; other shared memory counts as RAM'),
    ways: [
      partly(
        'shmall',
        'System V segments only, and not in an IPC namespace that is made inside: other shared memory counts as RAM, and physpages bounds that',
      ),
    ],
    otherwise: NO_MECHANISM('has no limit of shared memory for a namespace'),
  },
  numproc: {
    effect: 'live',
    enforcer: cgroup('pids', { 1: 'pids.max', 2: 'pids.max' }),
    ways: [whole('pids')],
    otherwise: NO_MECHANISM('has no control group that counts processes'),
  },
  physpages: {
    effect: 'live',
    enforcer: cgroup('memory', { 1: 'memory.limit_in_bytes', 2: 'memory.max' }),
    ways: [whole('memory')],
    otherwise: NO_MECHANISM('has no control group that counts memory'),
  },
  vmguarpages: kept('the kernel guarantees no allocation'),
  oomguarpages: {
    effect: 'live',
    enforcer: cgroup('memory', { 2: 'memory.low' }, 'its barrier, as best it can'),
    ways: [
      partly('memory-low-node', 'a guarantee, kept as best the kernel can: its barrier is spared when the node reclaims memory'),
      partly(
        'memory-low',
        'a guarantee that this kernel keeps when groups above run full, and not when the node itself runs out: vzdeck probe says how it would',
      ),
    ],
    otherwise: 'control groups have no guarantee of memory here: that takes version 2, mounted with memory_recursiveprot',
  },
  numtcpsock: {
    effect: 'live',
    enforcer: bpf(SOCKETS),
    since: '5.10',
    ways: [{ by: 'bpf-sockets', enforced: 'bpf', reason: 'a program on its cgroup; connections that come in are counted, not refused' }],
    otherwise: UNCOUNTED_SOCKETS,
  },
  numflock: refused('6.1', 'control groups do not count file locks'),
  numpty: {
    effect: 'live',
    enforcer: kernel('max= of its devpts; one that root inside mounts itself has none'),
    ways: [partly('devpts', 'those of its own devpts: one that root inside mounts besides is neither counted nor bounded')],
    otherwise: NO_MECHANISM('has no limit of terminals for one devpts'),
    uncounted:
      'the kernel lets no program see which terminals it refuses (BPF trampolines), or no container was started since that is asked for',
  },
  numsiginfo: {
    // fixed at birth: what the user namespace was made with
    effect: 'start',
    enforcer: kernel('signals of its user namespace'),
    since: '5.14',
    ways: [whole('sigpending')],
    otherwise: NO_MECHANISM('bounds queued signals for single users only'),
    uncounted: 'the kernel lets no program see which signals it refuses, or no container was started since that is asked for',
    counts: { by: 'timer_create', otherwise: 'timers that are refused are not counted: that takes BPF trampolines' },
  },
  tcpsndbuf: TCP_BUFFERS,
  tcprcvbuf: TCP_BUFFERS,
  othersockbuf: kept(WITHIN_RAM),
  dgramrcvbuf: kept(WITHIN_RAM),
  numothersock: {
    effect: 'live',
    enforcer: bpf(`${SOCKETS}: internet sockets; UNIX and netlink sockets are only counted`),
    since: '5.10',
    ways: [
      { by: 'bpf-refusals', enforced: 'bpf', reason: INSTEAD },
      partly('bpf-sockets', 'internet sockets only: no program sees how UNIX and netlink sockets are made'),
    ],
    otherwise: UNCOUNTED_SOCKETS,
  },
  dcachesize: kept(WITHIN_RAM),
  numfile: refused('6.1', 'control groups do not count open files'),
  numiptent: kept(WITHIN_RAM),
  swappages: {
    effect: 'live',
    enforcer: cgroup('memory', { 1: 'memory.memsw.limit_in_bytes', 2: 'memory.swap.max' }),
    ways: [whole('swap')],
    otherwise: NO_MECHANISM('does not count swap for control groups'),
  },
  diskspace: kept('its private area has no quota'),
  diskinodes: kept('its private area has no quota'),
};

/** What of its refusals nobody counts, and why; "" where nothing is to be said. */
export function uncountedText({ name, failSource }: Pick<UbcRow, 'name' | 'failSource'>): string {
  const { uncounted = '', counts } = HOLDS[name] ?? {};
  if (failSource === 'none') return uncounted;
  return counts === undefined || failSource.includes(counts.by) ? '' : counts.otherwise;
}

const NOT_TRIED = 'nobody has tried on this node since it came up: the first start does';

/** Who holds a container to it on a node that has these mechanisms; null: nobody knows yet. `own`: one that this container has for itself. */
export function heldBy(name: string, has: ReadonlySet<Mechanism> | null, own?: Mechanism): Pick<Way, 'enforced' | 'reason'> {
  const { ways = [], otherwise = '' } = HOLDS[name] ?? {};
  const way = ways.find(({ by }) => by === own || has?.has(by));
  if (way !== undefined) return { enforced: way.enforced, reason: way.reason };
  return { enforced: 'accounting-only', reason: has === null && own === undefined && ways.length > 0 ? NOT_TRIED : otherwise };
}

// Beancounters, processors, input and output of a running container: whatever control groups hold it to. Which file of which version that is,
// the rows of cgroup/limits.ts know; what the values mean, limits-of.ts.
import type { ContainerCgroups, LimitChange, LimitName, Limits } from '../../cgroup/face.ts';
import { isBelowUse } from '../../cgroup/limits.ts';
import { VzError } from '../../errors.ts';
import type { Values } from '../../spec/params/read.ts';
import { humanBytes, PAGE, printPair, UNLIMITED } from '../../spec/units.ts';
import { privateOf } from '../../store/registry.ts';
import { limitsOf, priorityOfWeight } from '../limits-of.ts';
import type { VerbContext } from '../verb.ts';
import { controlStep } from './control-files.ts';
import { letThrough } from './guarantee.ts';
import { moveMembers } from './move-members.ts';
import type { LiveChange, LivePart, LiveStep, LiveTarget } from './part.ts';

interface Told {
  /** Config keys that lead to the limit. */
  readonly keys: readonly string[];
  /** The limit that the kernel has, as a config would say it. */
  readonly text: (limits: Limits) => string;
}

const items = (n: number | null): string => (n === null ? 'unlimited' : String(n));
const pages = (bytes: number | null): bigint => (bytes === null || !Number.isFinite(bytes) ? UNLIMITED : BigInt(Math.floor(bytes)) / PAGE);
const amount = (bytes: number | null): string => printPair({ barrier: 0n, limit: pages(bytes) });

const TOLD: Readonly<Record<LimitName, Told>> = {
  numproc: { keys: ['NUMPROC'], text: ({ numproc }) => items(numproc) },
  memory: { keys: ['PHYSPAGES'], text: ({ memory }) => amount(memory) },
  swap: { keys: ['SWAPPAGES'], text: ({ swap }) => amount(swap) },
  guarantee: { keys: ['OOMGUARPAGES'], text: ({ guarantee }) => printPair({ barrier: pages(guarantee), limit: UNLIMITED }) },
  // one limit for both directions: told as that of what is sent
  tcpBuffers: { keys: ['TCPSNDBUF', 'TCPRCVBUF'], text: ({ tcpBuffers }) => items(tcpBuffers) },
  cpuunits: { keys: ['CPUUNITS'], text: ({ cpuunits }) => String(cpuunits) },
  cpulimit: { keys: ['CPULIMIT'], text: ({ cpulimit }) => String(cpulimit) },
  cpus: { keys: ['CPUS'], text: ({ cpus }) => String(cpus) },
  cpumask: { keys: ['CPUMASK'], text: ({ cpumask }) => cpumask ?? 'all' },
  nodemask: { keys: ['NODEMASK'], text: ({ nodemask }) => nodemask ?? 'all' },
  ioWeight: { keys: ['IOPRIO'], text: ({ ioWeight }) => String(priorityOfWeight(ioWeight)) },
  ioRate: { keys: ['IOLIMIT'], text: ({ ioRate }) => String(ioRate) },
  ioOps: { keys: ['IOPSLIMIT'], text: ({ ioOps }) => String(ioOps) },
};

const NAMES = Object.keys(TOLD) as readonly LimitName[];

/** Keys that nobody reads back, and what they lead to. */
const LEADS: Readonly<Record<string, LimitName>> = { CPUUWEIGHT: 'cpuunits' };
/** What follows another key on its own: a guarantee is cut to the RAM, `auto` goes by the nodes. */
const FOLLOWS: Readonly<Record<string, LimitName>> = { PHYSPAGES: 'guarantee', NODEMASK: 'cpumask' };
const KEYS = [...NAMES.flatMap((name) => TOLD[name].keys), ...Object.keys(LEADS)];

function limitsAsked(changed: Values): ReadonlySet<LimitName> {
  const direct = NAMES.filter((name) => TOLD[name].keys.some((key) => changed.has(key)));
  return new Set([...direct, ...[...changed.keys()].flatMap((key) => LEADS[key] ?? FOLLOWS[key] ?? [])]);
}

const limitsBy = ({ context, config }: Omit<LiveTarget, 'init'>, values: Values): Limits =>
  limitsOf(context.host, values, privateOf(context.node, config));

/** "numproc 300:300, cpuunits 2000": what of this call a change of limits is about. */
function wordsOf(keys: readonly string[], changed: Values): string {
  return keys.map((key) => `${key.toLowerCase()} ${changed.get(key) ?? ''}`.trim()).join(', ');
}

const CPU_LINES: readonly (readonly [key: string, label: string])[] = [
  ['CPULIMIT', 'Setting CPU limit'],
  ['CPUUNITS', 'Setting CPU units'],
  ['CPUS', 'Setting CPUs'],
];

/** Seconds for which the kernel may try to get memory back. */
const RECLAIM_SECONDS = 10;

/** A limit below what is in use is no mistake, and must not be a surprise. */
function sayBelowUse({ report }: VerbContext, cgroups: ContainerCgroups, id: number, limits: Limits, names: readonly LimitName[]): void {
  const over = (name: 'numproc' | 'memory'): number | null => {
    const [limit, use] = [limits[name], names.includes(name) ? cgroups.use(name) : null];
    return limit !== null && use !== null && use > limit ? use : null;
  };
  const [processes, memory] = [over('numproc'), over('memory')];
  if (processes !== null) {
    const text = `Container ${id} has ${processes} processes: none is ended, but no new one begins before fewer than ${limits.numproc} are left`;
    report({ level: -1, text: `Warning: ${text}` });
  }
  if (memory !== null) {
    const text = `Container ${id} holds ${humanBytes(memory)} of memory: the kernel tries for ${RECLAIM_SECONDS} seconds to get back what is above ${humanBytes(limits.memory ?? 0)}`;
    report({ level: -1, text: `Warning: ${text}` });
  }
}

/** Keys of this call that lead to one of these limits. */
const keysOf = (of: readonly LimitName[], changed: Values): readonly string[] =>
  [...changed.keys()].filter((key) => of.some((name) => TOLD[name].keys.includes(key) || LEADS[key] === name));

function stepOf(change: LiveChange, limits: Limits, { of, join, make }: LimitChange): LiveStep {
  const { context, config, changed } = change;
  const { host } = context;
  const cgroups = context.cgroups(config.id);
  const keys = keysOf(of, changed);
  return controlStep(host, {
    keys,
    what: wordsOf(keys, changed),
    milliseconds: RECLAIM_SECONDS * 1000,
    // asked anew: what stands in one file decides in which order others may be written
    writes: () => cgroups.changes(limits, new Set(of)).flatMap((again) => again.writes),
    first: async () => {
      if (make.length > 0) await host.launcher.ops({ ops: make });
    },
    last: async () => {
      if (join !== '') await moveMembers(context, config.id, join);
    },
    explain: (error) => (isBelowUse(error) ? new VzError('memory-in-use', { ct: config.id, limit: limits.memory ?? 0 }, error) : error),
  });
}

/** Why nothing on this node acts on a limit. */
function whyNot(name: LimitName, { disk }: Limits): string {
  if (name === 'guarantee') return 'cgroup v1 has no guarantee of memory';
  if (!name.startsWith('io')) return 'no control group of this node has a limit for it';
  if (disk === null) return 'its private area is on no disk of this node';
  if (name !== 'ioWeight') return 'the io controller is missing';
  return `disk ${disk.name} is scheduled by ${disk.scheduler}, which knows no weights; try: echo bfq >/sys/block/${disk.name}/queue/scheduler`;
}

/** CPULIMIT and CPUS end in one number, of which the kernel does not tell whose it was: who changes one of them keeps the other as it is filed. */
function apart({ config, changed, after }: LiveChange): Values {
  const values = new Map(after);
  for (const key of ['CPULIMIT', 'CPUS']) if (!changed.has(key)) values.set(key, config.values.get(key) ?? '0');
  return values;
}

function throughStep({ context, config }: LiveChange, before: number, after: number): LiveStep {
  return {
    keys: [],
    what: '',
    apply: () => letThrough(context, config.id, after),
    undo: () => letThrough(context, config.id, before),
  };
}

/** Done and told with no step of its own. */
function said(lines: readonly string[]): LiveStep {
  return { keys: [], what: '', lines, apply: async () => {}, undo: async () => {} };
}

export const LIMITS: LivePart = {
  keys: KEYS,
  plan(change) {
    const { context, config, changed } = change;
    const cgroups = context.cgroups(config.id);
    const limits = limitsBy(change, apart(change));
    const names = limitsAsked(changed);
    sayBelowUse(context, cgroups, config.id, limits, [...names]);
    const can = cgroups.held(limits);
    const own = cgroups.changes(limits, names).map((one) => stepOf(change, limits, one));
    const steps = [
      ...own,
      ...(can.guarantee === undefined || !names.has('guarantee') ? [] : [throughStep(change, can.guarantee, limits.guarantee)]),
    ];
    const cpu = CPU_LINES.flatMap(([key, label]) => (changed.has(key) ? [`${label}: ${changed.get(key)}`] : []));
    return [...steps, ...(cpu.length > 0 ? [said(cpu)] : [])];
  },
  idle(target) {
    // the disk is looked for where somebody asks for it
    const limits = limitsBy(target, new Map([['IOPRIO', '4'], ...target.config.values]));
    const can = target.context.cgroups(target.config.id).held(limits);
    // tcp-buffers.ts has the other way to them
    const names = NAMES.filter((name) => can[name] === undefined && name !== 'tcpBuffers');
    return new Map(names.flatMap((name) => TOLD[name].keys.map((key) => [key, whyNot(name, limits)])));
  },
  wanted(target) {
    const limits = limitsBy(target, target.config.values);
    return new Map(NAMES.flatMap((name) => TOLD[name].keys.map((key) => [key, target.config.values.get(key) ?? TOLD[name].text(limits)])));
  },
  read(target) {
    const { context, config } = target;
    const limits = limitsBy(target, config.values);
    const held = context.cgroups(config.id).held(limits);
    return new Map(
      NAMES.flatMap((name) => {
        const value = held[name];
        if (value === undefined) return [];
        const same = value === limits[name];
        const text = TOLD[name].text({ ...limits, [name]: value });
        return TOLD[name].keys.flatMap((key): [string, string][] => {
          const own = config.values.get(key);
          return same ? [[key, own ?? text]] : [[key, text]];
        });
      }),
    );
  },
};

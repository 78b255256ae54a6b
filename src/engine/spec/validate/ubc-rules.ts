// What beancounters of one config must be to each other: the rules of vzcfgvalidate, each with what would put it right. Pure; a rule holds
// its tongue while a parameter that it is about is not set.
import { isVswap, pairOf } from '../ubc.ts';
import { type Pair, printPair, UNLIMITED } from '../units.ts';

export interface UbcFinding {
  /** A recommendation fails nothing. */
  readonly severity: 'error' | 'warning' | 'recommendation';
  /** Config key that is to be changed. */
  readonly key: string;
  /** As vzcfgvalidate says it, without its first word. */
  readonly text: string;
  /** Canonical value that would do. */
  readonly repair: string;
}

/** Amounts of the node, in pages, that a config should not be above; without them nothing is said of it. */
export interface NodePages {
  readonly ram: bigint;
  readonly swap: bigint;
}

type Known = (name: string) => Pair;
interface Wrong {
  readonly text: string;
  readonly repair: Pair;
}
interface Rule {
  readonly severity: UbcFinding['severity'];
  /** The first one is what the rule is about. */
  readonly of: readonly string[];
  readonly judge: (known: Known) => Wrong | null;
}

const currently = ({ barrier, limit }: Pair): string => `(currently, ${barrier}:${limit})`;
const greatest = (a: bigint, b: bigint): bigint => (a > b ? a : b);
/** Never above what the kernel takes. */
const capped = (n: bigint): bigint => (n > UNLIMITED ? UNLIMITED : n);
const sum = (a: bigint, b: bigint): bigint => capped(a + b);

const each = (names: string, rule: (name: string) => Rule): readonly Rule[] => names.split(' ').map(rule);

const equal = (name: string): Rule => ({
  severity: 'error',
  of: [name],
  judge(known) {
    const pair = known(name);
    const most = greatest(pair.barrier, pair.limit);
    if (pair.barrier === pair.limit) return null;
    return { text: `barrier should be equal to limit for ${name} ${currently(pair)}`, repair: { barrier: most, limit: most } };
  },
});

const ordered = (name: string): Rule => ({
  severity: 'error',
  of: [name],
  judge(known) {
    const pair = known(name);
    if (pair.barrier <= pair.limit) return null;
    return { text: `barrier should be <= limit for ${name} ${currently(pair)}`, repair: { ...pair, limit: pair.barrier } };
  },
});

const endless = (name: string): Rule => ({
  severity: 'error',
  of: [name],
  judge(known) {
    const pair = known(name);
    if (pair.limit === UNLIMITED) return null;
    return { text: `limit should be = ${UNLIMITED} for ${name} (currently, ${pair.limit})`, repair: { ...pair, limit: UNLIMITED } };
  },
});

/** Barrier and limit move together until the barrier is enough. */
const atLeast = (severity: Rule['severity'], name: string, others: readonly string[], least: (known: Known) => bigint): Rule => ({
  severity,
  of: [name, ...others],
  judge(known) {
    const [pair, wanted] = [known(name), capped(least(known))];
    if (pair.barrier >= wanted) return null;
    const repair = { barrier: wanted, limit: sum(pair.limit, wanted - pair.barrier) };
    return { text: `${name}.bar should be > ${wanted} (currently, ${pair.barrier})`, repair };
  },
});

/** Room between barrier and limit for what sockets need to go on. */
const gap = (severity: Rule['severity'], name: string, sockets: string): Rule => ({
  severity,
  of: [name, sockets],
  judge(known) {
    const pair = known(name);
    const wanted = capped(known(sockets).limit * 2560n);
    const room = pair.limit - pair.barrier;
    if (room >= wanted || pair.limit === UNLIMITED) return null;
    const text = `${name}.lim-${name}.bar should be > ${wanted} (currently, ${pair.limit}-${pair.barrier}=${room})`;
    return { text, repair: { ...pair, limit: sum(pair.barrier, wanted) } };
  },
});

/** Processes that are expected: planned, or half of those that are allowed. */
const AVERAGE = ['numproc'];
const average = (known: Known): bigint => {
  const planned = known('avnumproc').barrier;
  return planned > 0n ? planned : known('numproc').barrier / 2n;
};

const RULES: readonly Rule[] = [
  ...each('numproc numtcpsock numothersock shmpages numfile numpty numsiginfo numiptent', equal),
  ...each('kmemsize tcpsndbuf tcprcvbuf othersockbuf dgramrcvbuf privvmpages lockedpages numflock dcachesize', ordered),
  ...each('vmguarpages oomguarpages', endless),
  {
    severity: 'error',
    of: ['physpages'],
    judge: (known) =>
      known('physpages').barrier === 0n
        ? null
        : {
            text: `barrier should be = 0 for physpages (currently, ${known('physpages').barrier})`,
            repair: { barrier: 0n, limit: UNLIMITED },
          },
  },
  {
    severity: 'warning',
    of: ['dcachesize', 'numfile'],
    judge(known) {
      const [pair, wanted] = [known('dcachesize'), capped(known('numfile').limit * 384n)];
      if (pair.limit >= wanted) return null;
      return { text: `dcachesize.lim should be > ${wanted} (currently, ${pair.limit})`, repair: { ...pair, limit: wanted } };
    },
  },
  atLeast('error', 'kmemsize', ['dcachesize', ...AVERAGE], (known) => sum(40_960n * average(known), known('dcachesize').limit)),
  {
    severity: 'warning',
    of: ['privvmpages', 'vmguarpages'],
    judge(known) {
      const [pair, least] = [known('privvmpages'), known('vmguarpages').barrier];
      if (pair.barrier >= least) return null;
      const text = `privvmpages.bar should be > ${least} (currently, ${pair.barrier})`;
      return { text, repair: { barrier: least, limit: greatest(pair.limit, least) } };
    },
  },
  gap('error', 'tcpsndbuf', 'numtcpsock'),
  gap('error', 'othersockbuf', 'numothersock'),
  gap('warning', 'tcprcvbuf', 'numtcpsock'),
  ...each('tcprcvbuf tcpsndbuf', (name) => atLeast('warning', name, [], () => 65_536n)),
  ...each('dgramrcvbuf othersockbuf', (name) => atLeast('warning', name, [], () => 32_768n)),
  ...each('dgramrcvbuf othersockbuf', (name) => atLeast('recommendation', name, [], () => 132_096n)),
  atLeast('warning', 'numfile', ['numtcpsock', 'numothersock', 'numpty', ...AVERAGE], (known) =>
    greatest(32n * average(known), known('numtcpsock').limit + known('numothersock').limit + known('numpty').limit),
  ),
];

const NO_PAIR: Pair = { barrier: 0n, limit: 0n };

function vswapFindings(known: Known, node: NodePages | null): readonly UbcFinding[] {
  const [ram, swap] = [known('physpages'), known('swappages')];
  const above = (name: string, pair: Pair, most: bigint): readonly UbcFinding[] =>
    pair.limit <= most
      ? []
      : [
          {
            severity: 'warning',
            key: name.toUpperCase(),
            text: `${name}.lim should be <= ${most} (currently, ${pair.limit})`,
            repair: printPair({ ...pair, limit: most }),
          },
        ];
  const barrier = (name: string, pair: Pair): readonly UbcFinding[] =>
    pair.barrier === 0n
      ? []
      : [
          {
            severity: 'error',
            key: name.toUpperCase(),
            text: `${name}.bar should be = 0 (currently, ${pair.barrier})`,
            repair: printPair({ ...pair, barrier: 0n }),
          },
        ];
  return [
    ...barrier('physpages', ram),
    ...barrier('swappages', swap),
    ...(node ? [...above('physpages', ram, node.ram), ...above('swappages', swap, node.swap)] : []),
  ];
}

/** Of a config's canonical values, by key. A config of RAM and swap is judged as one. */
export function ubcFindings(values: ReadonlyMap<string, string>, node: NodePages | null = null): readonly UbcFinding[] {
  const known: Known = (name) => pairOf(values.get(name.toUpperCase())) ?? NO_PAIR;
  if (isVswap(values)) return vswapFindings(known, node);
  return RULES.flatMap(({ severity, of, judge }) => {
    const wrong = of.every((name) => values.has(name.toUpperCase())) ? judge(known) : null;
    return wrong ? [{ severity, key: (of[0] ?? '').toUpperCase(), text: wrong.text, repair: printPair(wrong.repair) }] : [];
  });
}

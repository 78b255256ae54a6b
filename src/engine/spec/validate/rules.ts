// What makes the values of a config fit each other: the rules of vzcfgvalidate(8) as data, each with what mends it. Knows no file, and whose
// config it is.
import { BEANCOUNTERS, isVswap, pairOf } from '../ubc.ts';
import { type Pair, printPair, UNLIMITED } from '../units.ts';

export type Severity = 'Error' | 'Warning' | 'Recommendation';

/** The node's memory and swap, in pages. */
export interface NodeSize {
  readonly ram: bigint;
  readonly swap: bigint;
}

export interface BrokenRule {
  readonly severity: Severity;
  /** Lower-case names of the beancounters that it is about; the first is the one to be changed. */
  readonly names: readonly string[];
  /** "numproc.bar should be > 5 (currently, 4)": what vzcfgvalidate says behind severity and colon. */
  readonly text: string;
  /** What the first name has to be. */
  readonly repair: Pair;
}

type PairsOf = (name: string) => Pair;

export interface Rule {
  readonly severity: Severity;
  readonly names: readonly string[];
  /** Null where it is kept. */
  readonly broken: (of: PairsOf, size: NodeSize) => Pick<BrokenRule, 'text' | 'repair'> | null;
}

const ascend = (a: bigint, b: bigint): number => Number(a > b) - Number(a < b);
const max = (...all: readonly bigint[]): bigint => all.toSorted(ascend).at(-1) ?? 0n;
const both = (n: bigint): Pair => ({ barrier: n, limit: n });
/** No room is above a limit that is none already. */
const add = (a: bigint, b: bigint): bigint => [a + b, UNLIMITED].toSorted(ascend)[0] ?? UNLIMITED;
const words = (text: string): readonly string[] => text.split(' ');
const now = ({ barrier, limit }: Pair): string => `(currently, ${barrier}:${limit})`;

const equal = (name: string): Rule => ({
  severity: 'Error',
  names: [name],
  broken(of) {
    const pair = of(name);
    if (pair.barrier === pair.limit) return null;
    return { text: `barrier should be equal to limit for ${name} ${now(pair)}`, repair: both(max(pair.barrier, pair.limit)) };
  },
});

const ascending = (name: string): Rule => ({
  severity: 'Error',
  names: [name],
  broken(of) {
    const pair = of(name);
    if (pair.barrier <= pair.limit) return null;
    return { text: `barrier should be <= limit for ${name} ${now(pair)}`, repair: both(pair.barrier) };
  },
});

const limitIs = (name: string, limit: bigint, barrier?: bigint): Rule => ({
  severity: 'Error',
  names: [name],
  broken(of) {
    const pair = of(name);
    const repair = { barrier: barrier ?? pair.barrier, limit };
    if (barrier !== undefined && pair.barrier !== barrier)
      return { text: `${name}.bar should be = ${barrier} (currently, ${pair.barrier})`, repair };
    return pair.limit === limit ? null : { text: `limit should be = ${limit} for ${name} (currently, ${pair.limit})`, repair };
  },
});

type Side = 'barrier' | 'limit';
const SIDES: Readonly<Record<Side, string>> = { barrier: 'bar', limit: 'lim' };

/** One side must not be less; what mends it may move the other as well. */
const atLeast = (
  severity: Severity,
  names: readonly [string, ...string[]],
  side: Side,
  least: (of: PairsOf) => bigint,
  mend: (pair: Pair, least: bigint) => Pair,
): Rule => ({
  severity,
  names,
  broken(of) {
    const pair = of(names[0]);
    const wanted = least(of);
    if (pair[side] >= wanted) return null;
    return { text: `${names[0]}.${SIDES[side]} should be > ${wanted} (currently, ${pair[side]})`, repair: mend(pair, wanted) };
  },
});

/** Both sides as far up as the barrier has to go. */
const shifted = ({ barrier, limit }: Pair, least: bigint): Pair => ({ barrier: least, limit: add(limit, least - barrier) });

/** A packet of each socket fits between barrier and limit. */
const PER_SOCKET = 2560n;
const room = (severity: Severity, name: string, sockets: string): Rule => ({
  severity,
  names: [name, sockets],
  broken(of) {
    const { barrier, limit } = of(name);
    const wanted = PER_SOCKET * of(sockets).barrier;
    if (limit - barrier >= wanted) return null;
    const text = `${name}.lim-${name}.bar should be > ${wanted} (currently, ${limit}-${barrier}=${limit - barrier})`;
    return { text, repair: { barrier, limit: add(barrier, wanted) } };
  },
});

/** Processes that are expected; half of those that there may be where nobody has said. */
const expected = (of: PairsOf): bigint => {
  const { barrier } = of('avnumproc');
  return barrier > 0n ? barrier : of('numproc').barrier / 2n;
};

const UBC_RULES: readonly Rule[] = [
  ...words('numproc numtcpsock numothersock shmpages numfile numpty numsiginfo numiptent').map(equal),
  ...words('kmemsize tcpsndbuf tcprcvbuf othersockbuf dgramrcvbuf privvmpages lockedpages numflock dcachesize').map(ascending),
  limitIs('vmguarpages', UNLIMITED),
  limitIs('oomguarpages', UNLIMITED),
  limitIs('physpages', UNLIMITED, 0n),
  atLeast(
    'Warning',
    ['dcachesize', 'numfile'],
    'limit',
    (of) => of('numfile').barrier * 384n,
    ({ barrier }, limit) => ({ barrier, limit }),
  ),
  atLeast(
    'Error',
    ['kmemsize', 'avnumproc', 'numproc', 'dcachesize'],
    'barrier',
    (of) => 40_960n * expected(of) + of('dcachesize').limit,
    shifted,
  ),
  atLeast(
    'Warning',
    ['privvmpages', 'vmguarpages'],
    'barrier',
    (of) => of('vmguarpages').barrier,
    ({ limit }, barrier) => ({ barrier, limit: max(limit, barrier) }),
  ),
  room('Error', 'tcpsndbuf', 'numtcpsock'),
  room('Error', 'othersockbuf', 'numothersock'),
  room('Warning', 'tcprcvbuf', 'numtcpsock'),
  ...words('tcprcvbuf tcpsndbuf').map((name) => atLeast('Warning', [name], 'barrier', () => 65_536n, shifted)),
  ...words('dgramrcvbuf othersockbuf').map((name) => atLeast('Warning', [name], 'barrier', () => 32_768n, shifted)),
  ...words('dgramrcvbuf othersockbuf').map((name) => atLeast('Recommendation', [name], 'barrier', () => 132_096n, shifted)),
  atLeast(
    'Warning',
    ['numfile', 'avnumproc', 'numproc', 'numtcpsock', 'numothersock', 'numpty'],
    'barrier',
    (of) => max(32n * expected(of), of('numtcpsock').barrier + of('numothersock').barrier + of('numpty').barrier),
    shifted,
  ),
];

const within = (name: 'physpages' | 'swappages', most: (size: NodeSize) => bigint): Rule => ({
  severity: 'Warning',
  names: [name],
  broken(of, size) {
    const { limit } = of(name);
    const bound = most(size);
    return limit <= bound
      ? null
      : { text: `${name}.lim should be <= ${bound} (currently, ${limit})`, repair: { barrier: 0n, limit: bound } };
  },
});

const noBarrier = (name: string): Rule => ({
  severity: 'Error',
  names: [name],
  broken(of) {
    const { barrier, limit } = of(name);
    return barrier === 0n ? null : { text: `${name}.bar should be = 0 (currently, ${barrier})`, repair: { barrier: 0n, limit } };
  },
});

const VSWAP_RULES: readonly Rule[] = [
  noBarrier('physpages'),
  noBarrier('swappages'),
  within('physpages', ({ ram }) => ram),
  within('swappages', ({ swap }) => swap),
];

/** In the order in which vzcfgvalidate looks at them; a config of RAM and swap has its own. */
export const rulesFor = (vswap: boolean): readonly Rule[] => (vswap ? VSWAP_RULES : UBC_RULES);

const NAMED = new Set([...BEANCOUNTERS.map(({ name }) => name), 'avnumproc']);
/** avnumproc may be missing: half of numproc takes its place. */
const OPTIONAL = new Set(['avnumproc']);

/** Names that a config lacks and its rules need. */
export function missingNames(values: ReadonlyMap<string, string>, vswap = isVswap(values)): readonly string[] {
  const needed = new Set(rulesFor(vswap).flatMap(({ names }) => names));
  return [...NAMED].filter((name) => needed.has(name) && !OPTIONAL.has(name) && pairOf(values.get(name.toUpperCase())) === null);
}

/** Rules that the values break; a rule about a beancounter of which nothing is said is kept. */
export function findingsIn(values: ReadonlyMap<string, string>, size: NodeSize, vswap = isVswap(values)): readonly BrokenRule[] {
  const pairs = new Map([...NAMED].map((name) => [name, pairOf(values.get(name.toUpperCase()))] as const));
  return rulesFor(vswap).flatMap(({ severity, names, broken }) => {
    if (names.some((name) => !OPTIONAL.has(name) && pairs.get(name) == null)) return [];
    const found = broken((name) => pairs.get(name) ?? both(0n), size);
    return found === null ? [] : [{ severity, names, ...found }];
  });
}

/** A repair as configs keep it. */
export const repairText = ({ repair }: BrokenRule): string => printPair(repair);

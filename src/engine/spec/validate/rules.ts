// What makes the values of a config fit each other: the rules of vzcfgvalidate(8) as data, each with what mends it. Knows no file, and whose
// config it is.
import { BEANCOUNTERS, isVswap, pairOf } from '../ubc.ts';
import { type Pair, printPair, UNLIMITED } from '../units.ts';

/** A recommendation fails nothing. */
export type Severity = 'Error' | 'Warning' | 'Recommendation';

/** The node's memory and swap, in pages. */
export interface NodeSize {
  readonly ram: bigint;
  readonly swap: bigint;
}

export interface Broken {
  readonly severity: Severity;
  /** "numproc.bar should be > 5 (currently, 4)": what vzcfgvalidate says behind severity and colon. */
  readonly text: string;
  /** What the rule's first name has to be. */
  readonly repair: Pair;
  /** What of the repair vzcfgvalidate tells: both sides, or the one that it changes. */
  readonly told: 'both' | 'barrier' | 'limit';
}

export interface BrokenRule extends Broken {
  /** Lower-case names of the beancounters that it is about; the first is the one to be changed. */
  readonly names: readonly string[];
}

type PairsOf = (name: string) => Pair;

/** null where the node's size is not known. */
type Around = NodeSize | null;

export interface Rule {
  readonly names: readonly string[];
  /** Null where it is kept. */
  readonly broken: (of: PairsOf, size: Around) => Broken | null;
}

const ascend = (a: bigint, b: bigint): number => Number(a > b) - Number(a < b);
const max = (...all: readonly bigint[]): bigint => all.toSorted(ascend).at(-1) ?? 0n;
const both = (n: bigint): Pair => ({ barrier: n, limit: n });
/** The kernel takes no more than that. */
const capped = (n: bigint): bigint => (n > UNLIMITED ? UNLIMITED : n);
const words = (text: string): readonly string[] => text.split(' ');
const now = ({ barrier, limit }: Pair): string => `(currently, ${barrier}:${limit})`;

const equal = (name: string): Rule => ({
  names: [name],
  broken(of) {
    const pair = of(name);
    if (pair.barrier === pair.limit) return null;
    const repair = both(max(pair.barrier, pair.limit));
    return { severity: 'Error', text: `barrier should be equal to limit for ${name} ${now(pair)}`, repair, told: 'both' };
  },
});

const ascending = (name: string): Rule => ({
  names: [name],
  broken(of) {
    const pair = of(name);
    if (pair.barrier <= pair.limit) return null;
    return { severity: 'Error', text: `barrier should be <= limit for ${name} ${now(pair)}`, repair: both(pair.barrier), told: 'both' };
  },
});

type Side = 'barrier' | 'limit';
const SIDES: Readonly<Record<Side, string>> = { barrier: 'bar', limit: 'lim' };

/** `text`: where the config of RAM and swap says it in other words. */
const exactly = (name: string, side: Side, value: bigint, text = `${side} should be = ${value} for ${name}`): Rule => ({
  names: [name],
  broken(of) {
    const pair = of(name);
    if (pair[side] === value) return null;
    return { severity: 'Error', text: `${text} (currently, ${pair[side]})`, repair: { ...pair, [side]: value }, told: side };
  },
});

/** Both sides as far up as the barrier has to go. */
const shifted = ({ barrier, limit }: Pair, least: bigint): Pair => ({ barrier: least, limit: capped(limit + least - barrier) });

interface Least {
  readonly severity: Severity;
  readonly names: readonly [string, ...string[]];
  readonly side?: Side;
  readonly least: (of: PairsOf) => bigint;
  /** What mends it may move the other side as well. */
  readonly mend?: (pair: Pair, least: bigint) => Pair;
  readonly told?: Broken['told'];
  /** What the text calls it, where that is not name and side. */
  readonly what?: string;
}

const atLeast = ({ severity, names, side = 'barrier', least, mend = shifted, told = 'both', what }: Least): Rule => ({
  names,
  broken(of) {
    const [pair, wanted] = [of(names[0]), capped(least(of))];
    if (pair[side] >= wanted) return null;
    const text = `${what ?? `${names[0]}.${SIDES[side]}`} should be > ${wanted} (currently, ${pair[side]})`;
    return { severity, text, repair: mend(pair, wanted), told };
  },
});

/** A packet of each socket fits between barrier and limit; above what is no limit there is always room. */
const PER_SOCKET = 2560n;
const room = (severity: Severity, name: string, sockets: string): Rule => ({
  names: [name, sockets],
  broken(of) {
    const { barrier, limit } = of(name);
    const wanted = capped(PER_SOCKET * of(sockets).barrier);
    if (limit - barrier >= wanted || limit === UNLIMITED) return null;
    const text = `${name}.lim-${name}.bar should be > ${wanted} (currently, ${limit}-${barrier}=${limit - barrier})`;
    return { severity, text, repair: { barrier, limit: capped(barrier + wanted) }, told: 'both' };
  },
});

/** A least size that is asked for, and above it one that is only recommended. */
const buffer = (name: string, needed: bigint, recommended: bigint): Rule => {
  const rules = [
    atLeast({ severity: 'Warning', names: [name], least: () => needed }),
    atLeast({ severity: 'Recommendation', names: [name], least: () => recommended }),
  ];
  return { names: [name], broken: (of, size) => rules.map((rule) => rule.broken(of, size)).find((found) => found !== null) ?? null };
};

/** Processes that are expected; half of those that there may be where nobody has said. */
const expected = (of: PairsOf): bigint => {
  const { barrier } = of('avnumproc');
  return barrier > 0n ? barrier : of('numproc').barrier / 2n;
};

const UBC_RULES: readonly Rule[] = [
  ...words('numproc numtcpsock numothersock').map(equal),
  exactly('vmguarpages', 'limit', UNLIMITED),
  ...words('kmemsize tcpsndbuf tcprcvbuf othersockbuf dgramrcvbuf').map(ascending),
  exactly('oomguarpages', 'limit', UNLIMITED),
  ...words('privvmpages lockedpages').map(ascending),
  equal('shmpages'),
  exactly('physpages', 'barrier', 0n),
  exactly('physpages', 'limit', UNLIMITED),
  equal('numfile'),
  ascending('numflock'),
  ...words('numpty numsiginfo').map(equal),
  ascending('dcachesize'),
  equal('numiptent'),
];

const DISK: ReadonlySet<string> = new Set(['diskspace', 'diskinodes']);
const DISK_RULES: readonly Rule[] = [...DISK].map(ascending);

const FITTING_RULES: readonly Rule[] = [
  atLeast({
    severity: 'Warning',
    names: ['dcachesize', 'numfile'],
    side: 'limit',
    least: (of) => of('numfile').barrier * 384n,
    mend: ({ barrier }, limit) => ({ barrier, limit }),
    told: 'limit',
  }),
  atLeast({
    severity: 'Error',
    names: ['kmemsize', 'avnumproc', 'numproc', 'dcachesize'],
    least: (of) => 40_960n * expected(of) + of('dcachesize').limit,
  }),
  atLeast({
    severity: 'Warning',
    names: ['privvmpages', 'vmguarpages'],
    least: (of) => of('vmguarpages').barrier,
    mend: ({ limit }, barrier) => ({ barrier, limit: max(limit, barrier) }),
    told: 'barrier',
  }),
  room('Error', 'tcpsndbuf', 'numtcpsock'),
  room('Error', 'othersockbuf', 'numothersock'),
  room('Warning', 'tcprcvbuf', 'numtcpsock'),
  ...words('tcprcvbuf tcpsndbuf').map((name) => atLeast({ severity: 'Warning', names: [name], least: () => 65_536n })),
  ...words('dgramrcvbuf othersockbuf').map((name) => buffer(name, 32_768n, 132_096n)),
  atLeast({
    severity: 'Warning',
    names: ['numfile', 'avnumproc', 'numproc', 'numtcpsock', 'numothersock', 'numpty'],
    least: (of) => max(32n * expected(of), of('numtcpsock').barrier + of('numothersock').barrier + of('numpty').barrier),
    what: 'numfile',
  }),
];

const within = (name: 'physpages' | 'swappages', most: (size: NodeSize) => bigint): Rule => ({
  names: [name],
  broken(of, size) {
    const pair = of(name);
    if (size === null || pair.limit <= most(size)) return null;
    const text = `${name}.lim should be <= ${most(size)} (currently, ${pair.limit})`;
    return { severity: 'Warning', text, repair: { ...pair, limit: most(size) }, told: 'limit' };
  },
});

const VSWAP_RULES: readonly Rule[] = [
  exactly('physpages', 'barrier', 0n, 'physpages.bar should be = 0'),
  within('physpages', ({ ram }) => ram),
  exactly('swappages', 'barrier', 0n, 'swappages.bar should be = 0'),
  within('swappages', ({ swap }) => swap),
];

/** In the order in which vzcfgvalidate looks at them; a config of RAM and swap has its own. `quota`: its disk limits count. */
export const rulesFor = (vswap: boolean, quota = false): readonly Rule[] =>
  vswap ? VSWAP_RULES : [...UBC_RULES, ...(quota ? DISK_RULES : []), ...FITTING_RULES];

/** avnumproc may be missing: half of numproc takes its place. */
const OPTIONAL = new Set(['avnumproc']);
const NAMED = new Set([...BEANCOUNTERS.map(({ name }) => name), ...OPTIONAL, ...DISK]);

/** Without one of these nothing else is looked at; in the original's order. */
const REQUIRED = words(
  'numproc numtcpsock numothersock oomguarpages vmguarpages kmemsize tcpsndbuf tcprcvbuf othersockbuf dgramrcvbuf privvmpages numfile ' +
    'dcachesize physpages numpty',
);

type Values = ReadonlyMap<string, string>;

const pairsIn = (values: Values): Map<string, Pair> =>
  new Map(
    [...NAMED].flatMap((name) => {
      const pair = pairOf(values.get(name.toUpperCase()));
      return pair ? [[name, pair] as const] : [];
    }),
  );

const lacks = (pairs: ReadonlyMap<string, Pair>, name: string): boolean => !OPTIONAL.has(name) && !pairs.has(name);

/** Rules that the values break; a rule about a beancounter of which nothing is said is kept, and so is one about a node's size that is not known. */
export function findingsIn(values: Values, size: Around, vswap = isVswap(values)): readonly BrokenRule[] {
  const pairs = pairsIn(values);
  return rulesFor(vswap).flatMap(({ names, broken }) => {
    if (names.some((name) => lacks(pairs, name))) return [];
    const found = broken((name) => pairs.get(name) ?? both(0n), size);
    return found === null ? [] : [{ names, ...found }];
  });
}

/** A repair as configs keep it: disk limits always as two numbers. */
export const repairText = (name: string, pair: Pair): string => (DISK.has(name) ? `${pair.barrier}:${pair.limit}` : printPair(pair));

/** What a validation comes upon, one after another. */
export type Step = { readonly missing: string } | { readonly found: BrokenRule };

/**
 * Goes through all rules as vzcfgvalidate does: what is mended counts for those that follow. Each `next` says whether the finding before is
 * to be mended; in the end it returns what was, by lower-case name. Of a missing one nothing can be mended.
 */
export function* validation(values: Values, size: NodeSize, vswap: boolean): Generator<Step, ReadonlyMap<string, Pair>, boolean> {
  const pairs = pairsIn(values);
  const mended = new Map<string, Pair>();
  const missing = vswap ? [] : REQUIRED.filter((name) => !pairs.has(name));
  for (const name of missing) yield { missing: name };
  if (missing.length > 0) return mended;
  const told = new Set<string>();
  for (const { names, broken } of rulesFor(vswap, values.get('DISK_QUOTA') === 'yes')) {
    const lacking = names.filter((name) => lacks(pairs, name));
    for (const name of lacking.filter((one) => !told.has(one))) yield { missing: name };
    for (const name of lacking) told.add(name);
    const found = lacking.length > 0 ? null : broken((name) => pairs.get(name) ?? both(0n), size);
    if (found === null || !(yield { found: { names, ...found } })) continue;
    pairs.set(names[0] ?? '', found.repair);
    mended.set(names[0] ?? '', found.repair);
  }
  return mended;
}

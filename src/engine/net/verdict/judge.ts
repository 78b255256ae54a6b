// What a ruleset does with a packet at a hook of the kernel. Conditions that nobody can judge from outside (limits, modules of iptables, times) are
// neither true nor false: a verdict that hangs on one is told as not sure.
import { type Fact, factOf, means, type Packet } from './packet.ts';
import { type Chain, type Family, isObject, type Json, type Rule, type Ruleset } from './ruleset.ts';

/** Where a verdict comes from: a rule, or the policy of a chain (handle null). */
export interface Decider {
  readonly family: Family;
  readonly table: string;
  readonly chain: string;
  readonly handle: number | null;
}

export interface Verdict {
  readonly passes: boolean;
  /** False where it hangs on `doubt`. */
  readonly sure: boolean;
  /** What drops it; null for one that passes. */
  readonly by: Decider | null;
  /** Rules that might decide otherwise. */
  readonly doubts: readonly Decider[];
  /** Where it goes instead, by translation; null: nobody says so. */
  readonly to: { readonly address: string; readonly port: number | null } | null;
  /** It goes out as somebody else. */
  readonly masked: boolean;
}

type Truth = boolean | null;
type End = 'accept' | 'drop' | 'return' | null;

const FAMILIES: Readonly<Record<4 | 6, readonly Family[]>> = { 4: ['inet', 'ip'], 6: ['inet', 'ip6'] };

/** What is no condition and decides nothing. */
const IDLE = new Set(['counter', 'log', 'comment', 'notrack', 'mangle', 'quota', 'set', 'flow', 'snat', 'queue', 'dup', 'ct helper']);

/** What a rule that cannot be judged might do. */
interface Doubt extends Decider {
  readonly might: 'accept' | 'drop' | 'either';
}

class Walk {
  readonly doubts: Doubt[] = [];
  to: Verdict['to'] = null;
  masked = false;
  private readonly ruleset: Ruleset;
  private packet: Packet;
  private by: Decider | null = null;
  constructor(ruleset: Ruleset, packet: Packet) {
    this.ruleset = ruleset;
    this.packet = packet;
  }

  private elements(chain: Chain): (name: string) => readonly Json[] {
    return (name) => this.ruleset.sets.get(`${chain.family} ${chain.table} ${name}`) ?? [];
  }

  private holdsTrue(chain: Chain, statement: { readonly [name: string]: Json }): Truth {
    const match = statement['match'];
    if (isObject(match)) {
      const value: Fact = factOf(this.packet, match['left'] ?? null);
      if (value === null) return false;
      if (value === undefined) return null;
      return means(value, match['right'] ?? null, this.elements(chain)) !== (match['op'] === '!=');
    }
    return Object.keys(statement).every((name) => IDLE.has(name)) ? true : null;
  }

  /** The value that a map has for the packet; undefined: not known, null: none. */
  private mapped(chain: Chain, map: Json | undefined): Fact {
    if (!isObject(map)) return undefined;
    const key = factOf(this.packet, map['key'] ?? null);
    if (key === undefined || key === null) return key;
    const { data } = map;
    const pairs =
      typeof data === 'string' ? this.elements(chain)(data.slice(1)) : isObject(data ?? null) ? (data as { set?: Json }).set : [];
    for (const pair of Array.isArray(pairs) ? pairs : [])
      if (Array.isArray(pair) && means(key, pair[0] ?? null, this.elements(chain))) return pair[1] ?? null;
    return null;
  }

  /** False: the map has nothing for it, and the packet goes on. */
  private translate(chain: Chain, dnat: Json): Truth {
    if (!isObject(dnat)) return null;
    const addr = dnat['addr'] ?? null;
    const value = isObject(addr) && 'map' in addr ? this.mapped(chain, addr['map']) : addr;
    if (value === null) return false;
    const parts = isObject(value) && Array.isArray(value['concat']) ? value['concat'] : [value];
    if (typeof parts[0] !== 'string') return null;
    const port = parts[1] ?? dnat['port'];
    this.to = { address: parts[0], port: typeof port === 'number' ? port : this.packet.port };
    return true;
  }

  private mark(mangle: Json, known: boolean): void {
    const marks = isObject(mangle) && JSON.stringify(mangle['key']) === '{"meta":{"key":"mark"}}';
    const value = marks ? mangle['value'] : undefined;
    if (marks) this.packet = { ...this.packet, mark: known && typeof value === 'number' ? value : null };
  }

  private rule(chain: Chain, { handle, expr }: Rule, sure: boolean, depth: number): End {
    const { family, table, name } = chain;
    const here: Decider = { family, table, chain: name, handle };
    let known = sure;
    const end = (verdict: 'accept' | 'drop'): End => {
      if (!known) {
        this.doubts.push({ ...here, might: verdict });
        return null;
      }
      if (verdict === 'drop') this.by = here;
      return verdict;
    };
    const act = (kind: string, of: Json): End | undefined => {
      if (kind === 'accept') return end('accept');
      if (kind === 'drop' || kind === 'reject') return end('drop');
      if (kind === 'return') {
        if (!known) this.doubts.push({ ...here, might: 'either' });
        return known ? 'return' : null;
      }
      if ((kind === 'jump' || kind === 'goto') && isObject(of)) {
        const ended = this.chain(this.ruleset.chains.get(`${family} ${table} ${of['target']}`), known, depth + 1);
        return ended !== 'return' && ended !== null ? ended : kind === 'goto' && known ? 'return' : null;
      }
      return undefined;
    };
    for (const statement of expr) {
      const [kind = '', of = null] = Object.entries(statement)[0] ?? [];
      const done = act(kind, of);
      if (done !== undefined) return done;
      if (kind === 'vmap') {
        const value = this.mapped(chain, of);
        if (value === undefined) {
          this.doubts.push({ ...here, might: 'either' });
          return null;
        }
        const [word = '', more = null] = isObject(value) ? (Object.entries(value)[0] ?? []) : [];
        return act(word, more) ?? null;
      }
      if (kind === 'dnat' || kind === 'redirect') return this.translate(chain, of) === true ? end('accept') : null;
      if (kind === 'masquerade') {
        this.masked ||= known;
        return end('accept');
      }
      if (kind === 'mangle') this.mark(of, known);
      const truth = this.holdsTrue(chain, statement);
      if (truth === false) return null;
      // a target of iptables that nft cannot tell may be a refusal
      if (kind === 'xt' && statement === expr.at(-1)) this.doubts.push({ ...here, might: 'drop' });
      known &&= truth === true;
    }
    return null;
  }

  /** Depth is bounded by the kernel: 16. */
  private chain(chain: Chain | undefined, sure: boolean, depth: number): End {
    if (chain === undefined || depth > 16) return null;
    for (const rule of chain.rules) {
      const ended = this.rule(chain, rule, sure, depth);
      if (ended !== null) return ended;
    }
    return null;
  }

  /** Through one chain of the hook; what drops it. */
  base(chain: Chain): Decider | null {
    this.by = null;
    const { family, table, name, hook } = chain;
    const ended = this.chain(chain, true, 0);
    if (ended === 'drop') return this.by;
    return ended === 'accept' || hook?.policy !== 'drop' ? null : { family, table, chain: name, handle: null };
  }
}

/** Chains of a hook in the order in which the kernel asks them. */
export function chainsAt(ruleset: Ruleset, families: readonly Family[], hook: string): readonly Chain[] {
  return [...ruleset.chains.values()]
    .filter((chain) => chain.hook?.name === hook && families.includes(chain.family))
    .sort((a, b) => (a.hook?.priority ?? 0) - (b.hook?.priority ?? 0));
}

interface Look {
  readonly hook: 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';
  /** What a bridge asks, instead of what is asked of packets. */
  readonly frames?: boolean;
  readonly chains?: (chain: Chain) => boolean;
}

export function judge(ruleset: Ruleset, packet: Packet, { hook, frames = false, chains = () => true }: Look): Verdict {
  const walk = new Walk(ruleset, packet);
  const doubts = (from: number, not: Doubt['might']): readonly Decider[] =>
    walk.doubts.slice(from).flatMap(({ might, ...decider }) => (might === not ? [] : [decider]));
  for (const chain of chainsAt(ruleset, frames ? ['bridge'] : FAMILIES[packet.family], hook).filter(chains)) {
    const before = walk.doubts.length;
    const by = walk.base(chain);
    if (by === null) continue;
    const others = doubts(before, 'drop');
    return { passes: false, sure: others.length === 0, by, doubts: others, to: walk.to, masked: walk.masked };
  }
  const drops = doubts(0, 'accept');
  return { passes: true, sure: drops.length === 0, by: null, doubts: drops, to: walk.to, masked: walk.masked };
}

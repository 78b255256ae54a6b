// A ruleset of nftables as data, from `nft -j list ruleset` (libnftables-json(5)): chains by the hook that they hang on, rules in their order, sets.

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Family = 'inet' | 'ip' | 'ip6' | 'bridge';

export interface Rule {
  readonly handle: number;
  /** Statements as nft tells them: conditions and what is done, in their order. */
  readonly expr: readonly { readonly [name: string]: Json }[];
}

export interface Chain {
  readonly family: Family;
  readonly table: string;
  readonly name: string;
  /** Null for one that is only jumped to. */
  readonly hook: { readonly name: string; readonly type: string; readonly priority: number; readonly policy: 'accept' | 'drop' } | null;
  readonly rules: readonly Rule[];
}

export interface Ruleset {
  /** "inet vzdeck" … */
  readonly tables: ReadonlySet<string>;
  /** By "family table name". */
  readonly chains: ReadonlyMap<string, Chain>;
  /** Sets and maps by "family table name"; pairs of key and value in maps. */
  readonly sets: ReadonlyMap<string, readonly Json[]>;
}

export const isObject = (json: Json | undefined): json is { readonly [key: string]: Json } =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

const text = (json: Json | undefined): string => (typeof json === 'string' ? json : '');
const number = (json: Json | undefined): number => (typeof json === 'number' ? json : 0);
const list = (json: Json | undefined): readonly Json[] => (Array.isArray(json) ? json : []);

/** An element with a counter, a time-out or a comment is told as an object around it. */
const bare = (json: Json): Json => (isObject(json) && isObject(json['elem']) ? (json['elem']['val'] ?? null) : json);

interface Growing extends Chain {
  readonly rules: Rule[];
}

/** Throws SyntaxError for a text that is none. */
export function parseRuleset(told: string): Ruleset {
  const tables = new Set<string>();
  const chains = new Map<string, Growing>();
  const sets = new Map<string, readonly Json[]>();
  const all: Json = told.trim() === '' ? { nftables: [] } : JSON.parse(told);
  for (const entry of list(isObject(all) ? all['nftables'] : [])) {
    const [kind = '', it = null] = isObject(entry) ? (Object.entries(entry)[0] ?? []) : [];
    if (!isObject(it)) continue;
    const place = `${text(it['family'])} ${text(it['table'])}`;
    if (kind === 'table') tables.add(`${text(it['family'])} ${text(it['name'])}`);
    if (kind === 'set' || kind === 'map') sets.set(`${place} ${text(it['name'])}`, list(it['elem']).map(bare));
    if (kind === 'chain')
      chains.set(`${place} ${text(it['name'])}`, {
        family: text(it['family']) as Family,
        table: text(it['table']),
        name: text(it['name']),
        hook:
          it['hook'] === undefined
            ? null
            : {
                name: text(it['hook']),
                type: text(it['type']),
                priority: number(it['prio']),
                policy: it['policy'] === 'drop' ? 'drop' : 'accept',
              },
        rules: [],
      });
    if (kind === 'rule')
      chains.get(`${place} ${text(it['chain'])}`)?.rules.push({ handle: number(it['handle']), expr: list(it['expr']).filter(isObject) });
  }
  return { tables, chains, sets };
}

// Pools of addresses that `--ipadd auto` chooses from: VZDECK_POOL of vz.conf, or a private and a ULA prefix of our own.

import { parseConf } from '../spec/conf.ts';
import { parseAddress } from '../spec/ip.ts';
import { freeIn, type Prefix, parsePrefixes } from '../spec/prefix.ts';
import type { Files } from './port.ts';

const OWN4 = '10.187.0.0/16';

/** A prefix that no other node has (RFC 4193): 40 bits that follow from the machine's id. */
function ownSix(files: Pick<Files, 'read'>): string {
  let hash = 0xcbf29ce484222325n;
  for (const char of `vzdeck ${files.read('/etc/machine-id') ?? ''}`)
    hash = BigInt.asUintN(64, (hash ^ BigInt(char.codePointAt(0) ?? 0)) * 0x100000001b3n);
  const hex = (hash >> 24n).toString(16).padStart(10, '0');
  return `fd${hex.slice(0, 2)}:${hex.slice(2, 6)}:${hex.slice(6)}::/64`;
}

export const poolsOf = (files: Pick<Files, 'read'>, values: ReadonlyMap<string, string>): readonly Prefix[] =>
  parsePrefixes(values.get('VZDECK_POOL') ?? `${OWN4} ${ownSix(files)}`);

/** Prefixes whose addresses leave the node as its own: the pools where VZDECK_NAT is "yes", or what it names. */
export function maskedOf(files: Pick<Files, 'read'>, values: ReadonlyMap<string, string>): readonly Prefix[] {
  const wish = values.get('VZDECK_NAT') ?? 'no';
  return wish === 'yes' ? poolsOf(files, values) : parsePrefixes(wish);
}

/** For container `id`; `not`: what it has. null: no pool of the family, or a full one. */
export function freeAddress(
  files: Pick<Files, 'read' | 'list'>,
  confDir: string,
  pools: readonly Prefix[],
  family: 4 | 6,
  id: number,
  not: readonly string[],
): string | null {
  const configs = (files.list(confDir) ?? []).filter((name) => /^\d+\.conf$/.test(name) && name !== `${id}.conf`);
  const taken = configs.flatMap((name) =>
    parseConf(files.read(`${confDir}/${name}`) ?? '').lines.flatMap(({ key, value }) => (key === 'IP_ADDRESS' ? value.split(/\s+/) : [])),
  );
  const texts = new Set([...taken, ...not].flatMap((word) => parseAddress(word)?.text ?? []));
  for (const pool of pools.filter((one) => one.family === family)) {
    const found = freeIn(pool, id, texts);
    if (found !== null) return found;
  }
  return null;
}

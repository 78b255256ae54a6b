// Which distributions kernel tests start, and where their templates are kept, built by the recipes as they are now: in the user's cache,
// across runs. Builds nothing.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

interface Stock {
  readonly recipe: string;
  /** Packages beside those of the recipe. */
  readonly include: readonly string[];
}

/** By the name under which tests create containers of it. */
export const STOCK = {
  'debian-12': { recipe: 'debian-12', include: [] },
  'debian-13': { recipe: 'debian-13', include: [] },
  'debian-12-sysvinit': { recipe: 'debian-12-sysvinit', include: [] },
  /** Its resolver is systemd's, as in Ubuntu. */
  'debian-12-resolved': { recipe: 'debian-12', include: ['systemd-resolved'] },
  /** All that keeps a network in Debian, beside ifupdown and systemd-networkd. */
  'debian-13-networks': { recipe: 'debian-13', include: ['network-manager', 'netplan.io'] },
  /** What people run: web, mail, name service, log, beside the recipe's ssh and cron. */
  services: { recipe: 'debian-12', include: ['nginx-light', 'opensmtpd', 'dnsmasq', 'rsyslog'] },
  /** The same for an init that mounts nothing: daemons that change user, bind ports, go into directories of their own. */
  daemons: { recipe: 'debian-12-sysvinit', include: ['bind9', 'apache2', 'postfix', 'dbus', 'rsyslog'] },
  /** Both ways to the packet filter. */
  firewall: { recipe: 'debian-12-sysvinit', include: ['nftables', 'iptables', 'conntrack', 'iproute2'] },
} as const satisfies Readonly<Record<string, Stock>>;

export type StockName = keyof typeof STOCK;
export const STOCK_NAMES = Object.keys(STOCK) as readonly StockName[];

const TEMPLATE = new URL('../../src/engine/template/', import.meta.url).pathname;

const ALL = readdirSync(TEMPLATE, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort();

/** In the cache, by the sources that made it. What was made by earlier ones begins with the same name and a dash. */
function kept(name: StockName, sources: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(STOCK[name]));
  for (const file of sources) hash.update(readFileSync(join(TEMPLATE, file)));
  return join(homedir(), '.cache', 'vzdeck', `${name}-${hash.digest('hex').slice(0, 16)}`);
}

/** There or not. */
export const stockArchive = (name: StockName): string => `${kept(name, ['recipes.ts', 'build.ts'])}.tar.zst`;

/** It, unpacked and cared for as the layer that overlays share; there or not. */
export const stockTree = (name: StockName): string => `${kept(name, ALL)}.tree`;

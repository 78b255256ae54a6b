// The levels of NETFILTER, what can be kept out of a container's packet filter below the full one, and the level that an old list of modules (IPTABLES)
// comes to. What `disabled` keeps out is in rootfs/wall/syscalls.ts.

export const NETFILTER_LEVELS = ['disabled', 'stateless', 'stateful', 'full'] as const;
export type NetfilterLevel = (typeof NETFILTER_LEVELS)[number];

/** What each holds a container to, and what not. */
export const NETFILTER_MEANS: Readonly<Record<NetfilterLevel, string>> = {
  disabled: 'neither iptables nor nft',
  stateless: 'iptables-legacy: filter, mangle; not held: nft',
  stateful: 'as stateless; not held: nft',
  full: 'iptables and nft, with NAT and connections',
};

/** OpenVZ's modules by what they make of a list; those that are not named here filter and mangle. */
const TRANSLATING = ['iptable_nat', 'ip_nat_ftp', 'ip_nat_irc', 'ipt_REDIRECT'];
const TRACKING = ['ip_conntrack', 'ip_conntrack_ftp', 'ip_conntrack_irc', 'ipt_conntrack', 'ipt_state', 'ipt_helper'];

/** Canonical values of a config. NETFILTER beats IPTABLES; without both all is there, as in any network namespace. */
export function netfilterLevel(netfilter: string | undefined, iptables: string | undefined): NetfilterLevel {
  const level = NETFILTER_LEVELS.find((name) => name === netfilter);
  const modules = (iptables ?? '').split(' ').filter((name) => name !== '');
  if (level !== undefined || modules.length === 0) return level ?? 'full';
  if (modules.some((name) => TRANSLATING.includes(name))) return 'full';
  return modules.some((name) => TRACKING.includes(name)) ? 'stateful' : 'stateless';
}

/** Tables of iptables-legacy, arptables and ebtables that are there at `stateless` and `stateful`; seven letters at most. */
export const TABLES = ['filter', 'mangle'] as const;

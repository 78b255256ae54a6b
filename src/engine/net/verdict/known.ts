// Programs that write rules of their own, by the names that they give their tables and chains, and how each is told to let containers through.
import type { Decider } from './judge.ts';
import type { Ruleset } from './ruleset.ts';

export interface Whose {
  /** As it stands in a sentence. */
  readonly name: string;
  /** Command line after which packets by that link of the node pass. */
  readonly remedy: (by: Decider, link: string) => string;
}

interface Sign extends Whose {
  /** Names of its tables, or of chains beside the one that drops. */
  readonly tables?: RegExp;
  readonly chains?: RegExp;
}

/** "venet+" is all of them; a prefix of its own has names that say nothing in common. */
const many = (link: string): string => (/^venet\d+$/.test(link) ? 'venet+' : link);
const iptables = ({ family }: Decider): string => (family === 'ip6' ? 'ip6tables' : 'iptables');

const byNft = ({ family, table, chain }: Decider, link: string): string => {
  const name = `"${many(link).replace('+', '*')}"`;
  return `nft insert rule ${family} ${table} ${chain} iifname ${name} accept && nft insert rule ${family} ${table} ${chain} oifname ${name} accept`;
};

const SIGNS: readonly Sign[] = [
  {
    name: 'firewalld',
    tables: /^firewalld$/,
    remedy: (_by, link) => `firewall-cmd --permanent --zone=trusted --add-interface=${many(link)} && firewall-cmd --reload`,
  },
  {
    name: 'ufw',
    chains: /^ufw6?-/,
    remedy: (_by, link) => `ufw route allow in on ${many(link)} && ufw route allow out on ${many(link)}`,
  },
  {
    name: 'docker',
    chains: /^DOCKER-USER$/,
    remedy: (by, link) => ['i', 'o'].map((way) => `${iptables(by)} -I DOCKER-USER -${way} ${many(link)} -j ACCEPT`).join(' && '),
  },
  { name: 'docker', chains: /^DOCKER/, tables: /^docker-bridges$/, remedy: byNft },
  { name: 'libvirt', chains: /^LIBVIRT_/, tables: /^libvirt_network$/, remedy: byNft },
];

export function known(ruleset: Ruleset, by: Decider): Whose {
  const beside = [...ruleset.chains.values()].filter(({ family, table }) => family === by.family && table === by.table);
  const found = SIGNS.find(
    ({ tables, chains }) => tables?.test(by.table) === true || (chains !== undefined && beside.some(({ name }) => chains.test(name))),
  );
  return found ?? { name: `table ${by.family} ${by.table}`, remedy: byNft };
}

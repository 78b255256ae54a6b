// What of networks must stand on the node, told from the config files and from nothing of ours, and what does stand there, told from the kernel: as lines
// that are equal when all is well.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NetLab } from './net-lab.ts';

/** As the engine numbers them: what a link on the node leads to. */
const [VENET_INDEX, VETH_INDEX] = [0x2000_0000, 0x6000_0000];

type Config = ReadonlyMap<string, string>;

const isSix = (address: string): boolean => address.includes(':');
const wordsOf = (value = '', separator = ' '): readonly string[] => value.split(separator).filter(Boolean);

function configOf(lab: NetLab, id: number): Config {
  const text = readFileSync(join(lab.root, `etc/vz/conf/${id}.conf`), 'utf8');
  return new Map([...text.matchAll(/^(\w+)="(.*)"$/gm)].map(([, key = '', value = '']) => [key, value]));
}

/** `link`: on the node; a container's id stands for its venet. */
function rateWanted(link: string, config: Config): readonly string[] {
  const [to = 0, from = 0] = (config.get('VZDECK_RATE') ?? '0:0').split(':').map(Number);
  return [...(to === 0 ? [] : [`to ${link} ${to}kbit`]), ...(from === 0 ? [] : [`from ${from}kbit`])];
}

function venetWanted(id: number, config: Config): readonly string[] {
  const addresses = wordsOf(config.get('IP_ADDRESS')).map((word) => word.split('/')[0] ?? '');
  if (addresses.length === 0) return [];
  const first = [addresses.find((address) => !isSix(address)), addresses.find(isSix)];
  const forwards = wordsOf(config.get('VZDECK_FORWARD')).map((word) => word.split(':'));
  return [
    `venet ${id}`,
    ...addresses.flatMap((a) => [`route ${a} ${id}`, `proxy ${a}`, `guard ${a} ${id}`, `inside ${id} venet0 ${a}`]),
    ...first.flatMap((address) =>
      address === undefined ? [] : forwards.map(([protocol, port, to]) => `forward ${protocol} ${port} ${address} ${to}`),
    ),
    ...rateWanted(String(id), config),
  ];
}

function vethWanted(id: number, config: Config): readonly string[] {
  return wordsOf(config.get('NETIF'), ';').flatMap((text) => {
    const of = new Map(text.split(',').map((part) => part.split('=') as [string, string]));
    const [link = '', bridge = ''] = [of.get('host_ifname'), of.get('bridge')];
    return [
      ...rateWanted(link, config),
      `port ${link} ${bridge}`,
      `inside ${id} ${of.get('ifname')}`,
      ...(bridge ? [`bridge ${bridge}`] : []),
    ];
  });
}

const movedWanted = (id: number, config: Config): readonly string[] => [
  ...wordsOf(config.get('NETDEV')).map((device) => `inside ${id} ${device}`),
  ...wordsOf(config.get('VZDECK_LINKS')).map((link) => `inside ${id} ${link.split('=')[0]}`),
];

/** Of the containers that run. `own`: devices of the node, as they stand there while nobody has them. */
export function wanted(lab: NetLab, running: readonly number[], own: readonly string[]): readonly string[] {
  const configs = running.map((id) => [id, configOf(lab, id)] as const);
  const lent = configs.flatMap(([, config]) => wordsOf(config.get('NETDEV')));
  const lines = configs.flatMap(([id, config]) => [...venetWanted(id, config), ...vethWanted(id, config), ...movedWanted(id, config)]);
  return [...new Set([...lines, ...own.filter((device) => !lent.includes(device)).map((device) => `own ${device}`)])].sort();
}

interface Link {
  readonly ifname: string;
  readonly link_index?: number;
  readonly master?: string;
  readonly linkinfo?: { readonly info_kind?: string };
  readonly addr_info?: readonly { readonly local: string; readonly scope: string }[];
}
interface Qdisc {
  readonly dev: string;
  readonly kind: string;
  readonly options: { readonly rate?: number };
}
interface Target {
  readonly dst: string;
  readonly dev: string;
}
interface Concat {
  readonly concat: readonly string[];
}
interface Named {
  readonly name: string;
  readonly elem?: readonly unknown[];
}
type Rules = { readonly nftables: readonly { readonly set?: Named; readonly map?: Named }[] };

/** As few programs as there can be: they are asked after each operation. */
const QUESTIONS = [
  'ip -j -d link show',
  ...[4, 6].map((family) => `printf 'route show table main\\nneigh show proxy\\n' | ip -${family} -j -batch -`),
  'tc -j qdisc show',
  'nft -j list ruleset',
];

function elementsOf({ nftables }: Rules, name: string): readonly unknown[] {
  return nftables.flatMap(({ set, map }) => [set, map].flatMap((one) => (one?.name === name ? (one.elem ?? []) : [])));
}

function onNode([links, four, proxies4, six, proxies6, qdiscs, rules]: readonly unknown[], own: readonly string[]): readonly string[] {
  const there = (links as readonly Link[]).filter(({ ifname }) => ifname !== 'lo' && ifname !== 'wire0');
  const venets = new Map(
    there.flatMap(({ ifname, link_index: index = 0 }) =>
      index >= VENET_INDEX && index < VETH_INDEX ? [[ifname, String(index - VENET_INDEX)] as const] : [],
    ),
  );
  const called = (link: string): string => venets.get(link) ?? link;
  const kinds = new Map(there.map(({ ifname, linkinfo }) => [ifname, linkinfo?.info_kind ?? '']));
  const elements = (name: string): readonly unknown[] => elementsOf(rules as Rules, name);
  return [
    ...there.map(({ ifname, master = '' }) => {
      if (venets.has(ifname)) return `venet ${called(ifname)}`;
      if (own.includes(ifname)) return `own ${ifname}`;
      return kinds.get(ifname) === 'veth'
        ? `port ${ifname} ${master}`
        : kinds.get(ifname) === 'ifb'
          ? ''
          : `${kinds.get(ifname)} ${ifname}`;
    }),
    ...[...(four as readonly Target[]), ...(six as readonly Target[])].flatMap(({ dst, dev }) =>
      dev === 'wire0' || own.includes(dev) || dst.startsWith('fe80:') ? [] : [`route ${dst} ${called(dev)}`],
    ),
    ...[...(proxies4 as readonly Target[]), ...(proxies6 as readonly Target[])].map(({ dst }) => `proxy ${dst}`),
    ...['own4', 'own6'].flatMap(elements).map((one) => {
      const [link = '', address] = (one as Concat).concat;
      return `guard ${address} ${called(link)}`;
    }),
    ...['forward4', 'forward6'].flatMap(elements).map((one) => {
      const [key, value] = one as readonly [Concat, Concat];
      return `forward ${[...key.concat, ...value.concat].join(' ')}`;
    }),
    ...(qdiscs as readonly Qdisc[]).flatMap(({ dev, kind, options: { rate = 0 } }) => {
      const kbit = `${(rate * 8) / 1000}kbit`;
      return kind !== 'tbf' ? [] : [kinds.get(dev) === 'ifb' ? `from ${kbit}` : `to ${called(dev)} ${kbit}`];
    }),
  ];
}

const inContainer = (id: number, links: readonly Link[]): readonly string[] =>
  links.flatMap(({ ifname, addr_info: has = [] }) => {
    if (ifname === 'lo') return [];
    if (ifname !== 'venet0') return [`inside ${id} ${ifname}`];
    return has.filter(({ scope }) => scope === 'global').map(({ local }) => `inside ${id} venet0 ${local}`);
  });

/** `running`: containers by id, with the pid of init. */
export function stands(lab: NetLab, running: ReadonlyMap<number, number>, own: readonly string[]): readonly string[] {
  const inside = [...running.values()].map((pid) => `nsenter --net=/proc/${pid}/ns/net ip -j addr`);
  const { out } = lab.node([...QUESTIONS, ...inside].map((line) => `${line}; echo; echo ---`).join('; '));
  // a line for each answer; what tc and nft have nothing of they tell as nothing at all
  const told = out
    .split(/^---\n/m)
    .slice(0, -1)
    .flatMap((text) => (text.trim() || '[]').split('\n').map((line) => JSON.parse(line) as unknown));
  const lines = [
    ...onNode(told, own),
    ...[...running.keys()].flatMap((id, at) => inContainer(id, told.at(at - running.size) as readonly Link[])),
  ];
  return [...new Set(lines.filter(Boolean))].sort();
}

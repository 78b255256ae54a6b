// What of networks must stand on the node, told from the config files and from nothing of ours, and what does stand there, told from the kernel: as lines
// that are equal when all is well.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NetLab } from './net-lab.ts';

/** As the engine numbers them: what a link on the node leads to. */
const [VENET_INDEX, VETH_INDEX] = [0x2000_0000, 0x6000_0000];

const isSix = (address: string): boolean => address.includes(':');
const listOf = (value: string | undefined): readonly string[] => (value ?? '').split(' ').filter(Boolean);

export function configOf(lab: NetLab, id: number): ReadonlyMap<string, string> {
  const text = readFileSync(join(lab.root, `etc/vz/conf/${id}.conf`), 'utf8');
  return new Map([...text.matchAll(/^(\w+)="(.*)"$/gm)].map(([, key = '', value = '']) => [key, value]));
}

/** `link`: on the node; a container's id stands for its venet. */
function rateWanted(link: string, config: ReadonlyMap<string, string>): readonly string[] {
  const [to = 0, from = 0] = (config.get('VZDECK_RATE') ?? '0:0').split(':').map(Number);
  return [...(to === 0 ? [] : [`to ${link} ${to}kbit`]), ...(from === 0 ? [] : [`from ${from}kbit`])];
}

function venetWanted(id: number, config: ReadonlyMap<string, string>): readonly string[] {
  const addresses = listOf(config.get('IP_ADDRESS')).map((word) => word.split('/')[0] ?? '');
  if (addresses.length === 0) return [];
  const forwards = [addresses.find((a) => !isSix(a)), addresses.find(isSix)].flatMap((address) =>
    address === undefined
      ? []
      : listOf(config.get('VZDECK_FORWARD')).map((word) => `forward ${word.replace(/:(\d+):(\d+)$/, ` $1 ${address} $2`)}`),
  );
  return [
    `venet ${id}`,
    ...addresses.flatMap((a) => [`route ${a} ${id}`, `proxy ${a}`, `guard ${a} ${id}`, `inside ${id} venet0 ${a}`]),
    ...forwards,
    ...rateWanted(String(id), config),
  ];
}

function vethWanted(id: number, config: ReadonlyMap<string, string>): readonly string[] {
  return (config.get('NETIF') ?? '')
    .split(';')
    .filter(Boolean)
    .flatMap((text) => {
      const of = new Map(text.split(',').map((part) => part.split('=') as [string, string]));
      const bridge = of.get('bridge') ?? '';
      const link = of.get('host_ifname') ?? '';
      return [
        ...rateWanted(link, config),
        `port ${link} ${bridge}`,
        `inside ${id} ${of.get('ifname')}`,
        ...(bridge ? [`bridge ${bridge}`] : []),
      ];
    });
}

/** Of the containers that run. */
export function wanted(lab: NetLab, running: readonly number[]): readonly string[] {
  const lines = running.flatMap((id) => [...venetWanted(id, configOf(lab, id)), ...vethWanted(id, configOf(lab, id))]);
  return [...new Set(lines)].sort();
}

interface Link {
  readonly ifname: string;
  readonly link_index?: number;
  readonly master?: string;
  readonly linkinfo?: { readonly info_kind?: string };
}

interface Element {
  readonly concat?: readonly string[];
}

function elements(lab: NetLab, name: string): readonly unknown[] {
  const { nftables } = JSON.parse(lab.node('nft -j list ruleset').out || '{"nftables":[]}') as {
    nftables: readonly { readonly set?: Named; readonly map?: Named }[];
  };
  return nftables.flatMap(({ set, map }) => [set, map].flatMap((one) => (one?.name === name ? (one.elem ?? []) : [])));
}

interface Named {
  readonly name: string;
  readonly elem?: readonly unknown[];
}

function onNode(lab: NetLab): readonly string[] {
  const json = <T>(line: string): T => JSON.parse(lab.node(line).out || '[]') as T;
  const links = json<readonly Link[]>('ip -j -d link show').filter(({ ifname }) => ifname !== 'lo' && ifname !== 'wire0');
  const venets = new Map(
    links.flatMap(({ ifname, link_index: index = 0 }) =>
      index >= VENET_INDEX && index < VETH_INDEX ? [[ifname, index - VENET_INDEX] as const] : [],
    ),
  );
  const rates = json<readonly { readonly dev: string; readonly kind: string; readonly options: { readonly rate?: number } }[]>(
    'tc -j qdisc show',
  ).filter(({ kind }) => kind === 'tbf');
  const kindOf = (name: string): string => links.find(({ ifname }) => ifname === name)?.linkinfo?.info_kind ?? '';
  const routes = ['-4', '-6'].flatMap((family) =>
    json<readonly { readonly dst: string; readonly dev: string }[]>(`ip ${family} -j route show table main`),
  );
  const proxies = ['-4', '-6'].flatMap((family) => json<readonly { readonly dst: string }[]>(`ip ${family} -j neigh show proxy`));
  return [
    ...links.map(({ ifname, master = '' }) => {
      const kind = kindOf(ifname);
      if (venets.has(ifname)) return `venet ${venets.get(ifname)}`;
      return kind === 'veth' ? `port ${ifname} ${master}` : kind === 'ifb' ? '' : `${kind} ${ifname}`;
    }),
    ...routes.flatMap(({ dst, dev }) => (dev === 'wire0' || dst.startsWith('fe80:') ? [] : [`route ${dst} ${venets.get(dev) ?? dev}`])),
    ...proxies.map(({ dst }) => `proxy ${dst}`),
    ...['own4', 'own6'].flatMap((set) =>
      elements(lab, set).map((one) => {
        const [link = '', address] = (one as Element).concat ?? [];
        return `guard ${address} ${venets.get(link) ?? link}`;
      }),
    ),
    ...['forward4', 'forward6'].flatMap((map) =>
      elements(lab, map).map((one) => {
        const [key, value] = one as readonly [Element, Element];
        return `forward ${[key.concat?.[0], key.concat?.[1], value.concat?.[0], value.concat?.[1]].join(' ')}`;
      }),
    ),
    ...rates.map(({ dev, options: { rate = 0 } }) => {
      const kbit = `${(rate * 8) / 1000}kbit`;
      return kindOf(dev) === 'ifb' ? `from ${kbit}` : `to ${venets.get(dev) ?? dev} ${kbit}`;
    }),
  ];
}

function inContainer(lab: NetLab, id: number): readonly string[] {
  const links = JSON.parse(lab.inside(id, 'ip -j addr').out || '[]') as readonly {
    readonly ifname: string;
    readonly addr_info: readonly { readonly local: string; readonly scope: string }[];
  }[];
  return links.flatMap(({ ifname, addr_info: has }) => {
    if (ifname === 'lo') return [];
    return ifname === 'venet0'
      ? has.filter(({ scope }) => scope === 'global').map(({ local }) => `inside ${id} venet0 ${local}`)
      : [`inside ${id} ${ifname}`];
  });
}

export function stands(lab: NetLab, running: readonly number[]): readonly string[] {
  const lines = [...onNode(lab), ...running.flatMap((id) => inContainer(lab, id))];
  return [...new Set(lines.filter(Boolean))].sort();
}

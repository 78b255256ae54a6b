// What others on the node do to packets of containers: firewalls of known programs and of unknown ones, br_netfilter, and what is full.

import { type Decider, judge } from '../verdict/judge.ts';
import { known } from '../verdict/known.ts';
import type { Packet } from '../verdict/packet.ts';
import type { CheckRule, Fill, NetCt, NetEvidence, NetFinding } from './evidence.ts';

type Finding = Omit<NetFinding, 'rule'>;

const placeOf = ({ family, table, chain }: Decider): string => `${family} ${table} ${chain}`;
export const deciderText = (decider: Decider): string =>
  decider.handle === null ? `policy drop of chain ${placeOf(decider)}` : `rule ${decider.handle} of chain ${placeOf(decider)}`;

const FOREIGN_HOST = { 4: '203.0.113.1', 6: '2001:db8::1' } as const;

const packet = (family: 4 | 6, from: string, to: string, way: Pick<Packet, 'in' | 'out'>): Packet => ({
  family,
  from,
  to,
  ...way,
  protocol: 'tcp',
  port: null,
  local: false,
  translated: false,
  mark: 0,
  macFrom: '',
  macTo: '',
});

/** One packet each way between a container and what is behind each device on which the node answers for it. */
function crossing({ things, addresses }: NetCt): readonly { readonly packet: Packet; readonly link: string }[] {
  const pair = things.find(([kind]) => kind === 'pair')?.[1];
  if (pair === undefined) return [];
  return ([4, 6] as const).flatMap((family) => {
    const own = addresses.find((address) => address.family === family)?.text;
    const devices = things.flatMap(([kind, address = '', device = '']) => (kind === 'proxy' && address === own ? [device] : []));
    if (own === undefined) return [];
    return devices.flatMap((device) => [
      { link: pair, packet: packet(family, own, FOREIGN_HOST[family], { in: pair, out: device }) },
      { link: pair, packet: packet(family, FOREIGN_HOST[family], own, { in: device, out: pair }) },
    ]);
  });
}

/** The first that keeps packets back, told once for all containers. */
function merged(found: readonly (Finding & { readonly key: string })[]): readonly Finding[] {
  const byKey = new Map<string, Finding>();
  for (const { key, ...one } of found) {
    const before = byKey.get(key);
    byKey.set(key, before === undefined ? one : { ...before, cts: [...new Set([...before.cts, ...one.cts])] });
  }
  return [...byKey.values()];
}

const bridgesOf = (links: NetEvidence['links']): ReadonlySet<string> =>
  new Set([...links.values()].flatMap(({ kind, name }) => (kind === 'bridge' ? [name] : [])));

function foreign({ table, ruleset, containers, links }: NetEvidence): readonly Finding[] {
  if (ruleset === null) return [];
  const found = containers.flatMap((ct) =>
    crossing(ct).flatMap(({ packet: one, link }) => {
      const { passes, sure, by, doubts } = judge(
        ruleset,
        { ...one, bridges: bridgesOf(links) },
        { hook: 'forward', chains: (chain) => chain.table !== table },
      );
      if (passes || by === null) return [];
      const whose = known(ruleset, by);
      const object = `table ${by.family} ${by.table}`;
      return [
        {
          key: placeOf(by),
          cts: [ct.id],
          object,
          cause: `${whose.name === object ? '' : `of ${whose.name} `}drops what the node forwards ${one.in === link ? 'from' : 'to'} containers${sure ? '' : ', unless one of its other rules lets it pass'}`,
          remedy: whose.remedy(by, link),
          evidence: [
            `${deciderText(by)}: ${one.from} by ${one.in} to ${one.to} by ${one.out}`,
            ...(sure ? [] : [`not judged: ${doubts.map(deciderText).join(', ')}`]),
          ],
        },
      ];
    }),
  );
  return merged(found);
}

/** Frames that only pass a bridge are shown to rules about forwarding with br_netfilter. */
function bridged({ table, ruleset, containers, says, links }: NetEvidence): readonly Finding[] {
  const found = containers.flatMap(({ id, things }) =>
    things.flatMap(([kind, port = '', bridge = '']) => {
      if (kind !== 'port' || bridge === '' || ruleset === null) return [];
      return ([4, 6] as const).flatMap((family) => {
        const setting = `bridge/bridge-nf-call-${family === 4 ? 'iptables' : 'ip6tables'}`;
        if (says(setting) !== '1') return [];
        const one = packet(family, FOREIGN_HOST[family], FOREIGN_HOST[family], { in: bridge, out: bridge });
        const { passes, by, sure } = judge(
          ruleset,
          { ...one, bridges: bridgesOf(links) },
          { hook: 'forward', chains: (chain) => chain.table !== table },
        );
        if (passes || by === null) return [];
        const whose = known(ruleset, by);
        return [
          {
            key: `${bridge} ${family}`,
            cts: [id],
            object: `bridge ${bridge}`,
            cause: `net.${setting.replace('/', '.')} shows its frames to the rules of ${whose.name}, which ${sure ? 'drop' : 'may drop'} them`,
            remedy: `sysctl -w net.${setting.replace('/', '.')}=0`,
            evidence: [`${deciderText(by)}: by ${bridge} to ${bridge}`, `${port} is a port of it`],
          },
        ];
      });
    }),
  );
  return merged(found);
}

const STRICT = '1';
/** A device that lets in only what would go out by it drops what has another way back. */
function reverse({ containers, ways, says }: NetEvidence): readonly Finding[] {
  return containers.flatMap(({ id, things }) =>
    things.flatMap(([kind, to = '', link = '']) => {
      const [address = ''] = to.split('/');
      if (kind !== 'route' || address.includes(':')) return [];
      const mode = [says('ipv4/conf/all/rp_filter'), says(`ipv4/conf/${link}/rp_filter`)].sort().at(-1);
      const way = ways.find((one) => one.address === address);
      if (mode !== STRICT || way === undefined || way.device === link) return [];
      return [
        {
          cts: [id],
          object: `net.ipv4.conf.${link}.rp_filter`,
          cause: `is strict, and the way back to ${address} is not by ${link}: all that it sends is dropped`,
          remedy: `sysctl -w net.ipv4.conf.${link}.rp_filter=2`,
          evidence: [`ip route get ${address}: ${way.says}`],
        },
      ];
    }),
  );
}

function duplicates({ containers, own }: NetEvidence): readonly Finding[] {
  return containers.flatMap(({ id, addresses }) =>
    addresses.flatMap(({ text }) => {
      const mine = own.find(({ address }) => address === text);
      // told once, by the later one
      const twin = containers.find((other) => other.id < id && other.addresses.some((address) => address.text === text));
      const whose = mine ? `the node's own, on ${mine.device}` : twin ? `also in the config of container ${twin.id}` : null;
      if (whose === null) return [];
      const cause = `of container ${id} is ${whose}`;
      const cts = twin ? [twin.id, id] : [id];
      return [
        { cts, object: `address ${text}`, cause, remedy: `vzctl set ${id} --ipdel ${text} --save`, evidence: [`IP_ADDRESS of ${id}`] },
      ];
    }),
  );
}

function claimed({ containers, claims }: NetEvidence): readonly Finding[] {
  return claims.flatMap(({ address, device, mac }) => {
    const id = containers.find(({ things }) => things.some(([kind, of, on]) => kind === 'proxy' && of === address && on === device))?.id;
    if (id === undefined) return [];
    return [
      {
        cts: [id],
        object: `address ${address}`,
        cause: `of container ${id} is answered for by ${mac} on ${device}, too: what is sent to it goes to the one or the other`,
        remedy: `vzctl set ${id} --ipdel ${address} --save`,
        evidence: [`who has ${address}, asked on ${device}: ${mac}`],
      },
    ];
  });
}

/** A frame that is larger than the next link takes is dropped by a bridge without a word. */
function mtu({ containers, links }: NetEvidence): readonly Finding[] {
  return containers.flatMap(({ id, things }) =>
    things.flatMap(([kind, name = '', bridge = '']) => {
      const [port, over] = [links.get(name), links.get(bridge)];
      if (kind !== 'port' || port === undefined || over === undefined) return [];
      const narrow = [...links.values()].filter((link) => link.master === bridge && link.mtu < port.mtu).sort((a, b) => a.mtu - b.mtu);
      const [worst] = over.mtu < port.mtu ? [over, ...narrow] : narrow;
      if (worst === undefined || worst.mtu >= port.mtu) return [];
      return [
        {
          cts: [id],
          object: `${name} in ${bridge}`,
          cause: `takes packets of ${port.mtu} bytes, and ${worst.name} only ${worst.mtu}: larger ones are lost without a word`,
          remedy: `ip link set dev ${name} mtu ${worst.mtu} && vzctl exec ${id} ip link set dev ${innerOf(things, name)} mtu ${worst.mtu}`,
          evidence: [`mtu ${port.mtu} of ${name}, ${worst.mtu} of ${worst.name}`],
        },
      ];
    }),
  );
}
const innerOf = (things: NetCt['things'], near: string): string =>
  things.find(([kind, name]) => kind === 'cable' && name === near)?.[2] ?? 'eth0';

/** From this share on new ones are soon refused. */
const FULL = 0.9;
const fills =
  (of: (evidence: NetEvidence) => readonly (Fill | null)[]) =>
  (evidence: NetEvidence): readonly Finding[] =>
    of(evidence).flatMap((fill) =>
      fill === null || fill.most <= 0 || fill.held < FULL * fill.most
        ? []
        : [
            {
              cts: [],
              object: fill.what,
              cause: `is ${fill.held >= fill.most ? 'full' : 'nearly full'}: new connections are dropped, of every container and of the node`,
              remedy: `sysctl -w ${fill.setting}=${fill.most * 2}`,
              evidence: [`${fill.held} of at most ${fill.most} (${fill.setting})`],
            },
          ],
    );

export const OTHER_RULES: readonly CheckRule[] = [
  { name: 'foreign', looks: 'rules of others', find: foreign },
  { name: 'bridged', looks: 'what bridges show to rules', find: bridged },
  { name: 'reverse', looks: 'ways back', find: reverse },
  { name: 'duplicates', looks: 'duplicate addresses', find: duplicates },
  { name: 'claimed', looks: 'neighbours with the same addresses', find: claimed },
  { name: 'mtu', looks: 'sizes of packets', find: mtu },
  { name: 'connections', looks: 'the table of connections', find: fills(({ connections }) => [connections]) },
  { name: 'neighbours', looks: 'the tables of neighbours', find: fills(({ neighbours }) => neighbours) },
];

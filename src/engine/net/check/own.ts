// What was made and is not there any more, or is not as it was made: table, switches, links, routes, proxies.

import { SETS, type SetName } from '../sets.ts';
import { OUR_METRIC, type Thing } from '../thing.ts';
import { isObject, type Json, type Ruleset } from '../verdict/ruleset.ts';
import type { CheckRule, NetCt, NetEvidence, NetFinding } from './evidence.ts';

type Finding = Omit<NetFinding, 'rule'>;

export const REPAIR = 'vzdeck net check --repair';

/** Things of one sort with those whose they are. */
const owned = <T extends Thing[0]>(
  containers: readonly NetCt[],
  kind: T,
): readonly { readonly id: number; readonly args: readonly string[] }[] =>
  containers.flatMap(({ id, things }) => things.flatMap(([name, ...args]) => (name === kind ? [{ id, args }] : [])));

/** Elements as they are written in our things: "tcp . 8080 : 10.0.0.1 . 80", `"venet101" . 10.0.0.1`. */
function written(json: Json): string {
  if (Array.isArray(json)) return json.map(written).join(' : ');
  if (isObject(json) && Array.isArray(json['concat'])) return json['concat'].map(written).join(' . ');
  return String(json);
}
const plain = (element: string): string => element.replaceAll('"', '');

function lacking({ table, ruleset }: NetEvidence, { things }: NetCt): readonly string[] {
  const has = (found: Ruleset, set: string): ReadonlySet<string> =>
    new Set((found.sets.get(`${SETS[set as SetName]?.[0]} ${table} ${set}`) ?? []).map(written));
  if (ruleset === null) return [];
  return things.flatMap(([kind, set = '', value = '']) => {
    // numbers of IPv6 targets are told in a way of their own
    if (kind !== 'element' || /target/i.test(set)) return [];
    return has(ruleset, set).has(plain(value)) ? [] : [`${set} { ${value} }`];
  });
}

const MOST = 4;
const some = (list: readonly string[]): readonly string[] => [
  ...list.slice(0, MOST),
  ...(list.length > MOST ? [`… and ${list.length - MOST} more`] : []),
];

function tables(evidence: NetEvidence): readonly Finding[] {
  const { table, ruleset, families, containers } = evidence;
  const mine = containers.filter(({ things }) => things.some(([kind]) => kind === 'element'));
  if (ruleset === null || mine.length === 0) return [];
  const gone = families.filter((family) => !ruleset.tables.has(`${family} ${table}`));
  const cts = mine.map(({ id }) => id);
  if (gone.length > 0)
    return [
      {
        cts,
        object: gone.map((family) => `table ${family} ${table}`).join(', '),
        cause: 'is gone: somebody has flushed the ruleset (a restart of nftables.service does, and "nft flush ruleset")',
        remedy: REPAIR,
        evidence: ['nobody keeps containers from sending under other addresses, and translated ports lead nowhere'],
      },
    ];
  return mine.flatMap((ct) => {
    const lacks = lacking(evidence, ct);
    return lacks.length === 0
      ? []
      : [
          {
            cts: [ct.id],
            object: `table ${table}`,
            cause: `lacks what container ${ct.id} was given: what it sends is dropped, or is not looked at`,
            remedy: REPAIR,
            evidence: some(lacks),
          },
        ];
  });
}

const shown = (path: string): string => path.replaceAll('/', '.').replace(/^/, 'net.');

/** Devices on which the node answers for containers must let packets through. */
function wanted({ containers, switched }: NetEvidence): ReadonlyMap<string, string> {
  const proxied = owned(containers, 'proxy').map(({ args: [address = '', device = ''] }) => ({ six: address.includes(':'), device }));
  return new Map([
    ...owned(containers, 'switch').map(({ args: [path = '', value = ''] }) => [path, value] as const),
    ...proxied.flatMap(({ six, device }): readonly (readonly [string, string])[] =>
      six
        ? [
            ['ipv6/conf/all/forwarding', '1'],
            [`ipv6/conf/${device}/proxy_ndp`, '1'],
          ]
        : [[`ipv4/conf/${device}/forwarding`, '1']],
    ),
    ...switched.map(({ path, value }) => [path, value] as const),
  ]);
}

const MEANING: readonly (readonly [RegExp, string])[] = [
  [/forwarding$/, 'packets of containers are not let through there'],
  [/proxy_ndp$/, 'neighbours get no answer for addresses of containers'],
  [/proxy_delay$/, 'answers for containers come late'],
  [/accept_ra$/, "the node takes, or does not take, a router's word"],
];

const switches = (evidence: NetEvidence): readonly Finding[] =>
  [...wanted(evidence)].flatMap(([path, value]) => {
    const says = evidence.says(path);
    if (says === value || says === '') return [];
    return [
      {
        cts: [],
        object: shown(path),
        cause: `says ${says} and not ${value}: somebody has switched it since (sysctl --system, NetworkManager, another program for networks)`,
        remedy: `sysctl -w ${path.includes('.') ? `net/${path}` : shown(path)}=${value}`,
        evidence: MEANING.flatMap(([of, text]) => (of.test(path) ? [text] : [])),
      },
    ];
  });

const near = ({ containers }: NetEvidence): readonly { readonly id: number; readonly name: string }[] =>
  [...owned(containers, 'pair'), ...owned(containers, 'cable')].map(({ id, args: [name = ''] }) => ({ id, name }));

const links = (evidence: NetEvidence): readonly Finding[] =>
  near(evidence).flatMap(({ id, name }) => {
    const link = evidence.links.get(name);
    if (link?.up) return [];
    return link === undefined
      ? [
          {
            cts: [id],
            object: name,
            cause: `is not there: root inside container ${id}, or somebody on the node, has deleted or renamed it`,
            remedy: REPAIR,
            evidence: ['a pair of links goes as a whole, with all that stands on either end'],
          },
        ]
      : [{ cts: [id], object: name, cause: 'is down', remedy: `ip link set dev ${name} up`, evidence: ['flags without UP'] }];
  });

interface Wanted {
  readonly id: number | null;
  readonly port: string;
  readonly bridge: string;
}

const portsWanted = ({ containers, shared }: NetEvidence): readonly Wanted[] => [
  ...owned(containers, 'port').map(({ id, args: [port = '', bridge = ''] }) => ({ id, port, bridge })),
  ...shared.flatMap(([kind, bridge = '', _mac, ...ports]) => (kind === 'bridge' ? ports.map((port) => ({ id: null, port, bridge })) : [])),
];

const ports = (evidence: NetEvidence): readonly Finding[] =>
  portsWanted(evidence).flatMap(({ id, port, bridge }) => {
    const link = evidence.links.get(port);
    if (link === undefined || (link.master ?? '') === bridge) return [];
    const there = bridge === '' || evidence.links.has(bridge);
    return [
      {
        cts: id === null ? [] : [id],
        object: port,
        cause: `${link.master === null ? 'is in no bridge' : `is in ${link.master}`}, and not ${bridge === '' ? 'alone' : `in ${bridge}`} as it was made`,
        remedy: !there
          ? `ip link add ${bridge} type bridge && ip link set ${bridge} up && ip link set dev ${port} master ${bridge}`
          : bridge === ''
            ? `ip link set dev ${port} nomaster`
            : `ip link set dev ${port} master ${bridge}`,
        evidence: there ? [] : [`${bridge} is not there`],
      },
    ];
  });

const routes = ({ containers, ways }: NetEvidence): readonly Finding[] =>
  owned(containers, 'route').flatMap(({ id, args: [to = '', device = '', source] }) => {
    const address = to.split('/')[0] ?? '';
    const way = ways.find((one) => one.address === address);
    if (way === undefined || way.device === device) return [];
    return [
      {
        cts: [id],
        object: `route to ${address}`,
        cause: `${way.device === '' ? 'is not there' : `leads to ${way.device}`}, and not to ${device}, behind which container ${id} is`,
        remedy: `ip ${address.includes(':') ? '-6 ' : ''}route replace ${to} dev ${device} metric ${OUR_METRIC}${source === undefined ? '' : ` src ${source}`}`,
        evidence: [`ip route get ${address}: ${way.says}`],
      },
    ];
  });

const proxies = ({ containers, proxies: has }: NetEvidence): readonly Finding[] =>
  owned(containers, 'proxy').flatMap(({ id, args: [address = '', device = ''] }) =>
    has.has(`${address} ${device}`)
      ? []
      : [
          {
            cts: [id],
            object: `${address} on ${device}`,
            cause: 'is answered for by nobody: neighbours there do not find the container',
            remedy: `ip neigh replace proxy ${address} dev ${device}`,
            evidence: ['ip neigh show proxy does not have it'],
          },
        ],
  );

const direct = ({ containers, direct: { wanted, now, unseen } }: NetEvidence): readonly Finding[] =>
  owned(containers, 'route').flatMap(({ id, args: [to = '', link = ''] }) => {
    const address = to.split('/')[0] ?? '';
    const cut = now.has(address) && unseen.has(address);
    if (wanted.has(address) === now.has(address) && !cut) return [];
    const [cause, evidence] = cut
      ? [
          'takes the ordinary way to other containers',
          `clsact of ${link}, or the filter that hangs on it, is gone: somebody has taken it (tc)`,
        ]
      : wanted.has(address)
        ? [
            'takes the ordinary way to other containers',
            'VZDECK_DIRECT is "yes" since, or this kernel is older than Linux 6.3, or has no program at links (NET_CLS_BPF)',
          ]
        : ['still takes the short way to other containers', 'VZDECK_DIRECT is not "yes" any more'];
    return [{ cts: [id], object: address, cause, remedy: REPAIR, evidence: [evidence] }];
  });

const unfinished = ({ containers }: NetEvidence): readonly Finding[] =>
  containers.flatMap(({ id, half, runs, things }) => {
    const found = { cts: [id], object: `the network of container ${id}` };
    if (runs)
      return half
        ? [
            {
              ...found,
              cause: 'is half changed: a change of it goes on, or was killed in its middle',
              remedy: REPAIR,
              evidence: ['the next verb that meets the container takes back what was half done, too'],
            },
          ]
        : [];
    if (things.length === 0 && !half) return [];
    return [
      {
        ...found,
        cause: 'is there, though it does not run: it starts or stops just now, or all that belongs to it was killed',
        remedy: `vzctl stop ${id}`,
        evidence: ['the next verb that meets the container takes it away, too'],
      },
    ];
  });

export const OWN_RULES: readonly CheckRule[] = [
  { name: 'unfinished', looks: 'changes that were begun', find: unfinished },
  { name: 'table', looks: 'our tables', find: tables },
  { name: 'switches', looks: 'settings of the kernel', find: switches },
  { name: 'links', looks: 'links', find: links },
  { name: 'ports', looks: 'bridges', find: ports },
  { name: 'routes', looks: 'routes', find: routes },
  { name: 'proxies', looks: 'answers to neighbours', find: proxies },
  { name: 'direct', looks: 'the short way between containers', find: direct },
];

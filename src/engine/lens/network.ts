// Ports, addresses, MACs and links. What root inside has given himself is told as the kernel has it, by /proc/PID/net.
import { harmless } from '../account/process-stat.ts';
import { quietly } from '../account/who/scan.ts';
import { linkNames } from '../net/link-names.ts';
import { listeningOf } from '../net/path/listening.ts';
import { parseAddress } from '../spec/ip.ts';
import type { LensCt, LensKind, LensSources } from './kind.ts';
import { allPids, ctOfPid, holdersOf, processFound } from './processes.ts';
import { called, type Found, facts } from './words.ts';

const PROTOCOLS = ['tcp', 'udp'] as const;
type Protocol = (typeof PROTOCOLS)[number];

/** Bytes of a table of sockets that are read. */
const TABLE = 1 << 20;

interface Listener {
  readonly ct: LensCt | null;
  readonly protocol: Protocol;
  readonly address: string;
  readonly inode: string;
}

function listeners({ host: { files, proc }, containers }: LensSources, port: number, protocols: readonly Protocol[]): readonly Listener[] {
  const places = [
    { ct: null, dir: `${proc}/self` },
    ...containers.flatMap((ct) => (ct.init === null ? [] : [{ ct, dir: `${proc}/${ct.init}` }])),
  ];
  return places.flatMap(({ ct, dir }) =>
    protocols.flatMap((protocol) =>
      ['', '6'].flatMap((six) => {
        const table = quietly(() => files.readMost(`${dir}/net/${protocol}${six}`, TABLE)) ?? '';
        return listeningOf(table, protocol, port).map(({ address, inode }) => ({ ct, protocol, address, inode }));
      }),
    ),
  );
}

async function listenerFound(sources: LensSources, { ct, protocol, address, inode }: Listener, port: number): Promise<Found> {
  const pids = ct === null ? allPids(sources).filter((pid) => ctOfPid(sources, pid) === null) : ct.members();
  const [holder] = await holdersOf(sources, `socket:[${inode}]`, pids);
  const whose = holder === undefined ? null : processFound(sources, holder.process.pid);
  return {
    ct: ct?.id ?? 0,
    says: `${protocol} port ${port} is listened on in ${ct === null ? 'the node itself' : called(ct)}${holder === undefined ? '' : ` by process ${holder.process.pid}, ${holder.process.name}`}`,
    facts: facts({ address, inode, ...Object.fromEntries(whose?.facts ?? []) }),
  };
}

/** Elements "tcp . 8080 : 10.0.0.101 . 80". */
const forwarded = ({ containers }: LensSources, port: number, protocols: readonly Protocol[]): readonly Found[] =>
  containers.flatMap((ct) => {
    const to = ct.things.flatMap(([kind, set = '', value = '']) =>
      kind === 'element' && set.startsWith('forward') && protocols.some((protocol) => value.startsWith(`${protocol} . ${port} : `))
        ? [`${value.split(' ')[0]} ${value.split(' : ')[1]?.replace(' . ', ' port ')}`]
        : [],
    );
    return to.length === 0
      ? []
      : [{ ct: ct.id, says: `port ${port} of the node leads to ${called(ct)}`, facts: facts({ to: to.join(', ') }) }];
  });

const PORT = /^(?::|port:)?(\d{1,5})$|^(tcp|udp):(\d{1,5})$|^(\d{1,5})\/(tcp|udp)$/;

export const portKind: LensKind = {
  name: 'port',
  looks: '80, tcp:80, 53/udp',
  key: (word) => (PORT.test(word) ? word : null),
  async find(key, sources) {
    const [, bare, before, number, first, after] = PORT.exec(key) ?? [];
    const port = Number(bare ?? number ?? first);
    const protocols = PROTOCOLS.filter((one) => (before ?? after ?? one) === one);
    const found = [];
    for (const one of listeners(sources, port, protocols)) found.push(await listenerFound(sources, one, port));
    return [...forwarded(sources, port, protocols), ...found];
  },
};

/** Local addresses of a network namespace: "/32 host LOCAL" in fib_trie stands below its address (net/ipv4/fib_trie.c); if_inet6 is proc(5)'s. */
function addressesIn({ host: { files, proc } }: LensSources, pid: number): readonly string[] {
  const text = (name: string): string => quietly(() => files.readMost(`${proc}/${pid}/net/${name}`, TABLE)) ?? '';
  const four = [...text('fib_trie').matchAll(/\|-- (\S+)\n\s+\/32 host LOCAL/g)].map(([, address]) => address ?? '');
  const six = text('if_inet6')
    .split('\n')
    .flatMap((line) => parseAddress((line.split(' ')[0] ?? '').match(/.{4}/g)?.join(':') ?? '')?.text ?? []);
  return [...four, ...six];
}

export const addressKind: LensKind = {
  name: 'address',
  looks: '10.0.0.101, 2001:db8::101',
  key: (word) => parseAddress(word)?.text ?? null,
  find(address, sources) {
    const { host, containers } = sources;
    const mine = host.addresses().filter((one) => one.address === address);
    const own = mine.map(({ device }): Found => ({ ct: 0, says: `${address} is the node's own, on ${harmless(device)}`, facts: [] }));
    const theirs = containers.flatMap((ct): readonly Found[] => {
      const given = ct.addresses.includes(address) || ct.things.some(([kind, to = '']) => kind === 'route' && to.split('/')[0] === address);
      const has = ct.init !== null && !/^127\.|^::1$/.test(address) && addressesIn(sources, ct.init).includes(address);
      if (!given && !has) return [];
      const how = has
        ? given
          ? ''
          : ', which its root has given it'
        : ct.init === null
          ? ', which does not run'
          : ', which does not have it inside';
      const link = ct.things.find(([kind, to = '']) => kind === 'route' && to.split('/')[0] === address)?.[2];
      return [{ ct: ct.id, says: `${address} is an address of ${called(ct)}${how}`, facts: facts({ link }) }];
    });
    return [...own, ...theirs];
  },
};

const MAC = /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i;

export const macKind: LensKind = {
  name: 'mac',
  looks: '00:18:51:0a:0b:0c',
  key: (word) => (MAC.test(word) ? word.toLowerCase().replaceAll('-', ':') : null),
  find(mac, { host: { files }, containers }) {
    const theirs = containers.flatMap((ct) =>
      ct.things.flatMap((thing): readonly Found[] => {
        const [kind, link = '', second = ''] = thing;
        const at =
          kind === 'innerMac'
            ? `${link} inside`
            : kind === 'mac'
              ? `${link} on the node`
              : kind === 'pair'
                ? `both ends of ${link} (${second} inside)`
                : null;
        const has = (kind === 'pair' ? thing[4] : second)?.toLowerCase() === mac;
        return at !== null && has ? [{ ct: ct.id, says: `${mac} is the MAC of ${at}, of ${called(ct)}`, facts: [] }] : [];
      }),
    );
    const links = linkNames(files).filter((name) => quietly(() => files.read(`/sys/class/net/${name}/address`))?.trim() === mac);
    const known = new Set(
      containers.flatMap(({ things }) => things.flatMap(([kind, near = '']) => (kind === 'pair' || kind === 'cable' ? [near] : []))),
    );
    return [
      ...theirs,
      ...links
        .filter((name) => !known.has(name))
        .map((name): Found => ({ ct: 0, says: `${mac} is the MAC of ${harmless(name)}, a link of the node`, facts: [] })),
    ];
  },
};

/** What each thing with a link's name is to its container, by the place of the name in it. */
const ROLES: Readonly<Record<string, readonly (readonly [at: number, says: string])[]>> = {
  pair: [
    [1, 'the end on the node of a link (venet)'],
    [2, 'a link inside (venet)'],
  ],
  cable: [
    [1, 'the end on the node of a link (veth)'],
    [2, 'a link inside (veth)'],
  ],
  sub: [
    [1, 'a link inside on one of the node'],
    [3, 'the link of the node that carries one'],
  ],
  lent: [[1, 'a device of the node that is lent']],
  ifb: [[1, 'the link that holds the rate']],
  port: [[2, 'the bridge']],
  bridge: [[1, 'the bridge']],
};

export const interfaceKind: LensKind = {
  name: 'interface',
  looks: 'venet101, br0',
  key: (word) => (/^[^\s/:]{1,15}$/.test(word) ? word : null),
  find(name, { host: { files }, containers }) {
    const found = containers.flatMap((ct) =>
      ct.things.flatMap((thing): readonly Found[] =>
        (ROLES[thing[0]] ?? []).flatMap(([at, says]) =>
          thing[at] === name ? [{ ct: ct.id, says: `${name} is ${says} of ${called(ct)}`, facts: [] }] : [],
        ),
      ),
    );
    const own = linkNames(files).includes(name);
    return found.length > 0 || !own ? found : [{ ct: 0, says: `${harmless(name)} is a link of the node, and no container's`, facts: [] }];
  },
};

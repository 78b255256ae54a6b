// The way over the node: in by a link, through rules, routes and bridges, and out by another one.
import { holds } from '../../spec/prefix.ts';
import { REPAIR } from '../check/own.ts';
import { asked } from './asked.ts';
import { type Leaving, neighbourStep } from './inside.ts';
import { answersFor, linksAt, neighbourAt, type PathLink, type PathRoute, routeAt } from './links.ts';
import { listened } from './listening.ts';
import type { PathCt, Place, Trail } from './step.ts';

export interface Crossing {
  readonly trail: Trail;
  readonly node: Place;
  /** Name of our tables. */
  readonly table: string;
  readonly links: ReadonlyMap<string, PathLink>;
  /** Containers by the name of their links on the node. */
  readonly behind: ReadonlyMap<string, { readonly ct: PathCt; readonly inner: string }>;
  /** The ones that send and are asked for; null for the node and for outside. */
  readonly sender: PathCt | null;
  readonly target: PathCt | null;
  /** Whether an address takes the short way between containers, to and from. */
  readonly direct: (address: string) => boolean;
}

export async function openCrossing(crossing: Omit<Crossing, 'links'>): Promise<Crossing> {
  const { trail, node } = crossing;
  const links = await linksAt(node);
  trail.packet = { ...trail.packet, bridges: new Set([...links.values()].map(({ master }) => master)) };
  return { ...crossing, links };
}

/** It comes out by that link of the node, on the container's side; null: it has left for the outside, or has ended. */
export type Way = { readonly ct: PathCt; readonly inner: string } | null;

const senderLink = ({ sender }: Crossing, inner: string): readonly [string, string] => {
  const made = sender?.things.find(([kind, , name]) => (kind === 'pair' || kind === 'cable') && name === inner);
  return [made?.[0] ?? '', made?.[1] ?? ''];
};

/** From a container's link on. */
export async function fromContainer(crossing: Crossing, { link, hop }: Leaving): Promise<Way> {
  const { trail, sender, links } = crossing;
  const [, near] = senderLink(crossing, link.name);
  if (near === '') {
    trail.perhaps('node', `${link.name} of container ${sender?.id} is no link by which the node sees it`, [
      'a link on a device of the node, or lent, or made inside',
    ]);
    return null;
  }
  const there = links.get(near);
  if (there === undefined || !there.up) {
    trail.ends(
      'node',
      `${near} is ${there === undefined ? 'not there' : 'down'}`,
      there === undefined ? `${REPAIR} makes it anew` : `ip link set dev ${near} up`,
    );
    return null;
  }
  trail.packet = { ...trail.packet, in: near, out: '', macFrom: link.mac };
  const bridge = sender?.things.find(([kind, port]) => kind === 'port' && port === near)?.[2] ?? '';
  if (there.master !== bridge) {
    trail.ends(
      'node',
      `${near} is ${there.master === '' ? 'in no bridge' : `in bridge ${there.master}`}, and not ${bridge === '' ? 'alone' : `in ${bridge}`} as it was made`,
      bridge === '' ? `ip link set dev ${near} nomaster` : `ip link set dev ${near} master ${bridge}`,
    );
    return null;
  }
  trail.goes('node', `comes in by ${near}${bridge === '' ? '' : `, a port of ${bridge}`}`, rateOn(sender, near, 'from'));
  const frames = { hook: 'prerouting', frames: true, own: crossing.table, ...idOf(sender) } as const;
  if (bridge !== '' && (await asked(trail, crossing.node, frames)) === null) return null;
  if (bridge === '' || links.get(bridge)?.addresses.includes(hop)) {
    trail.packet = { ...trail.packet, in: bridge || near };
    return routed(crossing, near);
  }
  return bridged(crossing, bridge, hop);
}

const idOf = (ct: PathCt | null): { readonly id?: number } => (ct === null ? {} : { id: ct.id });

/** Of a container's link on the node, in one direction. */
function rateOn(ct: PathCt | null | undefined, link: string, way: 'from' | 'to'): readonly string[] {
  const things = ct?.things ?? [];
  const ifb = things.find(([kind, near]) => kind === 'steer' && near === link)?.[2];
  return things.flatMap(([kind, at, kbit]) =>
    kind === 'bucket' && at === (way === 'to' ? link : ifb)
      ? [`at most ${kbit} kbit/s ${way} container ${ct?.id} by ${link}: what is more waits 50 ms, and is dropped`]
      : [],
  );
}

async function bridged(crossing: Crossing, bridge: string, hop: string): Promise<Way> {
  const { trail, node, links, table, behind, sender } = crossing;
  const setting = `bridge/bridge-nf-call-${trail.packet.family === 4 ? 'iptables' : 'ip6tables'}`;
  if (node.says(setting) === '1') {
    const before = trail.packet;
    trail.packet = { ...before, in: bridge, out: bridge };
    for (const hook of ['prerouting', 'forward'] as const)
      if ((await asked(trail, node, { hook, own: table, link: bridge, ...idOf(sender) })) === null) return null;
    trail.packet = before;
  }
  const port = hop === trail.packet.to ? targetPort(crossing, bridge) : null;
  if (port === false) return null;
  if (port === null) {
    const others = [...links.values()].filter(({ master, name }) => master === bridge && !behind.has(name)).map(({ name }) => name);
    if (others.length > 0) trail.perhaps('outside', `leaves by ${others.join(', ')} of ${bridge} for ${hop}, which the node does not see`);
    else trail.ends('node', `${hop} is behind no port of ${bridge}`, `put it into ${bridge}, or give container ${sender?.id} a way to it`);
    return null;
  }
  const to = behind.get(port);
  const mac = to?.ct.things.find(([kind, inner]) => kind === 'innerMac' && inner === to.inner)?.[2] ?? '';
  trail.packet = { ...trail.packet, out: port, macTo: mac };
  for (const hook of ['forward', 'postrouting'] as const)
    if ((await asked(trail, node, { hook, frames: true, own: table, link: bridge, ...idOf(sender) })) === null) return null;
  trail.goes('node', `${bridge} carries it to ${port}`, rateOn(to?.ct, port, 'to'));
  return to ?? null;
}

/** Link of the target in a bridge; null: it has none there. false: it should, and the way has ended. */
function targetPort({ trail, behind, links, target }: Crossing, bridge: string): string | false | null {
  const mine = [...behind].filter(([, { ct }]) => ct === target).map(([name]) => name);
  const there = mine.find((name) => links.get(name)?.master === bridge);
  if (there !== undefined) return there;
  const made = target?.things.find(([kind, port = '', of]) => kind === 'port' && of === bridge && mine.includes(port))?.[1];
  if (made === undefined) return null;
  const is = links.get(made)?.master ?? '';
  return trail.ends(
    'node',
    `${made} of container ${target?.id} is in ${is === '' ? 'no bridge' : `bridge ${is}`}, and not in ${bridge} as it was made`,
    `ip link set dev ${made} master ${bridge}`,
  );
}

const REASONS: readonly (readonly [RegExp, (crossing: Crossing) => readonly [says: string, remedy: string] | null])[] = [
  [
    /No route to host|unreachable/i,
    ({ node, trail: { packet } }) => {
      const path = packet.family === 4 ? `ipv4/conf/${packet.in}/forwarding` : 'ipv6/conf/all/forwarding';
      return node.says(path) === '0' ? [`the node does not forward what comes in by ${packet.in}`, `sysctl -w net/${path}=1`] : null;
    },
  ],
  [
    /cross-device|Invalid argument/i,
    ({ trail: { packet } }) => [
      `the node takes ${packet.from} for forged: the way back to it is not by ${packet.in} (rp_filter)`,
      `ip route get ${packet.from} shows the way back; sysctl -w net/ipv4/conf/${packet.in}/rp_filter=2 allows it`,
    ],
  ],
];

function noRoute(crossing: Crossing, { error }: PathRoute): null {
  const { trail } = crossing;
  const { to, in: device } = trail.packet;
  const [says, remedy] = REASONS.find(([pattern]) => pattern.test(error))?.[1](crossing) ?? [
    `the node has no route to ${to} (${error})`,
    `ip route get ${to} there, and ip rule, show why`,
  ];
  trail.ends('node', says, remedy, [`ip route get ${to}${device === '' ? '' : ` from ${trail.packet.from} iif ${device}`}: ${error}`]);
  return null;
}

/** At the link of the container that sends, and past the node's own way; null: not this one. */
async function handed({ trail, node, links, behind, direct }: Crossing, near: string): Promise<Way> {
  const { from, to } = trail.packet;
  if (near === '' || !direct(from) || !direct(to)) return null;
  const route = await routeAt(node, to, 'from', from, 'iif', near);
  const target = route.error === '' && !route.local && links.get(route.device)?.up ? behind.get(route.device) : undefined;
  if (target === undefined) return null;
  trail.goes(
    'node',
    `hands it to ${route.device} of container ${target.ct.id} at once (VZDECK_DIRECT): no rule and no queue of the node sees it`,
    [`route to ${to}: on ${route.device}`],
  );
  return target;
}

/** By the node's own routes; `near`: the link of the container that sends, "" for others. */
async function routed(crossing: Crossing, near: string): Promise<Way> {
  const { trail, node, table, sender, links } = crossing;
  const isOwn = (address: string): boolean => [...links.values()].some(({ addresses }) => addresses.includes(address));
  const short = await handed(crossing, near);
  if (short !== null) return short;
  trail.packet = { ...trail.packet, local: isOwn(trail.packet.to) };
  const before = await asked(trail, node, { hook: 'prerouting', own: table, link: near, ...idOf(sender) });
  if (before === null) return null;
  translated(trail, before.to);
  const { packet } = trail;
  const route = await routeAt(node, packet.to, 'from', packet.from, 'iif', packet.in);
  if (route.error !== '') return noRoute(crossing, route);
  if (route.local) return here(crossing);
  if (packet.family === 6 && node.says('ipv6/conf/all/forwarding') === '0')
    return noRoute(crossing, { ...route, error: 'No route to host' });
  return onward(crossing, route, near);
}

function translated(trail: Trail, to: { readonly address: string; readonly port: number | null } | null): void {
  if (to === null) return;
  trail.goes('node', `a forwarded port leads it to ${to.address}${to.port === null ? '' : `:${to.port}`}`, [
    `before: ${trail.packet.to}:${trail.packet.port ?? ''}`,
  ]);
  trail.packet = { ...trail.packet, to: to.address, port: to.port, local: false, translated: true };
}

async function here({ trail, node, table }: Crossing): Promise<null> {
  trail.goes('node', `${trail.packet.to} is the node's own`);
  trail.packet = { ...trail.packet, local: true };
  if ((await asked(trail, node, { hook: 'input', own: table })) !== null) listened(trail, node);
  return null;
}

/** Out by a link; `near`: as above. */
async function onward(crossing: Crossing, route: PathRoute, near: string): Promise<Way> {
  const { trail, node, table, links, behind, sender } = crossing;
  const forwards = trail.packet.in !== '';
  trail.packet = { ...trail.packet, out: route.device };
  const { to } = trail.packet;
  const target = behind.get(route.device);
  trail.goes('node', `goes on by ${route.device}`, [
    `route to ${to}: ${route.gateway === '' ? '' : `by way of ${route.gateway}, `}on ${route.device}`,
    ...rateOn(target?.ct, route.device, 'to'),
  ]);
  const link = near || (target === undefined ? '' : route.device);
  if ((await asked(trail, node, { hook: forwards ? 'forward' : 'output', own: table, link, ...idOf(sender) })) === null) return null;
  const after = await asked(trail, node, { hook: 'postrouting', own: table, link, ...idOf(sender) });
  if (after === null) return null;
  const out = links.get(route.device);
  // a container whose end is down tells so itself
  if (out === undefined || !out.up || (!out.carrier && target === undefined)) {
    trail.ends('node', `${route.device} is ${out?.up ? 'without carrier' : 'down'}`, `ip link set dev ${route.device} up`);
    return null;
  }
  if (target !== undefined) return target;
  const hop = route.gateway || to;
  const over = hop === to ? targetPort(crossing, route.device) : null;
  if (over === false) return null;
  if (out.arp && !neighbourStep(trail, node, await neighbourAt(node, hop, route.device), hop, route.device)) return null;
  if (over !== null) {
    trail.goes('node', `${route.device} carries it to ${over}`, rateOn(behind.get(over)?.ct, over, 'to'));
    return behind.get(over) ?? null;
  }
  await wayBack(crossing, out, hop, after.masked);
  return null;
}

/** Who is asked on the wire where the sender is; `hop`: who has the packet next. */
async function wayBack(
  { trail, node, sender }: Crossing,
  { name: device, networks }: PathLink,
  hop: string,
  masked: boolean,
): Promise<void> {
  const { from, to, family } = trail.packet;
  if (sender !== null && masked) trail.goes('node', 'goes out under the address of the node (NAT)');
  else if (sender?.things.some(([kind, address]) => kind === 'route' && address?.split('/')[0] === from)) {
    if (!(await answersFor(node, from, device)))
      trail.ends(
        'node',
        `nobody on ${device} is told where ${from} is: answers do not come back`,
        `ip neigh replace proxy ${from} dev ${device}, unless the routers there have a route to it`,
      );
    else trail.goes('node', `answers for ${from} on ${device}`);
    if (!networks.some((network) => holds(network, { family, text: from })))
      trail.perhaps('outside', `whether ${hop} leads answers back here: ${from} is of no network of ${device}, and nothing translates it`, [
        'VZDECK_NAT="yes" in vz.conf, and the next start, lets addresses of the pools go out as the node\'s',
      ]);
  }
  if (trail.steps.at(-1)?.ok !== false) trail.goes('outside', `has left by ${device} for ${to}`);
}

/** The node itself sends. */
export async function fromNode(crossing: Crossing): Promise<Way> {
  const { trail, node } = crossing;
  const route = await routeAt(node, trail.packet.to);
  if (route.error !== '') return noRoute(crossing, route);
  trail.packet = { ...trail.packet, from: route.source || trail.packet.from };
  return route.local ? here(crossing) : onward(crossing, route, '');
}

/** Somebody sends who is behind a device of the node. */
export async function fromOutside(crossing: Crossing): Promise<Way> {
  const { trail, node, links } = crossing;
  const { from, to } = trail.packet;
  const back = await routeAt(node, from);
  if (back.error !== '' || back.local) {
    trail.ends(
      'node',
      `${from} is ${back.local ? "the node's own" : `behind no device of the node (${back.error})`}`,
      'name an address that somebody else has',
    );
    return null;
  }
  const device = back.device;
  trail.packet = { ...trail.packet, in: device };
  const port = targetPort(crossing, device);
  if (port === false) return null;
  const isOwn = [...links.values()].some(({ addresses }) => addresses.includes(to));
  if (!isOwn && port === null && back.gateway === '' && !(await answersFor(node, to, device))) {
    trail.ends(
      'node',
      `nobody answers for ${to} on ${device}`,
      `ip neigh replace proxy ${to} dev ${device}, or vzdeck net check --repair`,
      [`ip neigh show proxy dev ${device} does not have it`],
    );
    return null;
  }
  trail.goes('node', `comes in by ${device}`, [`route to ${from}: on ${device}`]);
  return port === null || isOwn ? routed(crossing, '') : bridged(crossing, device, to);
}

// Why a container cannot have a bridged device: somebody has its name or its MAC, or the node would lose its own way. Pure: from lists to the first
// reason.
import { linkNameFault } from '../spec/link-name.ts';
import type { Netif } from '../spec/params/netif.ts';

/** A device of the node that a bridge of ours is to have as a port. */
export interface WantedPort {
  readonly name: string;
  readonly bridge: string;
  readonly there: boolean;
  /** Bridge or bond that it is a part of already; null for none. */
  readonly master: string | null;
  /** Of the node on it, or on what goes where it goes. */
  readonly addresses: readonly string[];
  /** Whose login it carries, and by which link; null for nobody's. */
  readonly login: string | null;
}

export interface VethOthers {
  /** Links of the node that are not this container's. */
  readonly links: ReadonlySet<string>;
  /** MACs of the node's own devices, lower case. */
  readonly macs: ReadonlyMap<string, string>;
  /** Of all other configs. */
  readonly containers: readonly { readonly id: number; readonly devices: readonly Netif[] }[];
  /** Whose they are, by MAC in lower case: other containers', and those of this one's interfaces of another kind. */
  readonly takenMacs: ReadonlyMap<string, string>;
  readonly ports: readonly WantedPort[];
  /** Links of the node that are no bridges, of those that are to be joined; with what they are. */
  readonly noBridges: ReadonlyMap<string, string>;
}

const BROADCAST = /^.[13579bdf]/;

function badName(what: string, name: string): string | null {
  const fault = linkNameFault(name);
  return fault === null ? null : `${what} ${JSON.stringify(name)} ${fault}`;
}

/** Of one device, beside the container's others. */
function ownFault({ ifname, hostName, bridge, mac, hostMac }: Netif, others: readonly Netif[]): string | null {
  const bad =
    badName('its name', ifname) ?? badName('its name on the node', hostName) ?? (bridge === '' ? null : badName('its bridge', bridge));
  if (bad !== null) return bad;
  if (ifname === 'lo' || ifname === 'venet0') return `${ifname} is another device of every container`;
  if (/^venet\d+$/.test(hostName)) return `names like ${hostName} are those of venet`;
  if (hostName === bridge) return `${bridge} cannot be its own bridge`;
  for (const address of [mac, hostMac])
    if (BROADCAST.test(address) || /^[0:]+$/.test(address)) return `MAC ${address} is not that of a single device`;
  const twin = others.find((other) => other.hostName === hostName || other.mac === mac);
  return twin === undefined
    ? null
    : `${twin.ifname} of this container has the same ${twin.mac === mac ? `MAC ${mac}` : `name on the node, ${hostName}`}`;
}

/** Completes "Unable to create veth device NAME: …"; null where nothing speaks against it. */
export function vethConflict(
  device: Netif,
  own: readonly Netif[],
  { links, macs, takenMacs, containers, noBridges }: VethOthers,
): string | null {
  const { hostName, mac, bridge } = device;
  const fault = ownFault(
    device,
    own.filter((other) => other !== device),
  );
  if (fault !== null) return fault;
  const whose = takenMacs.get(mac);
  if (whose !== undefined) return `MAC ${mac} belongs to ${whose}`;
  const owner = containers.find(({ devices }) => devices.some((other) => other.hostName === hostName));
  if (owner !== undefined) return `${hostName} is a device of container ${owner.id}`;
  if (noBridges.has(bridge)) return `${bridge} is no bridge but ${noBridges.get(bridge)}`;
  if (links.has(hostName)) return `the node has a network device ${hostName} already`;
  const mine = macs.get(mac);
  return mine === undefined ? null : `MAC ${mac} is the node's own, of ${mine}`;
}

/** Completes "…: "; null where it may be a port. */
export function portConflict({ name, bridge, there, master, addresses, login }: WantedPort): string | null {
  if (!there) return `the node has no network device ${name}, which VZDECK_BRIDGES puts into ${bridge}`;
  if (login !== null) return `${name} carries ${login}: in bridge ${bridge} it would end`;
  if (master !== null) return `${name} is a part of ${master} already`;
  return addresses.length === 0
    ? null
    : `${name} has address ${addresses[0]}, at which the node would not be reached any more from bridge ${bridge}`;
}

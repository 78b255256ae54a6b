// Whether a container may have the bridged devices that it is to be given: asked before anything changes.
import { VzError } from '../errors.ts';
import { carriedBy, lookAtLinks } from '../net/look.ts';
import { portsOf } from '../net/node-links.ts';
import { portConflict, type VethOthers, vethConflict, type WantedPort } from '../net/veth-conflicts.ts';
import { words } from '../spec/params/grammar.ts';
import { type Netif, netifsOf } from '../spec/params/netif.ts';
import type { Values } from '../spec/params/read.ts';
import { readNodeNetNote } from '../store/net-note.ts';
import type { CtConfig } from '../store/registry.ts';
import { macsOfLinks, macsOfOthers } from './mac-checks.ts';
import { networkValues } from './network.ts';
import { linksOf, madeOf } from './node-network.ts';
import { otherContainers } from './other-containers.ts';
import { carriersOf } from './sessions.ts';
import type { VerbContext } from './verb.ts';

const KEY = 'NETIF';
type Context = Pick<VerbContext, 'host' | 'node' | 'report'>;

const REMEDY = 'Give its addresses to the bridge and make that by the tools of your distribution: then it is only joined';

/** Devices that are to go from a running container and are none of its: vzctl says so, and goes on. `names`: of --netif_del. */
export function sayUnknown({ report, ...context }: Context, { id }: CtConfig, names: string | undefined): void {
  const has = netifsOf(networkValues({ ...context, report }, id).get(KEY), id, context.node.around).map(({ ifname }) => ifname);
  for (const name of words(names ?? ''))
    if (name !== 'all' && !has.includes(name)) report({ level: -1, text: `Container does not have configured veth: ${name}, skipped` });
}

/** Ports of bridges that are not there yet. Link-local addresses, which each device has, do not count. */
async function wantedPorts(context: Context, devices: readonly Netif[], links: ReadonlySet<string>): Promise<readonly WantedPort[]> {
  const { host, node } = context;
  const bridges = [...new Set(devices.map(({ bridge }) => bridge))].filter((name) => name !== '' && !links.has(name));
  const ports = bridges.flatMap((bridge) => portsOf(node.values.get('VZDECK_BRIDGES') ?? '', bridge).map((name) => ({ name, bridge })));
  if (ports.length === 0) return [];
  const looked = await lookAtLinks(host);
  const carriers = await carriersOf(context, looked);
  return ports.map(({ name, bridge }) => {
    const all = carriedBy(looked, name);
    const addresses = all.flatMap((link) => link.addresses.filter((address) => !/^fe80:/i.test(address)));
    const carrier = all.find((link) => carriers.has(link.name))?.name;
    const login = carrier === undefined ? null : `${carriers.get(carrier)}${carrier === name ? '' : ` by ${carrier}`}`;
    return { name, bridge, there: looked.has(name), master: looked.get(name)?.master ?? null, addresses, login };
  });
}

/** Of names that are to be bridges: links of the node of another kind. */
async function otherKinds({ host }: Context, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const looked = names.length > 0 ? await lookAtLinks(host) : new Map();
  return new Map(
    names.flatMap((name) => {
      const kind = looked.get(name)?.kind ?? 'bridge';
      return kind === 'bridge' ? [] : [[name, kind === '' ? 'a device of its own' : `a ${kind}`] as const];
    }),
  );
}

/** Throws VzError 'veth-refused' for the first that cannot be. What the container has already is not asked again. */
export async function checkVeths(context: Context, config: CtConfig, changed: Values): Promise<void> {
  const { host, node } = context;
  const { id } = config;
  if (!changed.get(KEY)) return;
  const devicesOf = (of: number, value: string | undefined): readonly Netif[] => netifsOf(value, of, node.around);
  const has = devicesOf(id, networkValues(context, id).get(KEY));
  const own = devicesOf(id, changed.get(KEY));
  const stays = (a: Netif, b: Netif): boolean => a.hostName === b.hostName && a.mac === b.mac && a.bridge === b.bridge;
  const asked = own.filter((device) => !has.some((one) => stays(one, device)));
  const links = linksOf(context);
  const made = madeOf(readNodeNetNote(host, node)).map(([, name]) => name);
  const joined = [...new Set(asked.map(({ bridge }) => bridge))].filter((name) => links.has(name) && !made.includes(name));
  const others: VethOthers = {
    links: new Set([...links].filter((name) => !has.some(({ hostName }) => hostName === name))),
    takenMacs: new Map([
      ...macsOfOthers(context, id),
      ...macsOfLinks(new Map([...config.values, ...networkValues(context, id), ...changed])),
    ]),
    macs: new Map(host.addresses().map(({ mac, device }) => [mac, device])),
    containers: otherContainers(context, id, { keys: [KEY] }).map((other) => ({
      id: other.id,
      devices: devicesOf(other.id, other.values.get(KEY)),
    })),
    noBridges: await otherKinds(context, joined),
    ports: await wantedPorts(context, asked, links),
  };
  for (const device of asked) {
    const why = vethConflict(device, own, others);
    if (why !== null) throw new VzError('veth-refused', { device: device.ifname, why });
  }
  for (const port of others.ports) {
    const why = portConflict(port);
    if (why !== null)
      throw new VzError('veth-refused', { device: asked.find(({ bridge }) => bridge === port.bridge)?.ifname, why, remedy: REMEDY });
  }
}

// Whether a container may have the bridged devices that it is to be given: asked before anything changes.
import { VzError } from '../errors.ts';
import { portsOf } from '../net/node-links.ts';
import { portConflict, type VethOthers, vethConflict, type WantedPort } from '../net/veth-conflicts.ts';
import { type Netif, netifsOf } from '../spec/params/netif.ts';
import type { Values } from '../spec/params/read.ts';
import { sessionAddress } from '../store/actor.ts';
import type { CtConfig } from '../store/registry.ts';
import { linksOf, networkValues } from './network.ts';
import type { VerbContext } from './verb.ts';

const KEY = 'NETIF';
type Context = Pick<VerbContext, 'host' | 'node' | 'configs' | 'report'>;

const REMEDY = 'Give its addresses to the bridge and make that by the tools of your distribution: then it is only joined';

/** VLANs stand on another device, and go where it goes (net/8021q/vlanproc.c). */
function standingOn({ host }: Context, name: string): readonly string[] {
  const rows = (host.files.read(`${host.proc}/net/vlan/config`) ?? '')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  return [name, ...rows.flatMap(([vlan = '', , on]) => (on === name ? [vlan] : []))];
}

/** Ports of bridges that are not there yet. */
function wantedPorts(context: Context, devices: readonly Netif[], links: ReadonlySet<string>): readonly WantedPort[] {
  const { host, node } = context;
  const bridges = [...new Set(devices.map(({ bridge }) => bridge))].filter((name) => name !== '' && !links.has(name));
  return bridges.flatMap((bridge) =>
    portsOf(node.values.get('VZDECK_BRIDGES') ?? '', bridge).map((name) => {
      const mine = standingOn(context, name);
      const addresses = host.addresses().filter((a) => mine.includes(a.device) && !/^fe80:/i.test(a.address));
      return { name, bridge, there: links.has(name), addresses: addresses.map(({ address }) => address) };
    }),
  );
}

/** Throws VzError 'veth-refused' for the first that cannot be. What the container has already is not asked again. */
export function checkVeths(context: Context, config: CtConfig, changed: Values): void {
  const { host, node, configs } = context;
  const { id } = config;
  if (!changed.get(KEY)) return;
  const devicesOf = (of: number, value: string | undefined): readonly Netif[] => netifsOf(value, of, node.around);
  const has = devicesOf(id, networkValues(context, id).get(KEY));
  const own = devicesOf(id, changed.get(KEY));
  const asked = own.filter((device) => !has.some((one) => one.hostName === device.hostName && one.mac === device.mac));
  const links = linksOf(context);
  const others: VethOthers = {
    links: new Set([...links].filter((name) => !has.some(({ hostName }) => hostName === name))),
    macs: new Map(host.addresses().map(({ mac, device }) => [mac, device])),
    containers: configs()
      .filter((other) => other.id !== id)
      .map((other) => ({
        id: other.id,
        devices: [...devicesOf(other.id, other.values.get(KEY)), ...devicesOf(other.id, networkValues(context, other.id).get(KEY))],
      })),
    ports: wantedPorts(context, own, links),
    session: sessionAddress(host, process.env),
  };
  for (const device of asked) {
    const why = vethConflict(device, own, others);
    if (why !== null) throw new VzError('veth-refused', { device: device.ifname, why });
  }
  for (const port of others.ports) {
    const why = portConflict(port, others.session);
    if (why !== null)
      throw new VzError('veth-refused', { device: own.find(({ bridge }) => bridge === port.bridge)?.ifname, why, remedy: REMEDY });
  }
}

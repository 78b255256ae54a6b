// Whose a MAC is already: on the same wire two that have it would each hear half of what is for them. Asked before anything changes.
import { VzError } from '../errors.ts';
import { parseLinks } from '../spec/params/links.ts';
import { netifsOf } from '../spec/params/netif.ts';
import type { Values } from '../spec/params/read.ts';
import type { CtConfig } from '../store/registry.ts';
import { otherContainers } from './other-containers.ts';
import type { VerbContext } from './verb.ts';

type Context = Pick<VerbContext, 'host' | 'node' | 'report'>;

const LINKS = 'VZDECK_LINKS';
const linkMacs = (values: Values): readonly string[] => parseLinks(values.get(LINKS)).flatMap(({ mac }) => mac || []);

/** By MAC, lower case, "container 101" for each interface of other containers, in their configs and as they run. */
export function macsOfOthers(context: Context, own: number): ReadonlyMap<string, string> {
  const macs = (id: number, values: Values): readonly string[] => [
    ...netifsOf(values.get('NETIF'), id, context.node.around).map(({ mac }) => mac),
    ...linkMacs(values),
  ];
  return new Map(
    otherContainers(context, own, { keys: ['NETIF', LINKS] }).flatMap(({ id, values }) =>
      macs(id, values).map((mac) => [mac, `container ${id}`]),
    ),
  );
}

/** Of what stands on links of the node, with the container's values as they are to be: what a bridged device of its own may not have. */
export const macsOfLinks = (values: Values): ReadonlyMap<string, string> =>
  new Map(parseLinks(values.get(LINKS)).flatMap(({ name, mac }) => (mac === '' ? [] : [[mac, `${name} of this container`]])));

/** Throws VzError 'netdev-refused' for the first that somebody has. `has`: values of which nothing is asked again. */
export function checkLinkMacs(context: Context, { id, values }: CtConfig, changed: Values, has: Values): void {
  const known = parseLinks(has.get(LINKS));
  const asked = parseLinks(changed.get(LINKS)).filter(
    ({ name, mac }) => mac !== '' && !known.some((one) => one.name === name && one.mac === mac),
  );
  if (asked.length === 0) return;
  const all = new Map([...values, ...has, ...changed]);
  const nodes = context.host.addresses().map(({ mac, device }): [string, string] => [mac, `the node, on ${device}`]);
  const bridged = netifsOf(all.get('NETIF'), id, context.node.around).map(({ mac, ifname }): [string, string] => [
    mac,
    `${ifname} of this container`,
  ]);
  const taken = new Map([...nodes, ...bridged, ...macsOfOthers(context, id)]);
  for (const { name, mac } of asked) {
    const twin = parseLinks(all.get(LINKS)).find((other) => other.mac === mac && other.name !== name);
    const whose = twin === undefined ? taken.get(mac) : `${twin.name} of this container`;
    if (whose !== undefined)
      throw new VzError('netdev-refused', {
        device: name,
        why: `cannot have MAC ${mac}: it belongs to ${whose}`,
        remedy: `Name another one, or none, and it follows from the name: --link_add ${name}=macvlan:DEVICE`,
      });
  }
}

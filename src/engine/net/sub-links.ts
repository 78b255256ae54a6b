// Interfaces on a link of the node (VZDECK_LINKS): they are made in the container's namespace at once, and a VLAN below them is the node's, shared by
// all that use it.
import { fnv1a } from '../spec/fnv.ts';
import { isVlanId, parseLinks, type SubLink } from '../spec/params/links.ts';
import type { NodeLinks } from './look.ts';
import type { Thing } from './thing.ts';

/** Beyond all that the node, venet and lent devices count up to. */
const FIRST_INDEX = 0x6000_0000;

/** The same name has the same index at each start. */
const indexOf = (id: number, name: string): number => FIRST_INDEX + (fnv1a(`${id}:${name}`) % 0x1000_0000);

/** "eth1.100" as the VLAN that it is by its name; null for another name. */
function vlanOf(parent: string): { readonly base: string; readonly vid: string } | null {
  const at = parent.lastIndexOf('.');
  const [base, vid] = [parent.slice(0, at), parent.slice(at + 1)];
  return at > 0 && isVlanId(vid) ? { base, vid } : null;
}

function thingsFor(id: number, { name, kind, parent, how, mac }: SubLink): readonly Thing[] {
  const vlan = vlanOf(parent);
  return [
    ...(vlan === null ? [] : [['vlan', parent, vlan.base, vlan.vid] as const]),
    [
      'sub',
      name,
      String(indexOf(id, name)),
      parent,
      mac === '' ? '' : `address ${mac}`,
      `${kind} ${kind === 'vlan' ? 'id' : 'mode'} ${how}`,
    ],
  ];
}

export function subLinkThings(id: number, value: string | undefined): readonly Thing[] {
  const links = parseLinks(value);
  return links.length === 0 ? [] : [['pin'], ...links.flatMap((link) => thingsFor(id, link))];
}

/** The first that cannot be; completes "Network device NAME …". */
/** `lent`: devices that go into the container themselves. */
export function whyNoSubLink(
  value: string | undefined,
  lent: readonly string[],
  links: NodeLinks,
): { readonly link: string; readonly why: string } | null {
  for (const { parent } of parseLinks(value)) {
    const vlan = links.has(parent) ? null : vlanOf(parent);
    const name = vlan?.base ?? parent;
    const link = links.get(name);
    if (lent.includes(name)) return { link: name, why: 'goes into the container itself: make it there' };
    if (link === undefined) return { link: name, why: 'is not there' };
    if (link.loopback) return { link: name, why: 'is loopback: nobody is behind it' };
    if (link.master !== null) return { link: name, why: `is a part of ${link.master}: use that` };
  }
  return null;
}

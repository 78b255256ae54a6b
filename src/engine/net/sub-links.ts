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

/** A VLAN that values ask for. A link has each number once, in whatever network namespace it is. */
interface VlanClaim {
  readonly base: string;
  readonly vid: string;
  /** The link that it is or carries, inside. */
  readonly name: string;
  /** Of the node, which any container may stand on by this name; "" for one that the container has alone. */
  readonly shared: string;
}

function vlansOf(value: string | undefined): readonly VlanClaim[] {
  return parseLinks(value).flatMap(({ name, kind, parent, how }) => {
    const below = vlanOf(parent);
    return [
      ...(kind === 'vlan' ? [{ base: parent, vid: how, name, shared: '' }] : []),
      ...(below === null ? [] : [{ ...below, name, shared: parent }]),
    ];
  });
}

/** Links must be looked at for these. */
export const asksForVlans = (value: string | undefined): boolean => vlansOf(value).length > 0;

/**
 * The first VLAN whose number somebody has, "Network device NAME WHY". `known`: what the container has already, of which nothing is asked; `others`:
 * VZDECK_LINKS of other containers, also as they run; `made`: VLANs of the node that are there for containers.
 */
export function vlanConflict(
  value: string,
  known: string | undefined,
  others: readonly { readonly id: number; readonly value: string | undefined }[],
  links: NodeLinks,
  made: ReadonlySet<string>,
): { readonly link: string; readonly why: string; readonly remedy: string } | null {
  const same = (a: VlanClaim, b: VlanClaim): boolean => a.base === b.base && a.vid === b.vid;
  const all = vlansOf(value);
  const has = vlansOf(known);
  for (const claim of all) {
    const { base, vid, name, shared } = claim;
    if (has.some((one) => same(one, claim) && one.name === name && one.shared === shared)) continue;
    const meets = (one: VlanClaim): boolean => same(one, claim) && (one.shared === '' || shared === '');
    const twin = all.find((one) => one !== claim && meets(one));
    const other = others.find((one) => vlansOf(one.value).some(meets));
    const there = [...links.values()].find(
      (link) => link.on === base && link.vlan === Number(vid) && link.name !== shared && !(shared === '' && made.has(link.name)),
    );
    const whose =
      twin !== undefined
        ? `${twin.name} of this container`
        : other !== undefined
          ? `container ${other.id}`
          : there !== undefined
            ? `the node, as ${there.name}`
            : undefined;
    if (whose === undefined) continue;
    return {
      link: name,
      why: `cannot have VLAN ${vid} of ${base}: it belongs to ${whose}, and a link has each number once`,
      remedy: `Name another number, or stand on one of the node together: --link_add ${name}=macvlan:${there?.name ?? `${base}.${vid}`}`,
    };
  }
  return null;
}

/** The first that cannot be; completes "Network device NAME …". `lent`: devices that go into the container themselves. */
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

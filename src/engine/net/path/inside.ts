// Both ends of the way inside containers: out of the one, and into the other.
import { quoteWords } from '../../spec/command-line.ts';
import { REPAIR } from '../check/own.ts';
import type { Thing } from '../thing.ts';
import { VENET } from '../venet.ts';
import { asked } from './asked.ts';
import { linksAt, neighbourAt, type PathLink, routeAt } from './links.ts';
import { listened } from './listening.ts';
import type { PathCt, Place, Trail } from './step.ts';

/** What leaves: the link inside, and who is to get it next. */
export interface Leaving {
  readonly link: PathLink;
  readonly hop: string;
}

/** Of what was made for it, without a restart. */
const MENDS = `${REPAIR} makes anew what it had`;

const madeInside = (things: readonly Thing[]): readonly string[] =>
  things.flatMap(([kind, , inner = '']) => (kind === 'pair' || kind === 'cable' ? [inner] : []));

/** One of the links that were made for it and does not carry. */
function broken({ id, things, place }: PathCt, trail: Trail, links: ReadonlyMap<string, PathLink>): false | null {
  for (const name of madeInside(things)) {
    const link = links.get(name);
    if (link === undefined) return trail.ends(place.where, `${name} is not there any more`, MENDS);
    if (!link.up)
      return trail.ends(
        place.where,
        `${name} is down`,
        name === VENET ? MENDS : `vzctl exec ${id} ip link set ${name} up, and its routes again, or vzctl restart ${id}`,
        [`links inside: ${[...links.keys()].join(', ')}`],
      );
  }
  return null;
}

/** Both ends of venet0 have the same MAC: what has another one is for nobody there. */
function estranged({ things, place }: PathCt, trail: Trail, { name, mac }: PathLink): boolean {
  const given = things.find(([kind, , inner]) => kind === 'pair' && inner === name)?.[4] ?? mac;
  if (given !== mac)
    trail.ends(place.where, `${name} has another MAC than its end on the node, so that nothing arrives`, MENDS, [
      `${mac} in place of ${given}`,
    ]);
  return given !== mac;
}

/** FAILED and INCOMPLETE: nobody has answered. */
export function neighbourStep(trail: Trail, { where }: Pick<Place, 'where'>, state: string, hop: string, device: string): boolean {
  if (state === 'FAILED' || state === 'INCOMPLETE')
    return trail.ends(where, `nobody on ${device} answers for ${hop}`, 'look whether that machine runs, and is on that wire', [
      `neighbour ${hop}: ${state}`,
    ]);
  return state === '' || state === 'NOARP'
    ? trail.perhaps(where, `${hop} on ${device} has not been asked for yet`, ['no entry in the table of neighbours'])
    : trail.goes(where, `${hop} is known on ${device}`, [`neighbour ${hop}: ${state}`]);
}

/** null: it ends there, or stays there. `from`: an address that it must send as; "" for what it chooses itself. */
export async function leave(trail: Trail, ct: PathCt, from: string): Promise<Leaving | null> {
  const { place } = ct;
  const { to } = trail.packet;
  const [links, route] = await Promise.all([linksAt(place), routeAt(place, to, ...(from === '' ? [] : ['from', from]))]);
  if (route.error !== '') {
    if (broken(ct, trail, links) === null)
      trail.ends(place.where, `it has no route to ${to} (${route.error})`, `look at ip route there; ${MENDS}`, [
        `links inside: ${[...links.keys()].join(', ')}`,
      ]);
    return null;
  }
  const source = from || route.source || trail.packet.from;
  trail.packet = { ...trail.packet, from: source, out: route.device, local: route.local };
  const link = links.get(route.device);
  if (route.local) {
    if (trail.goes(place.where, `${to} is its own address`)) listened(trail, place);
    return null;
  }
  trail.goes(place.where, `goes out by ${route.device} as ${source}`, [
    `route to ${to}: ${route.gateway === '' ? '' : `by way of ${route.gateway}, `}on ${route.device}`,
  ]);
  if (link === undefined || !link.up || !link.carrier) {
    trail.ends(
      place.where,
      `${route.device} is ${link?.up ? 'without a peer that is up' : 'down'}`,
      `vzctl exec ${ct.id} ip link set ${quoteWords([route.device])} up`,
    );
    return null;
  }
  if (estranged(ct, trail, link)) return null;
  for (const hook of ['output', 'postrouting'] as const) if ((await asked(trail, place, { hook })) === null) return null;
  const hop = route.gateway || to;
  if (link.arp && !neighbourStep(trail, place, await neighbourAt(place, hop, route.device), hop, route.device)) return null;
  return { link, hop };
}

/** Into a container by one of its links. */
export async function arrive(trail: Trail, ct: PathCt, inner: string): Promise<void> {
  const { place, id } = ct;
  const { to, from } = trail.packet;
  const links = await linksAt(place);
  const link = links.get(inner);
  if (link === undefined || !link.up) {
    broken(ct, trail, links);
    return;
  }
  if (estranged(ct, trail, link)) return;
  trail.packet = { ...trail.packet, in: inner, out: '', local: true, macFrom: '', macTo: '' };
  const has = [...links.values()].find(({ addresses }) => addresses.includes(to));
  if (has === undefined) {
    trail.ends(
      place.where,
      `it does not have ${to} on any of its links`,
      inner === VENET ? MENDS : `vzctl exec ${id} ip addr add ${to} dev ${inner}, or vzctl restart ${id}`,
      [`addresses inside: ${[...links.values()].flatMap(({ addresses }) => addresses).join(', ')}`],
    );
    return;
  }
  trail.goes(place.where, `comes in by ${inner}, and ${to} is its own`);
  for (const hook of ['prerouting', 'input'] as const) if ((await asked(trail, place, { hook })) === null) return;
  const back = await routeAt(place, from, 'from', to);
  if (back.error !== '') {
    trail.ends(place.where, `its answer has no way back to ${from} (${back.error})`, `look at ip route there; ${MENDS}`);
    return;
  }
  trail.goes(place.where, `its answer goes back by ${back.device}`);
  listened(trail, place);
}

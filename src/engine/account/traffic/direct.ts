// What one container's link hands over to another's without the node's own way (VZDECK_DIRECT): where program and maps have their names, and what they
// say. Who puts them there is ct/direct-way.ts; without them there is nothing here.
//
//   bpf/direct/<digest>/addresses, counts, flows, program   of one version of the program; the directory gets its name when it is whole
import type { Host } from '../../host/port.ts';
import { directLinks, type Flow, type Handed, parseFlows, parseHanded } from '../../spec/bpf/direct.ts';
import { bpfPlace } from '../../store/bpf-place.ts';

type Looking = Pick<Host, 'files' | 'root'>;

export const directPlace = (host: Pick<Host, 'root'>): string => `${bpfPlace(host)}/direct`;

/** A version of which containers may still be there. */
export const directVersions = (host: Looking): readonly string[] =>
  (host.files.list(directPlace(host)) ?? []).filter((name) => name.startsWith('v'));

const mapsNamed = (host: Looking, name: 'addresses' | 'counts' | 'flows'): readonly string[] =>
  directVersions(host).map((version) => host.files.read(`${directPlace(host)}/${version}/${name}`) ?? '');

/** By the numbers of links. */
export const handedOver = (host: Looking): ReadonlyMap<number, Handed> =>
  new Map(mapsNamed(host, 'counts').flatMap((text) => [...parseHanded(text)]));

/** What links have handed each other but for TCP. */
export const flowsNow = (host: Looking): readonly Flow[] => mapsNamed(host, 'flows').flatMap(parseFlows);

/** Number of the link that an address is handed over to, or may come from; null where its packets go the ordinary way. */
export function directNow(host: Looking): (address: string) => number | null {
  const asked = mapsNamed(host, 'addresses').map(directLinks);
  return (address) => asked.reduce<number | null>((found, ask) => found ?? ask(address), null);
}

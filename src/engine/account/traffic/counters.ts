// Counters of the node's links, read where root inside cannot reach them: all of them from one file, and the links' numbers from another. Formats:
// net/core/net-procfs.c and net/ipv4/igmp.c of the kernel.
import { crc32 } from 'node:zlib';
import { bootId } from '../../cgroup/life.ts';
import type { Host } from '../../host/port.ts';
import { handedOver } from './direct.ts';

/** As the node sees its link: received is what has come out of the container, sent also what was handed over to it by another one's link. */
export interface LinkCounters {
  readonly received: number;
  readonly sent: number;
  readonly receivedPackets: number;
  readonly sentPackets: number;
  /** Packets that found no room, or nobody who takes them. */
  readonly receivedDropped: number;
  readonly sentDropped: number;
}

/** Of a text that is as /proc/net/dev. */
export function parseLinkCounters(text: string): ReadonlyMap<string, LinkCounters> {
  const found = new Map<string, LinkCounters>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const cells = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number);
    if (cells.length < 16) continue;
    const [received = 0, receivedPackets = 0, , receivedDropped = 0] = cells;
    const [sent = 0, sentPackets = 0, , sentDropped = 0] = cells.slice(8);
    found.set(line.slice(0, colon).trim(), { received, sent, receivedPackets, sentPackets, receivedDropped, sentDropped });
  }
  return found;
}

/** Of a text that is as /proc/net/igmp, which has every link that is up: numbers, which the kernel gives anew only after all 2³¹. */
export const parseLinkNumbers = (text: string): ReadonlyMap<string, number> =>
  new Map([...text.matchAll(/^(\d+)\t(\S+?) *: +\d+ /gm)].map(([, number, name]) => [name ?? '', Number(number)]));

type Looking = Pick<Host, 'files' | 'proc' | 'root'>;

/** The node's end of a link has not sent what was handed over to the other one. */
function withHanded(
  host: Looking,
  links: ReadonlyMap<string, LinkCounters>,
  numbers: ReadonlyMap<string, number>,
): ReadonlyMap<string, LinkCounters> {
  const handed = handedOver(host);
  if (handed.size === 0) return links;
  return new Map(
    [...links].map(([name, link]) => {
      const more = handed.get(numbers.get(name) ?? 0);
      return [name, more === undefined ? link : { ...link, sent: link.sent + more.bytes, sentPackets: link.sentPackets + more.packets }];
    }),
  );
}

/** Of the network namespace that a process is in. */
export const linkCounters = ({ files, proc }: Pick<Looking, 'files' | 'proc'>, pid: number): ReadonlyMap<string, LinkCounters> =>
  parseLinkCounters(files.read(`${proc}/${pid}/net/dev`) ?? '');

export interface NodeCounters {
  /** The one that we are in: "net:[4026531840]". */
  readonly namespace: string;
  readonly links: ReadonlyMap<string, LinkCounters>;
  /** By a link's name, what no other link of whatever boot has; "" for one of which nobody tells. */
  lifeOf(name: string): string;
}

export function nodeCounters(host: Looking): NodeCounters {
  const { files, proc } = host;
  const namespace = files.readLink(`${proc}/self/ns/net`) ?? '';
  const place = `${crc32(bootId(host)).toString(16)} ${/\d+/.exec(namespace)?.[0] ?? ''}`;
  const numbers = parseLinkNumbers(files.read(`${proc}/self/net/igmp`) ?? '');
  return {
    namespace,
    links: withHanded(host, parseLinkCounters(files.read(`${proc}/self/net/dev`) ?? ''), numbers),
    lifeOf: (name) => (numbers.has(name) ? `${place} ${numbers.get(name)}` : ''),
  };
}

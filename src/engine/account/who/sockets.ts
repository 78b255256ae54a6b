// Who holds a container's sockets: tables of its network namespaces tell what each is, links of descriptors tell whose.
import type { Holding } from '../../spec/who.ts';
import { eachDescriptor, type Walk } from './descriptors.ts';
import { OTHER_TABLES, type Socket, TCP_TABLES, tcpSockets } from './net-tables.ts';
import { quietly, type Seen } from './scan.ts';

export interface Look extends Walk {
  /** Says something about the answer. */
  note(text: string): void;
}

export type SocketKind = 'tcp' | 'other';

/** Bytes of one table: some 25,000 sockets. */
const TABLE = 4 << 20;
/** Network namespaces: services inside may have their own. */
const NAMESPACES = 16;

/** One process for each network namespace of the container. */
function namespaces({ host: { files, proc }, processes, note }: Look): readonly number[] {
  const found = new Map<string, number>();
  for (const { pid } of processes) {
    const name = quietly(() => files.readLink(`${proc}/${pid}/ns/net`));
    if (name !== null && !found.has(name)) found.set(name, pid);
  }
  if (found.size > NAMESPACES) note(`It has ${found.size} network namespaces inside, and sockets of ${NAMESPACES} of them were looked up`);
  return [...found.values()].slice(0, NAMESPACES);
}

function tables({ host: { files, proc }, note }: Look, pid: number, kind: SocketKind): readonly Socket[] {
  const read = (name: string): string => {
    const text = quietly(() => files.readMost(`${proc}/${pid}/net/${name}`, TABLE)) ?? '';
    if (text.length === TABLE) note(`It has more ${name} sockets than are read at once: only the first ones are told apart`);
    return text;
  };
  if (kind === 'tcp') return tcpSockets(TCP_TABLES.map(read));
  return Object.entries(OTHER_TABLES).flatMap(([name, parse]) => parse(read(name)));
}

/** The first that has a descriptor of it: a socket that is shared counts once. */
async function owners(look: Look): Promise<ReadonlyMap<number, Seen>> {
  const found = new Map<number, Seen>();
  await eachDescriptor(look, ({ process, target }) => {
    const inode = target.startsWith('socket:[') ? Number.parseInt(target.slice('socket:['.length), 10) : 0;
    if (inode > 0 && !found.has(inode)) found.set(inode, process);
  });
  return found;
}

/** Holds by socket. `unbound`: sockets that stand in no table, since they have neither address nor peer, count as well. */
export async function socketHoldings(
  look: Look,
  kind: SocketKind,
  amountOf: (socket: Socket) => number,
  unbound: boolean,
): Promise<readonly Holding[]> {
  const spaces = namespaces(look);
  const all = spaces.flatMap((pid) => tables(look, pid, kind));
  const owner = await owners(look);
  const listeners = new Map(
    all.flatMap(({ listens, served, inode }) => (listens && served > 0 ? [[served, owner.get(inode) ?? null]] : [])),
  );
  const told = all.map((socket) => {
    const process = owner.get(socket.inode) ?? (socket.inode === 0 ? listeners.get(socket.served) : null) ?? null;
    return { what: socket.what, process, amount: amountOf(socket) };
  });
  if (!unbound) return told;
  const known = new Set(
    [...all, ...spaces.flatMap((pid) => tables(look, pid, kind === 'tcp' ? 'other' : 'tcp'))].map(({ inode }) => inode),
  );
  const bare = [...owner].filter(([inode]) => !known.has(inode));
  if (bare.length > 0)
    look.note('Of sockets without address and peer the kernel does not tell here whether they are TCP: they count in both');
  return [...told, ...bare.map(([, process]) => ({ what: 'sockets without address and peer', process, amount: 1 }))];
}

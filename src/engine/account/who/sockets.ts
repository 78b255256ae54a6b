// Who holds a container's sockets: tables of its network namespaces tell what each is, links of descriptors tell whose. Tables are as long as root
// inside has made them: they are read beside, gone through in pieces, and of all of them together so much and no more.
import type { Holding } from '../../spec/who.ts';
import { eachDescriptor, type Walk } from './descriptors.ts';
import { type InetRow, inetRows, OTHER_TABLES, type Socket, TCP_TABLES, tcpSockets } from './net-tables.ts';
import { quietly, type Seen, WEIGHT } from './scan.ts';

export interface Look extends Walk {
  /** Says something about the answer. */
  note(text: string): void;
}

export type SocketKind = 'tcp' | 'other';

/** Bytes of all tables together: some 14,000 sockets, a third of what is looked at in all. */
const TABLES = 2 << 20;
/** Bytes that are gone through at once, and so many for each step of the work. */
const PIECE = 1 << 15;
const STEP = 150;
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

interface Tables {
  readonly sockets: readonly Socket[];
  /** Not all of them were gone through. */
  readonly cut: boolean;
}

/** Reads tables of one kind after the other, as long as there is room for them. */
function openTables({ host: { files, proc }, left }: Look): (pid: number, kind: SocketKind) => Promise<Tables> {
  let room = TABLES;
  /** Lines of a table without its head, piece by piece; false: there would be more. */
  const through = async (path: string, visit: (lines: string) => void): Promise<boolean> => {
    const begin = left(WEIGHT.table);
    if (room <= 0 || (begin !== true && !(await begin))) return false;
    const bytes = (await files.readSoon(path, room)) ?? new Uint8Array();
    const cut = bytes.length === room;
    room -= bytes.length;
    const text = Buffer.from(bytes).toString('latin1');
    let at = text.indexOf('\n') + 1;
    while (at > 0 && at < text.length) {
      const newline = text.indexOf('\n', at + PIECE);
      const end = newline < 0 ? text.length : newline + 1;
      const go = left(Math.ceil((end - at) / STEP));
      if (go !== true && !(await go)) return false;
      visit(text.slice(at, end));
      at = end;
    }
    return !cut;
  };
  return async (pid, kind) => {
    const path = (name: string): string => `${proc}/${pid}/net/${name}`;
    let whole = true;
    if (kind === 'tcp') {
      const rows: InetRow[] = [];
      for (const name of TCP_TABLES) whole = (await through(path(name), (lines) => void rows.push(...inetRows(lines)))) && whole;
      return { sockets: tcpSockets(rows), cut: !whole };
    }
    const sockets: Socket[] = [];
    for (const [name, parse] of Object.entries(OTHER_TABLES))
      whole = (await through(path(name), (lines) => void sockets.push(...parse(lines)))) && whole;
    return { sockets, cut: !whole };
  };
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
  const tables = openTables(look);
  const ofKind = async (of: SocketKind): Promise<Tables> => {
    const found = [];
    for (const pid of spaces) found.push(await tables(pid, of));
    return { sockets: found.flatMap(({ sockets }) => sockets), cut: found.some(({ cut }) => cut) };
  };
  const { sockets: all, cut } = await ofKind(kind);
  if (cut) look.note(`It has more ${kind === 'tcp' ? 'TCP ' : ''}sockets than are looked up at once: only the first ones are told apart`);
  const owner = await owners(look);
  const listeners = new Map(
    all.flatMap(({ listens, served, inode }) => (listens && served > 0 ? [[served, owner.get(inode) ?? null]] : [])),
  );
  const told = all.map((socket) => {
    const process = owner.get(socket.inode) ?? (socket.inode === 0 ? listeners.get(socket.served) : null) ?? null;
    return { what: socket.what, process, amount: amountOf(socket) };
  });
  if (!unbound) return told;
  const others = await ofKind(kind === 'tcp' ? 'other' : 'tcp');
  const known = new Set([...all, ...others.sockets].map(({ inode }) => inode));
  const bare = [...owner].filter(([inode]) => !known.has(inode));
  if (cut || others.cut) {
    look.note('Sockets that were not looked up count in both, TCP and others');
    return [...told, ...bare.map(([, process]) => ({ what: 'sockets that were not looked up', process, amount: 1 }))];
  }
  if (bare.length > 0)
    look.note('Of sockets without address and peer the kernel does not tell here whether they are TCP: they count in both');
  return [...told, ...bare.map(([, process]) => ({ what: 'sockets without address and peer', process, amount: 1 }))];
}

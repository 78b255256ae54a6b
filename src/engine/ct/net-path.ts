// The way of a packet between containers, the node and others: who is meant, their network namespaces, and the stages of net/path in their order.
import { harmless } from '../account/process-stat.ts';
import { directNow } from '../account/traffic/direct.ts';
import { VzError } from '../errors.ts';
import { arrive, leave } from '../net/path/inside.ts';
import { type Crossing, fromContainer, fromNode, fromOutside, openCrossing, type Way } from '../net/path/node.ts';
import { probed } from '../net/path/probe.ts';
import { endOf, type NetPath, type PathCt, type Place, type Step, Trail } from '../net/path/step.ts';
import { tableOf } from '../net/table.ts';
import type { Thing } from '../net/thing.ts';
import type { Packet, Protocol } from '../net/verdict/packet.ts';
import { type Address, parseAddress } from '../spec/ip.ts';
import { readNetNote } from '../store/net-note.ts';
import { liveInit } from '../store/record.ts';
import { allAddresses } from './address-checks.ts';
import { idOfWord } from './list.ts';
import { insidePlace, nodePlace } from './net-places.ts';
import { checkNamespace } from './network.ts';
import type { VerbContext } from './verb.ts';

type Context = Pick<VerbContext, 'host' | 'node' | 'configs' | 'report' | 'isFrozen'>;

/** One end of the way, as it was asked for. */
interface End {
  readonly word: string;
  readonly id: number | null;
  /** null for a container that is asked for by its id, and for the node. */
  readonly address: Address | null;
  readonly node: boolean;
  readonly port: number | null;
  readonly protocol: Protocol;
}

const PORT = /^(.*?)(?::(\d{1,5}))?(?:\/(tcp|udp))?$/;

/** "101", "web:80", "node", "10.0.0.9:53/udp", "[2001:db8::9]:80". null for a word that means nothing. */
function endNamed(context: Context, word: string): End | null {
  const bare = parseAddress(word);
  const [, name = '', port, protocol] = bare === null ? (PORT.exec(word) ?? []) : [null, word];
  const address = bare ?? parseAddress(/^\[(.*)\]$/.exec(name)?.[1] ?? name);
  const number = port === undefined ? null : Number(port);
  const isNode = name === 'node' || name === '0';
  const id = isNode || address !== null ? null : idOfWord(context, name);
  const there = id === null || liveInit(context.host, context.node, id) !== null || context.configs().some((config) => config.id === id);
  if ((number ?? 1) > 65_535 || number === 0 || (address?.mask ?? null) !== null || (!isNode && address === null && id === null) || !there)
    return null;
  return {
    word,
    id,
    address,
    node: isNode,
    port: number,
    protocol: (protocol as Protocol | undefined) ?? (port === undefined ? 'icmp' : 'tcp'),
  };
}

interface Known {
  readonly id: number;
  readonly addresses: readonly Address[];
  readonly things: readonly Thing[];
}

function containersOf(context: Context): readonly Known[] {
  return context.configs().map(({ id, values }) => {
    const things = (readNetNote(context.host, context.node, id)?.things ?? []) as readonly Thing[];
    const live = things.flatMap(([kind, to = '']) => (kind === 'route' || kind === 'address' ? (parseAddress(to) ?? []) : []));
    return { id, things, addresses: [...live, ...allAddresses(context, id, values)] };
  });
}

async function globalAt(place: Place): Promise<readonly Address[]> {
  const { told } = await place.ip('addr', 'show', 'scope', 'global', 'up');
  return (told as readonly { readonly addr_info?: readonly { readonly local?: string }[] }[]).flatMap(({ addr_info = [] }) =>
    addr_info.flatMap(({ local = '' }) => parseAddress(local) ?? []),
  );
}

/** What it was given and has comes first, then what root inside has given it, then what it was given and has not. */
async function addressesAt(place: Place, known: Known): Promise<readonly Address[]> {
  const inside = await globalAt(place);
  return [...known.addresses.filter(({ text }) => inside.some((one) => one.text === text)), ...inside, ...known.addresses];
}

/** The first pair of one family. */
function pairOf(
  from: readonly Address[],
  to: readonly Address[],
): { readonly family: 4 | 6; readonly from: string; readonly to: string } | null {
  for (const target of to) {
    const source = from.find(({ family }) => family === target.family);
    if (source !== undefined) return { family: target.family, from: source.text, to: target.text };
  }
  return null;
}

const packetOf = (
  { family, from, to }: { readonly family: 4 | 6; readonly from: string; readonly to: string },
  { protocol, port }: End,
): Packet => ({
  family,
  from,
  to,
  protocol,
  port,
  in: '',
  out: '',
  local: null,
  translated: false,
  mark: 0,
  macFrom: '',
  macTo: '',
});

export interface PathRequest {
  /** Sends one connection for real. */
  readonly probe?: boolean;
}

/** So many bridged containers are looked into for an address that no config knows. */
const LOOKED_INTO = 64;

/** Whose an address is: by records and configs, or by what root inside has given a bridged container. */
async function ownerOf(address: string, all: readonly Known[], running: ReadonlyMap<number, PathCt>): Promise<number | null> {
  const known = all.find(({ addresses }) => addresses.some(({ text }) => text === address));
  if (known !== undefined) return known.id;
  const bridged = [...running.values()].filter(({ things }) => things.some(([kind]) => kind === 'cable')).slice(0, LOOKED_INTO);
  const found = await Promise.all(
    bridged.map(async (ct) => ((await globalAt(ct.place)).some(({ text }) => text === address) ? ct.id : null)),
  );
  return found.find((id) => id !== null) ?? null;
}

const linksOnNode = ({ things }: PathCt): readonly (readonly [near: string, inner: string])[] =>
  things.flatMap(([kind, near = '', inner = '']) => (kind === 'pair' || kind === 'cable' ? [[near, inner] as const] : []));

const ended = (from: string, to: string, step: Omit<Step, 'ok' | 'evidence'>): NetPath => {
  const steps = [{ ...step, ok: false, evidence: [] }];
  return { from, to, steps, ...endOf(steps), probe: null };
};

/** Throws VzError 'no-such-end' for a word that means nothing, 'net-elsewhere'. */
export async function netPath(context: Context, fromWord: string, toWord: string, { probe = false }: PathRequest = {}): Promise<NetPath> {
  const { host, node } = context;
  const all = containersOf(context);
  const spots = new Map(
    all.flatMap(({ id }) => {
      const init = liveInit(host, node, id);
      return init === null ? [] : [[id, insidePlace(context, id, init)] as const];
    }),
  );
  const running = new Map<number, PathCt>(
    all.flatMap(({ id, things }) => {
      const place = spots.get(id);
      return place === undefined ? [] : [[id, { id, place, things }] as const];
    }),
  );
  const endOfWord = async (word: string): Promise<End> => {
    const end = endNamed(context, word);
    if (end === null) throw new VzError('no-such-end', { word });
    return end.address === null ? end : { ...end, id: await ownerOf(end.address.text, all, running) };
  };
  const [from, to] = [await endOfWord(fromWord), await endOfWord(toWord)];
  for (const { id } of [from, to])
    if (id !== null && !running.has(id))
      return ended(fromWord, toWord, { where: `inside ${id}`, says: `container ${id} does not run`, remedy: `vzctl start ${id}` });
  for (const { id } of [from, to]) if (id !== null) checkNamespace(context, id);
  const ctOf = ({ id }: End): PathCt | null => running.get(id ?? 0) ?? null;
  const [sender, target] = [ctOf(from), ctOf(to)];
  const here = nodePlace(context);
  const own = host.addresses().flatMap(({ address, loopback }) => (loopback ? [] : (parseAddress(address) ?? [])));
  const addresses = async ({ address, id }: End, ct: PathCt | null): Promise<readonly Address[]> => {
    if (address !== null) return [address];
    const known = all.find((one) => one.id === id);
    return ct === null || known === undefined ? own : addressesAt(ct.place, known);
  };
  const [sources, targets] = [await addresses(from, sender), await addresses(to, target)];
  const pair = pairOf(sources, targets) ?? (targets[0] === undefined ? null : { family: targets[0].family, from: '', to: targets[0].text });
  if (pair === null)
    return ended(fromWord, toWord, {
      where: target?.place.where ?? 'node',
      says: `${toWord} has no address`,
      remedy: `vzctl set ${to.id} --ipadd auto --save gives it one`,
    });
  const trail = new Trail(packetOf(pair, to));
  const behind = new Map([...running.values()].flatMap((ct) => linksOnNode(ct).map(([near, inner]) => [near, { ct, inner }] as const)));
  const now = directNow(host);
  const direct = (address: string): boolean => now(address) !== null;
  const crossing = await openCrossing({ trail, node: here, table: tableOf(node.tag), behind, sender, target, direct });
  const aim = { address: pair.to, port: to.port, protocol: to.protocol };
  // before the look: neighbours have been asked then
  const run = (sender === null ? undefined : spots.get(sender.id)?.run) ?? here.run;
  const tried = probe ? await probed(from, run, sender?.place.where ?? 'node', aim) : null;
  await walk(crossing, from);
  const steps = trail.steps.map(cleaned);
  return { from: fromWord, to: toWord, steps, ...endOf(steps), probe: tried };
}

async function walk(crossing: Crossing, from: End): Promise<void> {
  const { trail, sender } = crossing;
  const first = async (): Promise<Way> => {
    if (sender === null) return from.address === null ? fromNode(crossing) : fromOutside(crossing);
    const leaving = await leave(trail, sender, from.address?.text ?? '');
    return leaving === null ? null : fromContainer(crossing, leaving);
  };
  const way = await first();
  if (way !== null) await arrive(trail, way.ct, way.inner);
}

const cleaned = ({ where, says, ok, evidence, remedy }: Step): Step => ({
  where,
  says: harmless(says),
  ok,
  evidence: evidence.map(harmless),
  remedy: harmless(remedy),
});

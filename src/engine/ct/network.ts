// The network of a container on this node: what its config asks for, made at a start, changed while it runs, taken away at its end. Kinds of
// interfaces say what must exist; here it is written down before it is made, and the node's own settings are shared by all that need them.
import { keepTraffic } from '../account/traffic/keep.ts';
import { VzError } from '../errors.ts';
import { maskedOf } from '../host/pools.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import { elements, linkOps, type Owner, unpin } from '../net/batch-ops.ts';
import { explainNetwork } from '../net/explain.ts';
import { KIND_KEYS, kindsOf, type NetWish } from '../net/kinds.ts';
import { lookAtLinks, type NodeLinks } from '../net/look.ts';
import { hasSix, mtuOf, neighbourDevices, portsOf, settingsOf } from '../net/node-links.ts';
import { tableOf } from '../net/table.ts';
import { type Batch, change, keyOf, linkMadeBy, type Thing, union } from '../net/thing.ts';
import type { Op } from '../spec/op.ts';
import { generatedMac } from '../spec/params/netif.ts';
import type { Values } from '../spec/params/read.ts';
import { type NetNote, netPin, readNetNote, readNodeNetNote, writeNetNote } from '../store/net-note.ts';
import { liveKeeper } from '../store/record.ts';
import { counted, TRAFFIC } from './counted.ts';
import { forgetHanded, leaveDirect, takeDirect } from './direct-way.ts';
import { bringHome, movedAway } from './homecoming.ts';
import { removeTorn, type StillThere, stillThere } from './lost-links.ts';
import { nestedNetwork } from './nested-networks.ts';
import { joinNode, leaveNode, linksOf, mendTables, type NetContext, namespaceOf, sweepShared, thingsOf } from './node-network.ts';
import { carriersOf } from './sessions.ts';

const pick = (values: Values): Readonly<Record<string, string>> =>
  Object.fromEntries(KIND_KEYS.flatMap((key) => (values.get(key) ? [[key, values.get(key) ?? '']] : [])));

const NO_LINKS: NodeLinks = new Map();
const NONE: ReadonlyMap<string, string> = new Map();

/** The node as it is now, for what these values ask. */
export async function wishOf({ host, node }: NetContext, id: number, values: Values): Promise<NetWish> {
  const { tag, around } = node;
  const kinds = kindsOf(values);
  const taken = new Set(kinds.flatMap((kind) => kind.taken?.(values) ?? []));
  const all = host.addresses();
  const addresses = all.filter(({ device }) => !taken.has(device));
  const links = kinds.some((kind) => kind.looks?.(values)) ? await lookAtLinks(host) : NO_LINKS;
  const carriers = values.get('NETDEV') ? await carriersOf({ host }, links) : NONE;
  const neighbours = neighbourDevices(addresses, node.values.get('NEIGHBOUR_DEVS') ?? '');
  const sender = node.values.get('VE_ROUTE_SRC_DEV') ?? '';
  const own = all.find((one) => one.device === sender && one.family === 4 && !/^127\./.test(one.address));
  const source = sender === '' ? '' : (own?.address ?? null);
  const side = {
    mtu: (link: string) => mtuOf(host.files, link),
    bridge: (name: string) => ({
      mac: generatedMac(name, 0, around.hardware()).toLowerCase(),
      ports: portsOf(node.values.get('VZDECK_BRIDGES') ?? '', name),
    }),
    six: hasSix(host.files),
  };
  const settings = (device: string): readonly string[] => settingsOf(host.files, device);
  return { id, tag, values, neighbours, source, links, carriers, settings, around, side, masked: maskedOf(host.files, node.values) };
}

/** Who else has a link that is not there. */
function holderOf({ host, node }: NetContext, link: string, but: number): number | undefined {
  return readNodeNetNote(host, node)?.users.find(
    (user) => user !== but && thingsOf(readNetNote(host, node, user)).some(([kind, name]) => kind === 'lent' && name === link),
  );
}

const isNewRoute = (thing: Thing, before: readonly Thing[]): boolean =>
  thing[0] === 'route' && !thing[1]?.includes(':') && !before.some((one) => keyOf(one) === keyOf(thing));

/** What must exist where `before` exists. Throws VzError 'netdev-refused' for what cannot be. */
function wanted(context: NetContext, wish: NetWish, before: readonly Thing[]): readonly Thing[] {
  const kinds = kindsOf(wish.values);
  for (const kind of kinds) {
    const refusal = kind.refuses?.(wish, before) ?? null;
    if (refusal === null) continue;
    const holder = wish.links.has(refusal.link) ? undefined : holderOf(context, refusal.link, wish.id);
    throw new VzError('netdev-refused', {
      device: refusal.link,
      why: holder === undefined ? refusal.why : `is lent to container ${holder}`,
    });
  }
  const things = union(
    [],
    kinds.flatMap((kind) => kind.things(wish, before)),
  );
  if (wish.source === null && things.some((thing) => isNewRoute(thing, before)))
    throw new VzError('net-failed', {
      what: 'VE_ROUTE_SRC_DEV of vz.conf',
      cause: `${context.node.values.get('VE_ROUTE_SRC_DEV')} has no IPv4 address that the node could send from`,
      remedy: 'Name a device that has one, or none',
    });
  checkStrangers(context, things, before);
  return things;
}

/** Nothing takes the place of a link that somebody else has made, and so none is taken away with ours. Throws VzError 'netdev-refused'. */
function checkStrangers(context: NetContext, things: readonly Thing[], before: readonly Thing[]): void {
  const own = new Set(before.map(linkMadeBy));
  const links = linksOf(context);
  const device = things.map(linkMadeBy).find((name) => name !== null && links.has(name) && !own.has(name));
  if (device)
    throw new VzError('netdev-refused', {
      device,
      why: 'is there already, and not of this container',
      remedy: `Remove or rename it: ip link set dev ${device} down; ip link set dev ${device} name …`,
    });
}

/** What a birth is to do for its network: on the node beside everything else, and for `born`, where no link comes up before that is done. */
export interface BornNetwork {
  readonly guard: readonly Op[];
  readonly links: readonly Op[];
}

/** Null for a container without one: nothing is asked or written then. Throws VzError 'net-elsewhere'. */
export async function beginNetwork(context: NetContext, id: number, values: Values): Promise<BornNetwork | null> {
  const { host, node } = context;
  if (!KIND_KEYS.some((key) => values.get(key))) return null;
  const [, device] = thingsOf(readNetNote(host, node, id)).find(([kind]) => kind === 'lent') ?? [];
  if (device !== undefined)
    throw new VzError('netdev-refused', {
      device,
      why: 'is still in the network that the container had',
      remedy: `Stop it again: vzctl stop ${id}`,
    });
  const wish = await wishOf(context, id, values);
  const things = wanted(context, wish, []);
  writeNetNote(host, node, id, { namespace: namespaceOf(context), values: pick(values), things });
  const tables = await joinNode(context, wish, things).catch((error: unknown) => {
    throw explainNetwork(error);
  });
  const batch = change(tableOf(node.tag), [], tables.whole(things));
  return { guard: elements(tables.said(batch.table, [])), links: linkOps(batch, 'newborn', netPin(node, id)) };
}

/** With a device of the node its answers for containers go, and nobody there can be told anything. */
const onDevices = (things: readonly Thing[], links: ReadonlySet<string>): readonly Thing[] =>
  things.filter(([kind, , device = '']) => (kind !== 'proxy' && kind !== 'told') || links.has(device));

/** What leads a running container from what is there to another list of things. `half`: of a change that went only half way. */
async function lead(
  context: NetContext,
  wish: NetWish,
  owner: Exclude<Owner, 'newborn'>,
  still: StillThere,
  after: readonly Thing[],
  half: boolean,
): Promise<void> {
  const { host, node } = context;
  const links = linksOf(context);
  if (still.torn.length > 0) await keepCounts(context, wish.id);
  await removeTorn(context, still);
  const [from, to] = [onDevices(still.things, links), onDevices(after, links)];
  const pin = netPin(node, wish.id);
  const tables = await joinNode(context, wish, to, from);
  const batch = change(tableOf(node.tag), tables.whole(from), tables.whole(to));
  await host.launcher.ops({ ops: [...elements(tables.said(batch.table, from)), ...still.back(to), ...linkOps(batch, owner, pin, half)] });
  const missing = (device: string): unknown => (half ? null : whyMissing(context, wish.id, owner, device));
  const [left] = (await bringHome(context, batch, pin, missing)).values();
  if (left !== undefined) throw left;
  await host.launcher.ops({ ops: [...unpin(batch, pin), ...elements(tables.said(batch.untable, to))] });
  if (batch.unpin.length > 0) host.files.unlink(pin);
  sayNested(context, wish.id, owner, batch);
}

/** A device that is not where it was put is in a namespace that root inside has made, or it is no more: then nothing can bring it back, which is told. */
function whyMissing({ host, report }: NetContext, id: number, owner: Exclude<Owner, 'newborn'>, device: string): unknown {
  if (typeof owner !== 'string' && nestedNetwork(host, id, owner.pid) !== null) return movedAway(device);
  report({ level: -1, text: `Warning: ${device} does not come back: root inside container ${id} has deleted it` });
  return null;
}

/** What stands on a device in a network namespace inside keeps its wire, and nobody sees it there. */
function sayNested({ host, report }: NetContext, id: number, owner: Exclude<Owner, 'newborn'>, batch: Batch): void {
  if (typeof owner === 'string' || batch.cut.length + batch.return.length === 0) return;
  const pid = nestedNetwork(host, id, owner.pid);
  if (pid !== null)
    report({
      level: -1,
      text: `Warning: process ${pid} of container ${id} has a network namespace of its own: what root inside has put or moved there keeps the wire until a restart`,
    });
}

/** Back to what there was before a change; `half`: what it was to lead to. */
async function takeBack(
  context: NetContext,
  id: number,
  owner: Exclude<Owner, 'newborn'>,
  note: NetNote,
  half: readonly Thing[],
): Promise<void> {
  const { host, node } = context;
  const values = new Map(Object.entries(note.values));
  await leaveDirect(context, union(half, thingsOf(note)));
  await lead(context, await wishOf(context, id, values), owner, stillThere(context, id, owner, half), thingsOf(note), true);
  writeNetNote(host, node, id, note);
  await settle(context, id, note.values);
  await takeDirect(context, id);
}

/** After a change, once the note says what there is: what nobody needs any more goes. Who is killed before leaves it to the next verb. */
const settle = (context: NetContext, id: number, values: NetNote['values']): Promise<void> =>
  Object.keys(values).length === 0 ? leaveNetwork(context, id) : sweepShared(context);

/**
 * Of a running container's network: what a change that was killed in the middle has left, so that all is there again that was there before, and what
 * somebody else has taken from our tables. Throws VzError 'net-elsewhere', 'net-failed'.
 */
export async function mendNetwork(context: NetContext, id: number, owner: Exclude<Owner, 'newborn'>): Promise<void> {
  const note = readNetNote(context.host, context.node, id);
  if (note === null) return;
  checkNamespace(context, id);
  const { half, ...rest } = note;
  try {
    if (half !== undefined) return await takeBack(context, id, owner, { ...rest, things: half.before }, half.after as readonly Thing[]);
    await mendTables(context);
    await settle(context, id, note.values);
  } catch (error) {
    throw explainNetwork(error);
  }
}

/**
 * Of a running container. `changed`: the values that do, by config key; what else it has stays as it is, whatever its config says. Returns what takes
 * it back. Throws VzError 'net-elsewhere', 'net-failed'; nothing has changed then.
 */
export async function changeNetwork(
  context: NetContext,
  id: number,
  owner: Exclude<Owner, 'newborn'>,
  changed: Values,
): Promise<() => Promise<void>> {
  const { host, node } = context;
  checkNamespace(context, id);
  if (readNetNote(host, node, id)?.half !== undefined) await mendNetwork(context, id, owner);
  const namespace = namespaceOf(context);
  const note = readNetNote(host, node, id) ?? { namespace, values: {}, things: [] };
  const values = new Map([...Object.entries(note.values), ...changed]);
  const before = thingsOf(note);
  const still = stillThere(context, id, owner, before);
  const wish = await wishOf(context, id, values);
  const after = wanted(context, wish, before);
  const undo = (): Promise<void> => takeBack(context, id, owner, note, after);
  if (takesLink(before, after)) await keepCounts(context, id);
  writeNetNote(host, node, id, { namespace, values: note.values, things: union(before, after), half: { before, after } });
  try {
    const direct = await leaveDirect(context, before);
    await lead(context, wish, owner, still, after, false);
    if (!after.some(([kind]) => kind === 'pair')) await forgetHanded(context, direct);
  } catch (error) {
    // where that fails, too, the note keeps both: the next change, or the container's end, takes them away
    await undo().catch(() => {});
    throw explainNetwork(error);
  }
  writeNetNote(host, node, id, { namespace, values: pick(values), things: after });
  await settle(context, id, pick(values));
  await takeDirect(context, id);
  return undo;
}

/** Values that a running container's network has. */
export const networkValues = ({ host, node }: NetContext, id: number): Values =>
  new Map(Object.entries(readNetNote(host, node, id)?.values ?? {}));

/** Throws VzError 'net-elsewhere' for a network that stands in another network namespace than ours, and that somebody keeps there. */
export function checkNamespace(context: NetContext, id: number): void {
  const { host, node } = context;
  const note = readNetNote(host, node, id);
  const keeper = note === null ? null : liveKeeper(host, node, id);
  if (note !== null && keeper !== null && note.namespace !== namespaceOf(context))
    throw new VzError('net-elsewhere', { ct: id, namespace: note.namespace, pid: keeper.pid });
}

/**
 * As long as nobody closes it, a container's links outlive its last process, so that what they have carried can still be read: with the network
 * namespace both ends of them would go. Whoever sees the end without us is the keeper, and it holds the namespace, too.
 */
export const holdNetwork = ({ host }: Pick<NetContext, 'host'>, init: ProcessId): { close(): void } | null =>
  host.planning ? null : host.files.openInput(`${host.proc}/${init.pid}/ns/net`);

/** With a link its counters go. */
const takesLink = (before: readonly Thing[], after: readonly Thing[]): boolean => {
  const stay = new Set(after.map(keyOf));
  return before.some((thing) => linkMadeBy(thing) !== null && !stay.has(keyOf(thing)));
};

/** The last look at links before they go. */
const keepCounts = (context: NetContext, id: number): Promise<void> => counted(context, TRAFFIC, undefined, () => keepTraffic(context, id));

/** Everything of a container's network that stands on the node, also what was only half made. Does nothing where there is none. */
export async function leaveNetwork(context: NetContext, id: number): Promise<void> {
  const note = readNetNote(context.host, context.node, id);
  if (note === null) return;
  await keepCounts(context, id);
  const direct = await leaveDirect(context, thingsOf(note));
  await leaveNode(context, id, thingsOf(note), note.namespace === namespaceOf(context));
  await forgetHanded(context, direct);
}

// The network of a container on this node: what its config asks for, made at a start, changed while it runs, taken away at its end. Kinds of
// interfaces say what must exist; here it is written down before it is made, and the node's own settings are shared by all that need them.
import { keepTraffic } from '../account/traffic/keep.ts';
import { VzError } from '../errors.ts';
import { maskedOf } from '../host/pools.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import { ip, ipForgiven, linkOps, nft, nftBeside, type Owner, switches } from '../net/batch-ops.ts';
import { routersOf } from '../net/conflicts.ts';
import { explainNetwork } from '../net/explain.ts';
import { KIND_KEYS, kindsOf, type NetWish } from '../net/kinds.ts';
import { lookAtLinks, type NodeLinks } from '../net/look.ts';
import { hasSix, mtuOf, neighbourDevices, passage, portsOf, type Switched } from '../net/node-links.ts';
import { removal, skeleton, type TableFamily, tableOf } from '../net/table.ts';
import { type Batch, change, familiesOf, isShared, keyOf, type Thing, union } from '../net/thing.ts';
import { asNumber } from '../spec/ip.ts';
import type { Op } from '../spec/op.ts';
import { generatedMac } from '../spec/params/netif.ts';
import type { Values } from '../spec/params/read.ts';
import { sessionAddress } from '../store/actor.ts';
import {
  type NetNote,
  type NodeNetNote,
  netLock,
  netPin,
  readNetNote,
  readNodeNetNote,
  writeNetNote,
  writeNodeNetNote,
} from '../store/net-note.ts';
import { liveKeeper } from '../store/record.ts';
import { counted, TRAFFIC } from './counted.ts';
import type { VerbContext } from './verb.ts';

type Context = Pick<VerbContext, 'host' | 'node' | 'report'>;

/** Network namespace that we are in. */
const namespaceOf = ({ host }: Context): string => host.files.readLink(`${host.proc}/self/ns/net`) ?? '';

const thingsOf = (note: NetNote | null): readonly Thing[] => (note?.things ?? []) as readonly Thing[];

const pick = (values: Values): Readonly<Record<string, string>> =>
  Object.fromEntries(KIND_KEYS.flatMap((key) => (values.get(key) ? [[key, values.get(key) ?? '']] : [])));

const NO_LINKS: NodeLinks = new Map();

/** The node as it is now, for what these values ask. */
async function wishOf({ host, node }: Context, id: number, values: Values): Promise<NetWish> {
  const { tag, around } = node;
  const kinds = kindsOf(values);
  const taken = new Set(kinds.flatMap((kind) => kind.taken?.(values) ?? []));
  const addresses = host.addresses().filter(({ device }) => !taken.has(device));
  const links = kinds.some((kind) => kind.looks?.(values)) ? await lookAtLinks(host) : NO_LINKS;
  const neighbours = neighbourDevices(addresses, node.values.get('NEIGHBOUR_DEVS') ?? '');
  const side = {
    mtu: (link: string) => mtuOf(host.files, link),
    bridge: (name: string) => ({
      mac: generatedMac(name, 0, around.hardware()).toLowerCase(),
      ports: portsOf(node.values.get('VZDECK_BRIDGES') ?? '', name),
    }),
    six: hasSix(host.files),
  };
  return { id, tag, values, neighbours, links, around, side, masked: maskedOf(host.files, node.values) };
}

/** Who else has a link that is not there. */
function holderOf({ host, node }: Context, link: string, but: number): number | undefined {
  return readNodeNetNote(host, node)?.users.find(
    (user) => user !== but && thingsOf(readNetNote(host, node, user)).some(([kind, name]) => kind === 'lent' && name === link),
  );
}

/** What must exist where `before` exists. Throws VzError 'netdev-refused' for what cannot be. */
function wanted(context: Context, wish: NetWish, before: readonly Thing[]): readonly Thing[] {
  const kinds = kindsOf(wish.values);
  for (const kind of kinds) {
    const refusal = kind.refuses?.(wish, before, sessionAddress(context.host, process.env)) ?? null;
    if (refusal === null) continue;
    const holder = holderOf(context, refusal.link, wish.id);
    throw new VzError('netdev-refused', {
      device: refusal.link,
      why: holder === undefined ? refusal.why : `is lent to container ${holder}`,
    });
  }
  return union(
    [],
    kinds.flatMap((kind) => kind.things(wish, before)),
  );
}

async function locked<T>({ host, node }: Context, work: () => Promise<T>): Promise<T> {
  host.files.mkdir(node.runDir, 0o700);
  const lock = await host.launcher.lock(netLock(node), { wait: true });
  try {
    return await work();
  } finally {
    await lock?.release();
  }
}

/** Those before us, whose ends nobody has cleaned up left out. */
const usersOf = ({ host, node }: Context, note: NodeNetNote | null, but: number): readonly number[] =>
  (note?.users ?? []).filter((user) => user !== but && readNetNote(host, node, user) !== null);

/** A file that was switched twice said first what it is given back. */
const switchedAll = (before: readonly Switched[], now: readonly Switched[]): readonly Switched[] => [
  ...before,
  ...now.filter(({ path }) => !before.some((s) => s.path === path)),
];

const lines = (list: readonly Switched[], what: 'before' | 'value'): readonly string[] => list.map((s) => `${s.path} ${s[what]}`);

const madeOf = (note: NodeNetNote | null): readonly Thing[] => (note?.made ?? []) as readonly Thing[];
const tablesOf = (note: NodeNetNote | null): readonly TableFamily[] => (note?.families ?? ['inet']) as readonly TableFamily[];

/** Links of the namespace that we are in. */
export const linksOf = ({ host }: Pick<Context, 'host'>): ReadonlySet<string> =>
  new Set([...(host.files.read(`${host.proc}/net/dev`) ?? '').matchAll(/^\s*([^\s:]+):/gm)].map(([, name]) => name ?? ''));

/** Addresses that are the node's, or its routers'. */
function nodeThings({ host }: Context): readonly Thing[] {
  const read = (name: string): string => host.files.read(`${host.proc}/net/${name}`) ?? '';
  const own = host.addresses().flatMap(({ address, loopback }) => (loopback ? [] : [address]));
  return [...new Set([...own, ...routersOf(read('route'), read('ipv6_route'))])].flatMap((text): readonly Thing[] =>
    text.includes(':')
      ? [
          ['element', 'node6', text],
          ['element', 'nodeTarget', asNumber(text)],
        ]
      : [['element', 'node4', text]],
  );
}

/**
 * The node lets packets of containers pass, and has the links that several share. Returns the lines that every change of our tables begins with.
 * `things`: all that there is of the container, before or after the change.
 */
async function joinNode(context: Context, { id, values, neighbours }: NetWish, things: readonly Thing[]): Promise<readonly string[]> {
  const { host, node } = context;
  const namespace = namespaceOf(context);
  const forwarded = new Set(kindsOf(values).flatMap((kind) => kind.families(values)));
  return locked(context, async () => {
    const before = readNodeNetNote(host, node);
    const users = usersOf(context, before, id);
    const same = before !== null && before.namespace === namespace;
    if (!same && users.length > 0)
      throw new VzError('net-elsewhere', { ct: users[0], namespace: before?.namespace, pid: liveKeeper(host, node, users[0] ?? 0)?.pid });
    const { switched, opened } = passage(host.files, neighbours, forwarded);
    const open = (family: '4' | '6'): readonly string[] => [
      ...new Set([...(same ? before.opened[family] : []), ...opened[family === '4' ? 4 : 6]]),
    ];
    const links = linksOf(context);
    const making = things.filter((thing) => isShared(thing) && !links.has(thing[1] ?? ''));
    const families = [...new Set([...(same ? tablesOf(before) : []), 'inet' as const, ...familiesOf(things)])];
    const now: NodeNetNote = {
      namespace,
      users: [...users, id],
      families,
      made: union(same ? madeOf(before) : [], making),
      switched: switchedAll(same ? before.switched : [], switched),
      opened: { '4': open('4'), '6': open('6') },
    };
    writeNodeNetNote(host, node, now);
    const t = tableOf(node.tag);
    // a bridge of our own takes no router's word from a container
    const deaf = hasSix(host.files) ? making.map(([, name]) => `ipv6/conf/${name}/accept_ra 0`) : [];
    await host.launcher.ops({ ops: [...ip(change(t, [], making).shared), ...switches([...deaf, ...lines(switched, 'value')])] });
    const elements = (['4', '6'] as const).flatMap((family) =>
      now.opened[family].flatMap((device): readonly Thing[] => [
        ['element', `opened${family}`, `"${device}"`],
        ['element', 'level', `"${device}" . "${device}"`],
      ]),
    );
    const kept = families.includes('bridge') ? nodeThings(context) : [];
    return [...skeleton(t, families), ...change(t, [], [...elements, ...kept]).table];
  });
}

/** Nothing is said to the tables where nothing of them changes. */
const whole = (prologue: readonly string[], { table }: Batch): readonly string[] => (table.length === 0 ? [] : [...prologue, ...table]);

/** What a birth is to do for its network: on the node beside everything else, and for `born`, where no link comes up before that is done. */
export interface BornNetwork {
  readonly guard: readonly Op[];
  readonly links: readonly Op[];
}

/** Null for a container without one: nothing is asked or written then. Throws VzError 'net-elsewhere'. */
export async function beginNetwork(context: Context, id: number, values: Values): Promise<BornNetwork | null> {
  const { host, node } = context;
  if (!KIND_KEYS.some((key) => values.get(key))) return null;
  const wish = await wishOf(context, id, values);
  const things = wanted(context, wish, []);
  writeNetNote(host, node, id, { namespace: namespaceOf(context), values: pick(values), things });
  const prologue = await joinNode(context, wish, things);
  const batch = change(tableOf(node.tag), [], things);
  return { guard: nftBeside(whole(prologue, batch)), links: linkOps(batch, 'newborn', netPin(node, id)) };
}

/**
 * Of a running container. `changed`: the values that do, by config key; what else it has stays as it is, whatever its config says. Returns what takes
 * it back. Throws VzError 'net-elsewhere', 'net-failed'; nothing has changed then.
 */
export async function changeNetwork(
  context: Context,
  id: number,
  owner: Exclude<Owner, 'newborn'>,
  changed: Values,
): Promise<() => Promise<void>> {
  const { host, node } = context;
  const note = readNetNote(host, node, id);
  const values = new Map([...Object.entries(note?.values ?? {}), ...changed]);
  const before = thingsOf(note);
  const wish = await wishOf(context, id, values);
  const after = wanted(context, wish, before);
  const namespace = namespaceOf(context);
  checkNamespace(context, id);
  const go = async (from: readonly Thing[], to: readonly Thing[], half = false): Promise<void> => {
    const batch = change(tableOf(node.tag), from, to);
    const prologue = await joinNode(context, wish, union(from, to));
    await host.launcher.ops({ ops: [...nft(whole(prologue, batch)), ...linkOps(batch, owner, netPin(node, id), half)] });
    if (batch.unpin.length > 0) host.files.unlink(netPin(node, id));
  };
  const undo = async (): Promise<void> => {
    await go(after, before, true);
    writeNetNote(host, node, id, note);
    if (note === null) await leaveNode(context, id, []);
    else await sweepShared(context);
  };
  await keepCounts(context, id);
  writeNetNote(host, node, id, { namespace, values: note?.values ?? {}, things: union(before, after) });
  try {
    await go(before, after);
  } catch (error) {
    // where that fails, too, the note keeps both: the container's end takes them away
    await undo().catch(() => {});
    throw explainNetwork(error);
  }
  if (Object.keys(pick(values)).length > 0) {
    writeNetNote(host, node, id, { namespace, values: pick(values), things: after });
    await sweepShared(context);
  } else await leaveNetwork(context, id);
  return undo;
}

/** What stands on the node beside the links themselves, and can be made as often as one likes. */
const REMADE: ReadonlySet<string> = new Set(['element', 'tally', 'route', 'proxy', 'switch', 'mac', 'port', 'nodeUp']);

/** Of a running container, where others have taken some of it away. Throws VzError 'net-elsewhere', 'net-failed'. */
export async function remakeNetwork(context: Context, id: number): Promise<void> {
  const { host, node } = context;
  const note = readNetNote(host, node, id);
  if (note === null) return;
  checkNamespace(context, id);
  const things = thingsOf(note);
  const wish = await wishOf(context, id, new Map(Object.entries(note.values)));
  try {
    const prologue = await joinNode(context, wish, things);
    const t = tableOf(node.tag);
    const batch = change(
      t,
      [],
      things.filter(([kind]) => REMADE.has(kind)),
    );
    const up = things.flatMap(([kind, link]) => (kind === 'pair' ? [`link set dev ${link} up`] : []));
    const ports = madeOf(readNodeNetNote(host, node)).flatMap((thing) =>
      thing[0] === 'bridge' ? change(t, [], [thing]).shared.slice(1) : [],
    );
    await host.launcher.ops({
      ops: [...nft(whole(prologue, batch)), ...ipForgiven([...up, ...ports, ...batch.node]), ...switches(batch.switch)],
    });
  } catch (error) {
    throw explainNetwork(error);
  }
}

/** Values that a running container's network has. */
export const networkValues = ({ host, node }: Context, id: number): Values =>
  new Map(Object.entries(readNetNote(host, node, id)?.values ?? {}));

/** Throws VzError 'net-elsewhere' for a network that stands in another network namespace than ours, and that somebody keeps there. */
export function checkNamespace(context: Context, id: number): void {
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
export const holdNetwork = ({ host }: Pick<Context, 'host'>, init: ProcessId): { close(): void } | null =>
  host.planning ? null : host.files.openInput(`${host.proc}/${init.pid}/ns/net`);

/** The last look at links before they go. */
const keepCounts = (context: Context, id: number): Promise<void> => counted(context, TRAFFIC, undefined, () => keepTraffic(context, id));

/** Everything of a container's network that stands on the node, also what was only half made. Does nothing where there is none. */
export async function leaveNetwork(context: Context, id: number): Promise<void> {
  const note = readNetNote(context.host, context.node, id);
  if (note === null) return;
  await keepCounts(context, id);
  await leaveNode(context, id, thingsOf(note), note.namespace === namespaceOf(context));
}

/** What nobody has switched since, last first. */
const switchedStill = ({ host }: Context, note: NodeNetNote | null): readonly Switched[] =>
  (note?.switched ?? []).filter((s) => host.files.read(`/proc/sys/net/${s.path}`)?.trim() === s.value).reverse();

/** `here`: false where all went with the node's namespace in which it stood. */
async function leaveNode(context: Context, id: number, things: readonly Thing[], here = true): Promise<void> {
  const { host, node, report } = context;
  await locked(context, async () => {
    const all = readNodeNetNote(host, node);
    const rest = usersOf(context, all, id);
    const t = tableOf(node.tag);
    const last = rest.length === 0;
    const batch = change(t, here ? things : things.filter(([name]) => name === 'pin'), []);
    const back = last && here ? switchedStill(context, all) : [];
    const table = !here ? [] : last ? removal(t, tablesOf(all)) : whole(skeleton(t, tablesOf(all)), batch);
    await host.launcher
      .ops({ ops: [...linkOps(batch, 'ended', netPin(node, id)), ...switches(lines(back, 'before')), ...nft(table)] })
      .catch((error: unknown) => {
        const why = explainNetwork(error);
        report({
          level: -1,
          text: `Warning: the network of container ${id} is not taken away whole: ${why instanceof Error ? why.message : why}`,
        });
      });
    const made = await withoutUnused(context, madeOf(all), rest);
    if (last) writeNodeNetNote(host, node, null);
    else if (all !== null) writeNodeNetNote(host, node, { ...all, users: rest, made });
    host.files.unlink(netPin(node, id));
    writeNetNote(host, node, id, null);
  });
}

/** Shared things that nobody needs any more, after a change of one that runs. */
async function sweepShared(context: Context): Promise<void> {
  const { host, node } = context;
  if (madeOf(readNodeNetNote(host, node)).length === 0) return;
  await locked(context, async () => {
    const all = readNodeNetNote(host, node);
    if (all !== null) writeNodeNetNote(host, node, { ...all, made: await withoutUnused(context, madeOf(all), all.users) });
  });
}

/** Takes away what none of `users` needs; what is left. What somebody else has come to use by now stays with them. */
async function withoutUnused(context: Context, made: readonly Thing[], users: readonly number[]): Promise<readonly Thing[]> {
  const { host, node, report } = context;
  const needed = new Set(users.flatMap((user) => thingsOf(readNetNote(host, node, user))).map(keyOf));
  const unused = made.filter((thing) => !needed.has(keyOf(thing)));
  const going: Thing[] = [];
  for (const thing of unused) {
    const by = await otherUse(context, thing);
    if (by === '') going.push(thing);
    else report({ level: -1, text: `Warning: ${thing[1]} was made for containers and stays: ${by}` });
  }
  await host.launcher.ops({ ops: ipForgiven(change(tableOf(node.tag), going, []).shared) });
  return made.filter((thing) => !unused.includes(thing));
}

/** Who else has taken to a shared link: an address of the node's, or a port that is not ours; "" for nobody. */
async function otherUse({ host }: Context, [, name = '', ...own]: Thing): Promise<string> {
  const ask = async (...words: string[]): Promise<string> => (await host.run('ip', ['-oneline', ...words])).stdout;
  const address = /^\d+: \S+\s+inet6? (\S+)/m.exec(await ask('addr', 'show', 'dev', name, 'scope', 'global'))?.[1];
  if (address !== undefined) return `the node has address ${address} on it`;
  const ports = [...(await ask('link', 'show', 'master', name)).matchAll(/^\d+: ([^:@]+)/gm)].map(([, port]) => port ?? '');
  const other = ports.find((port) => !own.includes(port));
  return other === undefined ? '' : `${other} is in it`;
}

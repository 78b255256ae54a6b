// What all containers of a node share of its network: our tables, links on which several stand, and what the node itself was told for their sake. It is
// there from the first of them to the last.
import { VzError } from '../errors.ts';
import { elements, ip, ipForgiven, linkOps, nft, raise, switches, unpin } from '../net/batch-ops.ts';
import { routersOf, routesOf } from '../net/conflicts.ts';
import { explainNetwork } from '../net/explain.ts';
import { linkNames } from '../net/inside-now.ts';
import { kindsOf, type NetWish } from '../net/kinds.ts';
import { hasSix, passage, type Switched } from '../net/node-links.ts';
import type { TableFamily } from '../net/sets.ts';
import { marked, moot, needed, refilled, removal, skeleton, tableOf } from '../net/table.ts';
import { change, familiesOf, isInTable, isMapped, isShared, keyOf, type Thing, union } from '../net/thing.ts';
import { keptFor } from '../net/venet.ts';
import { asNumber } from '../spec/ip.ts';
import type { Op } from '../spec/op.ts';
import type { Values } from '../spec/params/read.ts';
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
import { patientLock } from '../store/patient-lock.ts';
import { liveKeeper } from '../store/record.ts';
import { patience } from '../watch/timer.ts';
import { bringHome } from './homecoming.ts';
import { noteHost } from './hosts.ts';
import type { VerbContext } from './verb.ts';

export type NetContext = Pick<VerbContext, 'host' | 'node' | 'report'>;

/** Network namespace that we are in. */
export const namespaceOf = ({ host }: NetContext): string => host.files.readLink(`${host.proc}/self/ns/net`) ?? '';

export const thingsOf = (note: NetNote | null): readonly Thing[] => (note?.things ?? []) as readonly Thing[];
/** Before a change that has not come to its end: then there are two values for a key of a map in `things`. */
const standingOf = (note: NetNote | null): readonly Thing[] => (note?.half?.before ?? note?.things ?? []) as readonly Thing[];

/** Milliseconds: a device that comes home may take seconds, and a hundred containers may start at once. */
const QUEUE = 60_000;

async function locked<T>({ host, node }: NetContext, work: () => Promise<T>): Promise<T> {
  const lock = await patientLock(host, netLock(node), patience, QUEUE);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** Those before us, whose ends nobody has cleaned up left out. */
const usersOf = ({ host, node }: NetContext, note: NodeNetNote | null, but: number): readonly number[] =>
  (note?.users ?? []).filter((user) => user !== but && readNetNote(host, node, user) !== null);

/** A file that was switched twice said first what it is given back. */
const switchedAll = (before: readonly Switched[], now: readonly Switched[]): readonly Switched[] => [
  ...before,
  ...now.filter(({ path }) => !before.some((s) => s.path === path)),
];

const lines = (list: readonly Switched[], what: 'before' | 'value'): readonly string[] => list.map((s) => `${s.path} ${s[what]}`);

export const madeOf = (note: NodeNetNote | null): readonly Thing[] => (note?.made ?? []) as readonly Thing[];
const tablesOf = (note: NodeNetNote | null): readonly TableFamily[] => (note?.families ?? ['inet']) as readonly TableFamily[];

/** Links of the namespace that we are in. */
export const linksOf = ({ host }: Pick<NetContext, 'host'>): ReadonlySet<string> =>
  linkNames(host.files.read(`${host.proc}/net/dev`) ?? '');

/** What is the node's own, or its routers', and nobody else's. */
function nodeThings({ host }: NetContext): readonly Thing[] {
  const read = (name: string): string => host.files.read(`${host.proc}/net/${name}`) ?? '';
  const own = host.addresses().flatMap(({ address, loopback }) => (loopback ? [] : [address]));
  return [...new Set([...own, ...routersOf(routesOf(read('route'), read('ipv6_route')))])].flatMap((text): readonly Thing[] =>
    text.includes(':')
      ? [
          ['element', 'node6', text],
          ['element', 'nodeTarget', asNumber(text)],
        ]
      : [['element', 'node4', text]],
  );
}

function nearThings({ host }: NetContext, { opened, made }: NodeNetNote): readonly Thing[] {
  const macs = [
    ...host.addresses().flatMap(({ mac, loopback }) => (loopback ? [] : [mac])),
    ...(made ?? []).flatMap(([kind, , mac]) => (kind === 'bridge' ? [mac ?? ''] : [])),
  ];
  return [
    ...opened['4'].map((device): Thing => ['element', 'opened4', `"${device}"`]),
    ...(opened['6'].length === 0 ? [] : [['element', 'closed', 'ipv6'] as const]),
    ...[...new Set(macs)].filter((mac) => mac !== '').map((mac): Thing => ['element', 'near', mac]),
  ];
}

/** Our tables, for a change of a container's part in them. */
export interface Tables {
  /** Make them as they must be, with what all have in them; nothing where they are so. Under the lock, before any change. */
  readonly anew: readonly Op[];
  /** Lines for a change that adds and removes these; none where nothing of it is in the tables. `own`: what the container has in them until then. */
  said(change: readonly string[], own: readonly Thing[]): readonly string[];
  /** A container's things with what the tables have of it beyond them. */
  whole(things: readonly Thing[]): readonly Thing[];
}

/**
 * `id`: whose change it is, if it stays in them. `there`: they may be as they must be; not where somebody has taken one away (`nft flush ruleset`), where
 * the node has other addresses by now, and where another engine has made them.
 */
async function tablesFor(context: NetContext, note: NodeNetNote, there: boolean, id: number | null): Promise<Tables> {
  const { host, node } = context;
  const t = tableOf(node.tag);
  const families = tablesOf(note);
  const bridged = families.includes('bridge');
  // venet alone asks for no table of bridges; where there is one, its addresses are nobody's on a bridge
  const whole = (things: readonly Thing[]): readonly Thing[] => (bridged ? union(things, keptFor(things)) : things);
  const nodes = [...(families.includes('inet') ? nearThings(context, note) : []), ...(bridged ? nodeThings(context) : [])];
  const filled = new Set(nodes.flatMap(([kind, set = '']) => (kind === 'element' ? [set] : [])));
  const lines = [...skeleton(t, families, filled), ...change(t, [], nodes).table];
  const made =
    there &&
    (await host.launcher.ops({ ops: needed(t, families, lines) }).then(
      () => true,
      () => false,
    ));
  const notes = (): readonly { readonly user: number; readonly note: NetNote | null }[] =>
    note.users.map((user) => ({ user, note: readNetNote(host, node, user) }));
  const anew = (): readonly Op[] => {
    const all = notes();
    const kept = whole(all.flatMap((one) => thingsOf(one.note))).filter((thing) => isInTable(thing) && !isMapped(thing));
    const mapped = all.flatMap((one) => standingOf(one.note)).filter(isMapped);
    return [
      ...nft([...lines, ...change(t, [], [...kept, ...mapped]).table, ...marked(t, families, lines)]),
      ...moot(t, families, filled).flatMap((line) => elements([line])),
    ];
  };
  const refill = (own: readonly Thing[]): readonly string[] => {
    const emptied = refilled(t, families);
    if (emptied.length === 0) return [];
    const others = notes().flatMap((one) => (one.user === id ? [] : standingOf(one.note)));
    return [...emptied, ...change(t, [], [...others, ...own].filter(isMapped)).table];
  };
  return {
    whole,
    anew: made ? [] : anew(),
    said: (change, own) => (change.length === 0 ? [] : [...refill(own), ...change]),
  };
}

/**
 * The node lets packets of containers pass, and has the links that several share. `things`: what there is of the container after the change; `gone`:
 * what goes with it. `trusted`: tables are not made anew where they seem to be as they must be. Throws VzError 'net-elsewhere'.
 */
export async function joinNode(
  context: NetContext,
  { id, values, neighbours }: NetWish,
  things: readonly Thing[],
  gone: readonly Thing[] = [],
  trusted = true,
): Promise<Tables> {
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
    const nowOpen = { '4': open('4'), '6': open('6') };
    const links = linksOf(context);
    const making = things.filter((thing) => isShared(thing) && !links.has(thing[1] ?? ''));
    const transit: readonly TableFamily[] = Object.values(nowOpen).flat().length > 0 ? ['inet'] : [];
    const now: NodeNetNote = {
      namespace,
      users: [...users, id].sort((a, b) => a - b),
      families: [...new Set([...(same ? tablesOf(before) : []), ...transit, ...familiesOf([...things, ...gone])])],
      made: union(same ? madeOf(before) : [], making),
      switched: switchedAll(same ? before.switched : [], switched),
      opened: nowOpen,
    };
    writeNodeNetNote(host, node, now);
    noteHost(context, id, values);
    const tables = await tablesFor(context, now, same && trusted, id);
    const { shared } = change(tableOf(node.tag), [], making);
    const names = making.map(([, name = '']) => name);
    await host.launcher.ops({
      ops: [
        // nothing is forwarded before the table says for whom
        ...tables.anew,
        ...ip(shared),
        // a bridge of our own takes no router's word from a container
        ...switches([...(hasSix(host.files) ? names.map((name) => `ipv6/conf/${name}/accept_ra 0`) : []), ...lines(switched, 'value')]),
        ...raise(names),
      ],
    });
    tellSwitched(context, switched);
    return tables;
  });
}

/** What is switched for more than a device of the node is told, as it may mean something to others; each device's own stands in the docs. */
function tellSwitched({ report }: NetContext, switched: readonly Switched[]): void {
  for (const { path, before, value } of switched)
    if (/\/(all|default)\//.test(path))
      report({ level: 0, text: `Setting net/${path} of the node: ${value} in place of ${before}, until the last container stops` });
}

/** Guards of containers that run, where somebody else has taken our tables away. */
export async function mendTables(context: NetContext): Promise<void> {
  const { host, node } = context;
  await locked(context, async () => {
    const note = readNodeNetNote(host, node);
    if (note === null || note.namespace !== namespaceOf(context)) return;
    await host.launcher.ops({ ops: (await tablesFor(context, note, true, null)).anew });
  });
}

/** What nobody has switched since, last first. */
const switchedStill = ({ host }: NetContext, note: NodeNetNote | null): readonly Switched[] =>
  (note?.switched ?? []).filter((s) => host.files.read(`/proc/sys/net/${s.path}`)?.trim() === s.value).reverse();

/** `here`: false where all went with the node's namespace in which it stood. */
export async function leaveNode(context: NetContext, id: number, things: readonly Thing[], here = true): Promise<void> {
  const { host, node, report } = context;
  await locked(context, async () => {
    const all = readNodeNetNote(host, node);
    const users = usersOf(context, all, id);
    const t = tableOf(node.tag);
    const last = users.length === 0;
    const tables = all === null || last ? null : await tablesFor(context, { ...all, users }, true, null);
    const batch = change(t, here ? (tables?.whole(things) ?? things) : things.filter(([name]) => name === 'pin'), []);
    const pin = netPin(node, id);
    const table =
      tables === null ? nft(removal(t, tablesOf(all))) : [...tables.anew, ...elements(tables.said([...batch.table, ...batch.untable], []))];
    const said = (error: unknown): void => {
      const why = explainNetwork(error);
      report({
        level: -1,
        text: `Warning: the network of container ${id} is not taken away whole: ${why instanceof Error ? why.message : why}`,
      });
    };
    await host.launcher.ops({ ops: linkOps(batch, 'ended', pin) }).catch(said);
    const left = await bringHome(context, batch, pin, () => null);
    // settings of links that have gone went with them, and those of devices that are back are here
    const back = last && here ? switchedStill(context, all) : [];
    if (back.length > 0) await host.launcher.ops({ ops: switches(lines(back, 'before')) }).catch(said);
    // a link that cannot go is no reason for a guard to stay
    await host.launcher.ops({ ops: here ? table : [] }).catch(said);
    const made = await withoutUnused(context, madeOf(all), users);
    if (left.size > 0) {
      for (const error of left.values()) said(error);
      keepLent(context, id, things, new Set(left.keys()));
      noteHost(context, id, null);
      const gone = last ? { switched: [], opened: { '4': [], '6': [] }, families: [] } : {};
      if (all !== null) writeNodeNetNote(host, node, { ...all, ...gone, users: [...users, id], made });
      return;
    }
    await host.launcher.ops({ ops: unpin(batch, pin) }).catch(said);
    if (last) writeNodeNetNote(host, node, null);
    else if (all !== null) {
      writeNodeNetNote(host, node, { ...all, users, made });
      await forgetGone(context, all, { ...all, users, made }).catch(said);
    }
    host.files.unlink(pin);
    noteHost(context, id, null);
    writeNetNote(host, node, id, null);
  });
}

/** The node's hosts file says how a running container is called by now. `named`: values that its config is to have. */
export async function renameHost(context: NetContext, id: number, named: Values): Promise<void> {
  const note = readNetNote(context.host, context.node, id);
  if (note !== null) await locked(context, async () => noteHost(context, id, new Map([...Object.entries(note.values), ...named])));
}

/** Devices that are still in a container's network keep it until the next verb that meets them. */
function keepLent(context: NetContext, id: number, things: readonly Thing[], devices: ReadonlySet<string>): void {
  const { host, node } = context;
  const kept = things.filter(([kind, name = '']) => kind === 'pin' || ((kind === 'lent' || kind === 'home') && devices.has(name)));
  writeNetNote(host, node, id, { namespace: namespaceOf(context), values: {}, things: kept });
}

/** Shared things that nobody needs any more, after a change of one that runs. */
export async function sweepShared(context: NetContext): Promise<void> {
  const { host, node } = context;
  if (madeOf(readNodeNetNote(host, node)).length === 0) return;
  await locked(context, async () => {
    const all = readNodeNetNote(host, node);
    if (all === null) return;
    const now = { ...all, made: await withoutUnused(context, madeOf(all), all.users) };
    writeNodeNetNote(host, node, now);
    await forgetGone(context, all, now);
  });
}

/** The address of a bridge that has gone with its last container is none of the node's any more. */
async function forgetGone(context: NetContext, before: NodeNetNote, now: NodeNetNote): Promise<void> {
  if (madeOf(now).length === madeOf(before).length) return;
  await context.host.launcher.ops({ ops: (await tablesFor(context, now, true, null)).anew });
}

/** Takes away what none of `users` needs; what is left. What somebody else has come to use by now stays with them. */
async function withoutUnused(context: NetContext, made: readonly Thing[], users: readonly number[]): Promise<readonly Thing[]> {
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
async function otherUse({ host }: NetContext, [, name = '', ...own]: Thing): Promise<string> {
  const ask = async (...words: string[]): Promise<string> => (await host.run('ip', ['-oneline', ...words], { looks: true })).stdout;
  const address = /^\d+: \S+\s+inet6? (\S+)/m.exec(await ask('addr', 'show', 'dev', name, 'scope', 'global'))?.[1];
  if (address !== undefined) return `the node has address ${address} on it`;
  const ports = [...(await ask('link', 'show', 'master', name)).matchAll(/^\d+: ([^:@]+)/gm)].map(([, port]) => port ?? '');
  const other = ports.find((port) => !own.includes(port));
  return other === undefined ? '' : `${other} is in it`;
}

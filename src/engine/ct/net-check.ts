// What the kernel says of networks beside what was made of them, for the rules of net/check.
import { directNow } from '../account/traffic/direct.ts';
import type { Host } from '../host/port.ts';
import { checkNet, type NetCheck } from '../net/check/check.ts';
import type { Claim, Fill, NetCt, NetEvidence, Way } from '../net/check/evidence.ts';
import { addressesInside, insideNow } from '../net/inside-now.ts';
import { lookAtLinks } from '../net/look.ts';
import type { Queues } from '../net/queues.ts';
import type { TableFamily } from '../net/sets.ts';
import { tableOf } from '../net/table.ts';
import { keyOf, type Thing } from '../net/thing.ts';
import { parseRuleset, type Ruleset } from '../net/verdict/ruleset.ts';
import { type NetNote, readNetNote, readNodeNetNote } from '../store/net-note.ts';
import { liveInit } from '../store/record.ts';
import { allAddresses } from './address-checks.ts';
import { directPart, wantsDirect } from './direct-way.ts';
import { numbersInside, queuesOf, readingInside, venetsInside } from './lost-links.ts';
import { remakeNetwork } from './remake-network.ts';
import { runVerb } from './run-verb.ts';
import type { VerbContext } from './verb.ts';
import { heard } from './wire-probe.ts';

type Context = Pick<VerbContext, 'host' | 'node' | 'configs' | 'report'>;

/** All rules of the network namespace that we are in; null where nft is missing or tells nothing. */
export async function lookAtRules(host: Pick<Host, 'run'>): Promise<Ruleset | null> {
  // as lines: what a node has may be longer than what is kept of a program's output
  const told: string[] = [];
  try {
    const { status } = await host.run('nft', ['-j', 'list', 'ruleset'], {
      onLine: (line, from) => void (from === 'out' && told.push(line)),
    });
    return status === 0 ? parseRuleset(told.join('')) : null;
  } catch {
    return null;
  }
}

async function waysOf(host: Pick<Host, 'run'>, addresses: readonly string[]): Promise<readonly Way[]> {
  if (addresses.length === 0) return [];
  const lines: string[] = [];
  const input = addresses.map((address) => `route get ${address}\n`).join('');
  await host.run('ip', ['-force', '-batch', '-'], { input, onLine: (line, from) => void (from === 'out' && lines.push(line)) });
  return addresses.map((address) => {
    const says = lines.find((line) => line.split(' ').includes(address))?.trim() ?? 'no route';
    return { address, device: / dev (\S+)/.exec(says)?.[1] ?? '', says };
  });
}

const fill = (what: string, held: number, most: number, setting: string): Fill | null =>
  Number.isFinite(held) && Number.isFinite(most) && most > 0 ? { what, held, most, setting } : null;

/** Entries stand in the first column of each processor's line, the same in all (net/core/neighbour.c, neigh_stat_seq_show). */
function neighbourFill({ files, proc }: Pick<Host, 'files' | 'proc'>, family: 4 | 6): Fill | null {
  const stat = files.read(`${proc}/net/stat/${family === 4 ? 'arp' : 'ndisc'}_cache`) ?? '';
  const held = Number.parseInt(stat.split('\n')[1]?.trim().split(/\s+/)[0] ?? '', 16);
  const most = Number(files.read(`/proc/sys/net/ipv${family}/neigh/default/gc_thresh3`) ?? Number.NaN);
  return fill(`the table of neighbours (IPv${family})`, held, most, `net.ipv${family}.neigh.default.gc_thresh3`);
}

function standingOf(note: NetNote | null): Pick<NetCt, 'things' | 'half'> {
  const { things = [], half } = note ?? {};
  const after = new Set((half?.after as readonly Thing[] | undefined)?.map(keyOf));
  const stay = (half?.before as readonly Thing[] | undefined)?.filter((thing) => after.has(keyOf(thing)));
  return { things: stay ?? (things as readonly Thing[]), half: half !== undefined };
}

function containersOf(context: Context): readonly NetCt[] {
  const { host, node, configs } = context;
  return configs().map(({ id, values }) => ({
    id,
    ...standingOf(readNetNote(host, node, id)),
    addresses: allAddresses(context, id, values),
    runs: liveInit(host, node, id) !== null,
  }));
}

/** Milliseconds that neighbours have to answer. */
const LISTEN = 100;

/** Nobody else is to answer for what the node answers for. */
async function claimsOf({ host }: Context, containers: readonly NetCt[]): Promise<readonly Claim[]> {
  const asked = new Map<string, string[]>();
  for (const [kind, address = '', device = ''] of containers.flatMap(({ runs, things }) => (runs ? things : [])))
    if (kind === 'proxy') asked.set(device, [...(asked.get(device) ?? []), address]);
  const own = new Set(host.addresses().map(({ mac }) => mac));
  const on = async (device: string, addresses: readonly string[]): Promise<readonly Claim[]> => {
    const [address, mac = ''] = (await heard({ host }, device, addresses, LISTEN))?.split(' ') ?? [];
    if (address === undefined) return [];
    const others = await on(
      device,
      addresses.filter((one) => one !== address),
    );
    // two devices of the node on one wire
    return own.has(mac) ? others : [{ address, device, mac }, ...others];
  };
  return (await Promise.all([...asked].map(([device, addresses]) => on(device, addresses)))).flat();
}

function directOf({ host, node }: Context, containers: readonly NetCt[], queues: Queues | null): NetEvidence['direct'] {
  const now = directNow(host);
  const running = containers.filter(({ runs }) => runs);
  const all = running.flatMap(({ things }) => things.flatMap(([kind, to = '']) => (kind === 'route' ? [to.split('/')[0] ?? ''] : [])));
  const parts = wantsDirect(node) ? running.flatMap(({ things }) => directPart(things) ?? []) : [];
  const unseen = parts.filter(({ link }) => queues !== null && !queues.shown.has(link));
  return {
    wanted: new Set(parts.flatMap(({ addresses }) => addresses)),
    now: new Set(all.filter((address) => now(address) !== null)),
    unseen: new Set(unseen.flatMap(({ addresses }) => addresses)),
  };
}

async function gather(context: Context): Promise<NetEvidence> {
  const { host, node } = context;
  const { files, proc } = host;
  const says = (path: string): string => files.read(`/proc/sys/net/${path}`)?.trim() ?? '';
  const note = readNodeNetNote(host, node);
  const containers = containersOf(context);
  const routed = containers.flatMap(({ things }) =>
    things.flatMap(([kind, to = '']) => (kind === 'route' ? [to.split('/')[0] ?? ''] : [])),
  );
  const told = (words: readonly string[]): Promise<string> => host.run('ip', words).then(({ stdout }) => stdout);
  const running = containers.flatMap((ct) => {
    const init = ct.things.length > 0 ? liveInit(host, node, ct.id) : null;
    return init === null ? [] : [{ ...ct, init }];
  });
  const [ruleset, links, ways, proxies, claims, queues, numbers, venets] = await Promise.all([
    lookAtRules(host),
    lookAtLinks(host),
    waysOf(host, routed),
    Promise.all([told(['neigh', 'show', 'proxy']), told(['-6', 'neigh', 'show', 'proxy'])]),
    node.values.get('SKIP_ARPDETECT') === 'yes' ? [] : claimsOf(context, containers),
    queuesOf(
      context,
      running.flatMap(({ things }) => things),
      true,
    ),
    Promise.all(running.map(async ({ id, init, things }) => [id, await numbersInside(context, init, things)] as const)),
    venetsInside(context, running),
  ]);
  const number = (path: string): number => Number(files.read(path)?.trim() || Number.NaN);
  const conntrack = '/proc/sys/net/netfilter/nf_conntrack_';
  return {
    table: tableOf(node.tag),
    namespace: files.readLink(`${proc}/self/ns/net`) ?? '',
    stands: note?.namespace ?? null,
    containers,
    families: (note?.families ?? (note === null ? [] : ['inet'])) as readonly TableFamily[],
    shared: (note?.made ?? []) as readonly Thing[],
    switched: note?.switched ?? [],
    ruleset,
    inside: new Map(
      running.flatMap(({ id, init }) => {
        const read = readingInside(context, init.pid);
        const now = insideNow(read);
        return now === null ? [] : [[id, { ...now, addresses: addressesInside(read) }] as const];
      }),
    ),
    numbers: new Map(numbers),
    venets,
    queues,
    links,
    own: host.addresses(),
    ways,
    proxies: new Set(
      proxies
        .join('\n')
        .split('\n')
        .flatMap((line) => /^(\S+) dev (\S+)/.exec(line)?.slice(1, 3).join(' ') ?? []),
    ),
    claims,
    says,
    connections: fill('the table of connections', number(`${conntrack}count`), number(`${conntrack}max`), 'net.netfilter.nf_conntrack_max'),
    neighbours: ([4, 6] as const).flatMap((family) => neighbourFill(host, family) ?? []),
    direct: directOf(context, containers, queues),
    legacy: ['ip_tables_names', 'ip6_tables_names'].flatMap((name) =>
      (files.read(`${proc}/net/${name}`) ?? '')
        .split('\n')
        .flatMap((table) => (table === '' ? [] : [`${name.split('_')[0]}tables ${table}`])),
    ),
  };
}

/** `only`: null for all containers and the node. */
export async function netCheck(context: Context, only: number | null): Promise<NetCheck> {
  return checkNet(await gather(context), only);
}

/** Makes anew what stands on the node of the networks of those that run; their CTIDs. Throws VzError 'net-elsewhere', 'net-failed'. */
export async function netRepair(context: VerbContext, only: number | null): Promise<readonly number[]> {
  const { host, node } = context;
  const mended: number[] = [];
  for (const { id, things, half } of containersOf(context)) {
    if ((things.length === 0 && !half) || (only !== null && id !== only)) continue;
    await runVerb(context, { verb: 'net check', id, behind: ['set', 'config', 'start', 'restart', 'net check'] }, async () => {
      const init = liveInit(host, node, id);
      if (init === null) return;
      await remakeNetwork(context, id, init);
      mended.push(id);
    });
  }
  return mended;
}

// Whether a container may have the addresses that it is to be given: asked before anything changes.
import { VzError } from '../errors.ts';
import { answeredOf, conflictOf, type Others, routesOf } from '../net/conflicts.ts';
import { idleRates, NAMING_KEYS, RATE_KEYS, rateRefusal, twinInside } from '../net/kinds.ts';
import { LOOPBACK, listeningOf } from '../net/path/listening.ts';
import { addressesOf } from '../net/venet.ts';
import { type Address, mayStandIn } from '../spec/ip.ts';
import { parseForwards } from '../spec/params/forward.ts';
import { asksForFree, chosenAddresses } from '../spec/params/net.ts';
import { netifsOf } from '../spec/params/netif.ts';
import type { Changes, Values } from '../spec/params/read.ts';
import { sessionOf } from '../store/actor.ts';
import { readNetNote } from '../store/net-note.ts';
import { patientLock } from '../store/patient-lock.ts';
import type { CtConfig } from '../store/registry.ts';
import { patience } from '../watch/timer.ts';
import { checkLinkMacs } from './mac-checks.ts';
import { networkValues } from './network.ts';
import { thingsOf } from './node-network.ts';
import { otherContainers } from './other-containers.ts';
import { loginsOf } from './sessions.ts';
import type { VerbContext } from './verb.ts';
import { checkVeths } from './veth-checks.ts';
import { checkVlans } from './vlan-checks.ts';

type Context = Pick<VerbContext, 'host' | 'node' | 'report'>;

/** Of which each node has one. */
const CLAIMED: ReadonlySet<string> = new Set(['IP_ADDRESS', 'NETIF', 'VZDECK_LINKS', 'VZDECK_FORWARD']);
/** Milliseconds, for all that stand in the queue. */
const QUEUE = 60_000;

/** What `work` finds free for one container no other verb gives to another one before the config says so. `keys`: of what it changes. */
export async function claiming<T>(
  { host, node }: Pick<Context, 'host' | 'node'>,
  keys: Iterable<string>,
  work: () => Promise<T>,
): Promise<T> {
  if (host.planning || ![...keys].some((key) => CLAIMED.has(key))) return work();
  const lock = await patientLock(host, `${node.runDir}/claims.lock`, patience, QUEUE);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

const ADDRESS_KEYS = ['IP_ADDRESS', 'NETIF'] as const;
/** On venet, and those that are known of bridged devices. */
export function allAddresses({ node }: Pick<Context, 'node'>, id: number, values: Values): readonly Address[] {
  return [
    ...addressesOf(values.get('IP_ADDRESS')),
    ...netifsOf(values.get('NETIF'), id, node.around).flatMap(({ addresses }) => addressesOf(addresses.join(' '))),
  ];
}

/**
 * With an address for each `auto`, which neither the container has, by its config and as it runs, nor another one; the same where there is no `auto`.
 * Throws VzError 'netif-usage' where none is free.
 */
export function withFree(context: Context, { id, own }: Pick<CtConfig, 'id' | 'own'>, changes: Changes): Changes {
  const key = 'IP_ADDRESS';
  const change = changes.get(key);
  if (change?.add === undefined || !asksForFree(change.add)) return changes;
  const all = [own, networkValues(context, id), ...otherContainers(context, id, { keys: ADDRESS_KEYS }).map(({ values }) => values)];
  const taken = all.flatMap((values) => allAddresses(context, id, values).map(({ text }) => text));
  const chosen = chosenAddresses(change.add, id, context.node.around, taken);
  if (!chosen.ok) throw new VzError('netif-usage', { text: chosen.text });
  return new Map([...changes, [key, { ...change, add: chosen.addresses.join(' ') }]]);
}

/** IPv6 addresses that the node answers for: no file tells. */
async function answeredSix({ host }: Context): Promise<Others['answered']> {
  const { stdout } = await host.run('ip', ['-6', '-json', 'neigh', 'show', 'proxy'], { looks: true });
  return (JSON.parse(stdout || '[]') as readonly { readonly dst: string; readonly dev: string }[]).map(({ dst, dev }) => ({
    address: dst,
    device: dev,
  }));
}

/** Throws VzError 'port-conflict' for a port of the node that leads to another container, also to one that does not run, and for the session's own. */
function checkForwards(context: Context, { id: own, values: stored }: CtConfig, changed: Values): void {
  const key = 'VZDECK_FORWARD';
  const portsOf = (values: Values): readonly string[] => parseForwards(values.get(key)).map(({ protocol, port }) => `${protocol}:${port}`);
  const asked = portsOf(changed);
  if (asked.length === 0) return;
  const login = loginsOf(context).find(({ port }) => asked.includes(`tcp:${port}`));
  if (login !== undefined)
    throw new VzError('port-conflict', { port: `tcp:${login.port}`, why: `carries ${login.who}: nobody could log in any more` });
  for (const { id, values } of otherContainers(context, own, { keys: [key] })) {
    const taken = portsOf(values);
    const port = asked.find((one) => taken.includes(one));
    if (port !== undefined) throw new VzError('port-conflict', { port, why: `leads to container ${id} already` });
  }
  const before = portsOf(stored);
  for (const port of asked) if (!before.includes(port)) sayCovered(context, port);
}

/** A server of the node's own may be meant to stand behind: it is told, and goes on for whoever asks it by loopback. */
function sayCovered({ host, report }: Context, text: string): void {
  const [protocol = '', port] = text.split(':');
  const tables = ['', '6'].map((six) => host.files.read(`${host.proc}/net/${protocol}${six}`) ?? '');
  const listening = tables.flatMap((table) => listeningOf(table, protocol as 'tcp' | 'udp', Number(port)));
  if (listening.some(({ address }) => !LOOPBACK.test(address)))
    report({ level: -1, text: `Warning: a program of the node listens on ${text}: nobody but the node's loopback reaches it any more` });
}

/** Throws VzError 'netdev-refused' for a rate on a device that the node has no end of, and for a name that is taken inside. */
function checkOwn(context: Context, { id, values }: CtConfig, changed: Values): void {
  // beside what is saved, and beside what runs
  for (const beside of [values, new Map([...values, ...networkValues(context, id)])]) {
    const all = new Map([...beside, ...changed]);
    const refusal =
      (RATE_KEYS.some((key) => changed.has(key)) ? rateRefusal(all) : null) ??
      (NAMING_KEYS.some((key) => changed.has(key)) ? twinInside(id, all, context.node.around) : null);
    if (refusal !== null) throw new VzError('netdev-refused', { device: refusal.link, why: refusal.why });
  }
}

/** A name that was typed wrong holds nothing. */
export function sayIdleRates(context: Context, { id, values }: CtConfig, changed: Values): void {
  const rate = changed.get('VZDECK_RATE');
  if (rate === undefined) return;
  const idle = (all: Values): readonly string[] => idleRates(id, new Map([...all, ['VZDECK_RATE', rate]]), context.node.around);
  const running = new Set(idle(networkValues(context, id)));
  const names = idle(new Map([...values, ...changed])).filter((name) => running.has(name));
  if (names.length > 0)
    context.report({ level: -1, text: `Warning: the rate of ${names.join(', ')} waits: container ${id} has no such interface yet` });
}

/**
 * Throws VzError 'port-conflict', 'veth-refused', 'netdev-refused', and 'address-conflict' for the first that somebody else has. What the container
 * has already is not asked again: of one without a network that is `before`, so that of two conflicts in a config one can be taken out.
 */
export async function checkAddresses(context: Context, config: CtConfig, changed: Values, before: Values = new Map()): Promise<void> {
  const { host, node } = context;
  await checkVeths(context, config, changed);
  const session = sessionOf(host, process.env);
  checkForwards(context, config, changed);
  checkOwn(context, config, changed);
  const running = networkValues(context, config.id);
  const holds = running.size > 0 ? running : before;
  checkLinkMacs(context, config, changed, holds);
  await checkVlans(context, config, changed, holds);
  const has = new Set(allAddresses(context, config.id, holds).map(({ text }) => text));
  const asked = allAddresses(context, config.id, changed).filter(({ text }) => !has.has(text));
  if (asked.length === 0) return;
  const read = (name: string): string => host.files.read(`${host.proc}/net/${name}`) ?? '';
  // of a change that was killed the node may have some: that goes before this one begins
  const left = new Set(
    thingsOf(readNetNote(host, node, config.id)).flatMap(([kind, to]) => (kind === 'route' || kind === 'proxy' ? to?.split('/')[0] : [])),
  );
  const [four, six] = [4, 6].map((version) => asked.some(({ family }) => family === version));
  const answered = [...answeredOf(read('arp')), ...(six ? await answeredSix(context) : [])];
  const others: Others = {
    own: host.addresses(),
    routes: routesOf(four ? read('route') : '', six ? read('ipv6_route') : '').filter(
      ({ to, text }) => to.size !== 1n || !left.has(text.split('/')[0]),
    ),
    answered: answered.filter(({ address }) => !left.has(address)),
    peer: session?.peer ?? null,
    containers: otherContainers(context, config.id, { keys: ADDRESS_KEYS, within: (text) => mayStandIn(text, asked) }).map(
      ({ id, values }) => ({ id, addresses: allAddresses(context, id, values) }),
    ),
  };
  for (const address of asked) {
    const why = conflictOf(address, others);
    if (why !== null) throw new VzError('address-conflict', { address: address.text, why });
  }
}

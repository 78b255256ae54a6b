// Connections over which people work on this node, and the links that carry them: none of those is moved away or put into a bridge. Whoever asks may not
// know his own (tmux and screen live on between two logins, cron has none), so all that servers for logins hold count.

import type { NodeLinks } from '../net/look.ts';
import { connectionsOf } from '../net/path/listening.ts';
import { type Session, sessionIn, sessionOf } from '../store/actor.ts';
import type { VerbContext } from './verb.ts';

type Looking = Pick<VerbContext, 'host'>;

/** sshd and its sshd-session, dropbear; mosh-server has a port without a peer, and the environment of the login that has started it. */
const SERVER = /^(?:sshd|dropbear|mosh-server)/;

export interface Login extends Session {
  /** Completes "… carries". */
  readonly who: string;
}

function quietly<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

/** In our own network namespace. Reads a file of every process: for what is seldom asked. */
export function loginsOf({ host }: Looking): readonly Login[] {
  const { files, proc } = host;
  const own = sessionOf(host, process.env);
  const here = files.readLink(`${proc}/self/ns/net`);
  const open = new Map(
    ['tcp', 'tcp6'].flatMap((name) => connectionsOf(files.read(`${proc}/net/${name}`) ?? '')).map((one) => [`socket:[${one.inode}]`, one]),
  );
  const held = (files.list(proc) ?? []).flatMap((pid): readonly Login[] => {
    const read = (name: string): string => quietly(() => files.read(`${proc}/${pid}/${name}`) ?? '', '');
    const link = (name: string): string => quietly(() => files.readLink(`${proc}/${pid}/${name}`) ?? '', '');
    const [server] = (/^\d+$/.test(pid) && SERVER.exec(read('comm'))) || [];
    if (server === undefined || link('ns/net') !== here) return [];
    const sessions =
      server === 'mosh-server'
        ? [sessionIn(read('environ')) ?? []].flat()
        : quietly(() => files.list(`${proc}/${pid}/fd`) ?? [], []).flatMap((fd) => open.get(link(`fd/${fd}`)) ?? []);
    return sessions.map((one) => ({ ...one, who: `the login of ${one.peer} (process ${pid})` }));
  });
  return [...(own === null ? [] : [{ ...own, who: 'the session that asks for it' }]), ...held];
}

/** Names of links by which logins come in or are answered, with whose they are. */
export async function carriersOf({ host }: Looking, links: NodeLinks): Promise<ReadonlyMap<string, string>> {
  const carriers = new Map<string, string>();
  for (const { address, peer, who } of loginsOf({ host }).toReversed()) {
    // of a link alone: the address says which
    const told = /^fe[89ab]/i.test(peer) ? '' : (await host.run('ip', ['-oneline', 'route', 'get', peer], { looks: true })).stdout;
    const way = / dev (\S+)/.exec(told)?.[1];
    for (const { name, addresses } of links.values()) if (name === way || addresses.includes(address)) carriers.set(name, who);
  }
  return carriers;
}

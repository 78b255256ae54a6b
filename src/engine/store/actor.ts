// Who it is that acts: the person who logged in, not the root that sudo or su made of them, and where from. Knows the kernel's login id
// (proc(5), loginuid), sudo(8) and ssh(1).
import type { Host } from '../host/port.ts';

export interface Actor {
  /** Of the person: the login's, where the kernel knows it. */
  readonly uid: number;
  /** Their name; "" for a uid without one. */
  readonly user: string;
  /** "ssh 192.0.2.7", else "pts/3"; "" without terminal, as for cron. */
  readonly from: string;
}

/** (uid_t) -1: nobody has logged in, as for services. */
const NO_LOGIN = 4_294_967_295;

/** A shell, sudo, a wrapper or two. */
const ANCESTORS = 6;

type Looking = Pick<Host, 'files' | 'proc'>;
type Environment = Readonly<Record<string, string | undefined>>;

export function actorOf(host: Looking, env: Environment): Actor {
  const users = (host.files.read('/etc/passwd') ?? '').split('\n').map((line) => line.split(':'));
  const nameOf = (uid: number): string => users.find(([, , id]) => id === String(uid))?.[0] ?? '';
  const login = Number(quietly(() => host.files.read(`${host.proc}/self/loginuid`)) ?? NO_LOGIN);
  const sudo = users.find(([name]) => name === env['SUDO_USER']);
  const own = process.getuid?.() ?? 0;
  const uid = login !== NO_LOGIN && (login !== 0 || sudo === undefined) ? login : sudo === undefined ? own : Number(sudo[2]);
  return { uid, user: nameOf(uid), from: placeOf(host, env) };
}

/** The connection over which the person works. */
export interface Session {
  /** Where they are. */
  readonly peer: string;
  /** The node's address and port at which it comes in. */
  readonly address: string;
  readonly port: number;
}

/** sshd tells a link-local address with its device: "fe80::1%eth0". */
const withoutZone = (address: string): string => address.replace(/%.*/, '');

/** Of what sshd says in SSH_CONNECTION; null for another text. */
function sessionFrom(text: string): Session | null {
  const [peer = '', , address, port] = text.split(' ').map(withoutZone);
  return address === undefined ? null : { peer, address, port: Number(port) };
}

/** Null for one that comes from no network. Addresses are without zones. */
export const sessionOf = (host: Looking, env: Environment): Session | null => sessionFrom(env['SSH_CONNECTION'] ?? connectionAbove(host));

const CONNECTION = /(?:^|\0)SSH_CONNECTION=([^\0]*)/;
/** `environment`: as /proc/PID/environ has it. */
export const sessionIn = (environment: string): Session | null => sessionFrom(CONNECTION.exec(environment)?.[1] ?? '');

function placeOf(host: Looking, env: Environment): string {
  const [address = ''] = (env['SSH_CONNECTION'] ?? connectionAbove(host)).split(' ');
  if (/^[0-9a-fA-F.:%\w-]{2,64}$/.test(address)) return `ssh ${address}`;
  const tty = [0, 2, 1]
    .map((fd) => quietly(() => host.files.readLink(`${host.proc}/self/fd/${fd}`)) ?? '')
    .find((path) => /^\/dev\/(pts\/|tty)/.test(path));
  // The kernel's word for a terminal that is gone.
  return tty?.slice('/dev/'.length).replace(/ \(deleted\)$/, '') ?? '';
}

const known = new WeakMap<Looking, string>();

/** sudo takes the variable away; the shell that called it still has it. Looked for once: who began us stays the same. */
function connectionAbove(host: Looking): string {
  const found = known.get(host) ?? lookAbove(host);
  known.set(host, found);
  return found;
}

function lookAbove({ files, proc }: Looking): string {
  let pid = process.ppid;
  for (let steps = 0; steps < ANCESTORS && pid > 1; steps++) {
    const environment = quietly(() => files.read(`${proc}/${pid}/environ`)) ?? '';
    const found = CONNECTION.exec(environment);
    if (found !== null) return found[1] ?? '';
    // Behind the program's name, which may hold anything.
    const stat = quietly(() => files.read(`${proc}/${pid}/stat`)) ?? '';
    pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
  }
  return '';
}

/** A kernel without auditing, a closed descriptor: then nothing is known. */
function quietly<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

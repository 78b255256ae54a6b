// What containers are made of, as it is on the machine now, as texts that name each thing. No two things have the same text, nor has one that comes
// after another has gone: numbers that the kernel gives again stand beside ones that it does not.
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Nothing for what is not there, or goes while it is read as files of a process do. */
function orElse<T>(nothing: T, read: () => T): T {
  try {
    return read();
  } catch {
    return nothing;
  }
}

const lines = (file: string): readonly string[] => orElse([], () => readFileSync(file, 'utf8').split('\n').filter(Boolean));
const names = (dir: string): readonly string[] => orElse([], () => readdirSync(dir));
const target = (path: string): string => orElse('', () => readlinkSync(path));
const numbered = (path: string): readonly string[] => orElse([], () => [`${path} (inode ${lstatSync(path).ino})`]);

const NETNS = target('/proc/self/ns/net');

function told(pid: string): string {
  const [, comm = '', rest = ''] = /\((.*)\) (.*)/s.exec(lines(`/proc/${pid}/stat`).join('\n')) ?? [];
  return `${comm} (pid ${pid}, started ${rest.split(' ')[19]})`;
}

function processes(pid: string): readonly string[] {
  const net = target(`/proc/${pid}/ns/net`);
  const who = told(pid);
  if (net !== '' && net !== NETNS) return [`${who} in network namespace ${net}`];
  return who.startsWith('vzdeck') ? [who] : [];
}

/** Ours are on whole files; databases of the node lock single bytes. */
const ours = (line: string): boolean => /OFDLCK .* WRITE .* 0 EOF$/.test(line);

/** By who has them: the inode, which is all that /proc/locks tells, is another file's as soon as this one has gone, and a range of ids has many in turn. */
const lockedBy = (pid: string): readonly string[] =>
  names(`/proc/${pid}/fdinfo`).flatMap((fd) =>
    lines(`/proc/${pid}/fdinfo/${fd}`).some(ours) ? [`${target(`/proc/${pid}/fd/${fd}`)} of ${told(pid)}`] : [],
  );

const KINDS: Readonly<Record<string, () => readonly string[]>> = {
  mount: () =>
    lines('/proc/self/mountinfo').map((line) => {
      const fields = line.split(' ');
      return `${fields[4]} (${line.split(' - ')[1]})`;
    }),
  cgroup: () =>
    lines('/proc/self/mountinfo')
      .filter((line) => / - cgroup2? /.test(line))
      .map((line) => line.split(' ')[4] ?? '')
      .flatMap((mount) => names(mount).flatMap((name) => (name.startsWith('vz') ? [`${mount}/${name}`] : [])))
      .flatMap((top) => [top, ...names(top).flatMap((name) => (/^\d+$/.test(name) ? [`${top}/${name}`] : []))])
      .flatMap(numbered),
  process: () => names('/proc').flatMap((name) => (/^\d+$/.test(name) ? processes(name) : [])),
  'network namespace': () => names('/run/netns').flatMap((name) => numbered(`/run/netns/${name}`)),
  'network link': () =>
    names('/sys/class/net').flatMap((name) => lines(`/sys/class/net/${name}/ifindex`).map((index) => `${name} (${index})`)),
  'loop device': () =>
    names('/sys/block').flatMap((name) => lines(`/sys/block/${name}/loop/backing_file`).map((file) => `${name} of ${file}`)),
  file: () =>
    [
      ...['/run/vzdeck', '/run/vzdeck-ids'].flatMap((dir) => names(dir).map((name) => `${dir}/${name}`)),
      ...names('/tmp').flatMap((name) => (name.startsWith('vzdeck') ? [`/tmp/${name}`] : [])),
    ].flatMap(numbered),
  'policy namespace': () => names('/sys/kernel/security/apparmor/policy/namespaces'),
  lock: () =>
    lines('/proc/locks').some(ours) ? [...new Set(names('/proc').flatMap((name) => (/^\d+$/.test(name) ? lockedBy(name) : [])))] : [],
};

/** Of two with one text the second is told as such. */
export function things(): readonly string[] {
  const count = new Map<string, number>();
  return Object.entries(KINDS).flatMap(([kind, look]) =>
    look().map((thing) => {
      const text = `${kind}: ${thing}`;
      const nth = (count.get(text) ?? 0) + 1;
      count.set(text, nth);
      return nth === 1 ? text : `${text}, ${nth} times`;
    }),
  );
}

// A node of its own in a network namespace, with a wire to another one that plays its LAN: the machine's own network is never touched. What stands in
// the node's namespace at the end is compared with what stood there at the beginning.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { HOME } from '../lab.ts';
import { type NeedName, requires } from '../requires.ts';
import { until } from '../until.ts';

export interface Said {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export interface NetLab {
  readonly root: string;
  /** Of its commands. */
  readonly env: NodeJS.ProcessEnv;
  /** Processes in the node's and the LAN's namespace. */
  readonly nodePid: number;
  readonly lanPid: number;
  /** A shell line in the node's namespace. */
  node(line: string): Said;
  lan(line: string): Said;
  /** One that takes what comes, by the first connection or packet, until the end. */
  lanServer(kind: 'tcp' | 'udp', port: number): Promise<{ got(): string }>;
  /** A program that says a line once it is ready, in the LAN or in a container's network namespace, until the end; what it has said since. */
  watcher(where: 'lan' | number, argv: readonly string[]): Promise<{ got(): string }>;
  vzctl(...words: string[]): Said;
  vzctlOnLan(...words: string[]): Said;
  vzdeck(...words: string[]): Said;
  vzdeckOnLan(...words: string[]): Said;
  /** A command line that is not waited for. */
  vzctlBeside(...words: string[]): ChildProcess;
  vzdeckBeside(...words: string[]): ChildProcess;
  /** Programs of the node in a container's network namespace: it is all that they see of it. */
  inside(id: number, line: string): Said;
  /** Somebody in a container listens on a port of TCP: its programs begin after it has been started. */
  listens(id: number, port: number): Promise<void>;
  /** What has come to the node's namespace since the beginning, and what is missing. */
  changed(): readonly string[];
  down(): void;
}

/** Whoever is out of time is told to end, which looks like a failure of its own. */
const PATIENCE_MS = 300_000 * Number(process.env['VZDECK_PATIENCE'] ?? 1);

const [VZCTL, VZDECK] = ['vzctl', 'vzdeck'].map((name) => join(HOME, 'bin', name)) as [string, string];

/** The node's address on the wire, and the LAN's. */
export const WIRE = { node: '192.0.2.1', lan: '192.0.2.9', node6: '2001:db8:1::1', lan6: '2001:db8:1::9' } as const;

const LOOK = `
ip -o link | sed 's/^[0-9]*: //'; ip -o addr; ip route show table all; ip -6 route show table all; ip rule; ip -6 rule
ip neigh show proxy; ip -6 neigh show proxy; nft list ruleset; tc qdisc show; tc filter show
grep -rs '' /proc/sys/net/ipv4/conf /proc/sys/net/ipv4/neigh /proc/sys/net/ipv6/conf /proc/sys/net/ipv6/neigh | grep -v stable_secret`;

/** Without waiting for somebody else who has our own link-local address. */
const PLAIN = 'ip link set lo up; echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad';

const SERVER = `
use IO::Socket::INET; $| = 1; my ($kind, $port) = @ARGV;
my $s = IO::Socket::INET->new(LocalPort => $port, Proto => $kind, ($kind eq 'tcp' ? (Listen => 1) : ())) or die $!;
print "ready\\n"; $s = $s->accept if $kind eq 'tcp';
print $_ while defined $s->recv($_, 4096) && length $_;`;

/** A namespace lives as long as its keeper. */
function namespace(): ChildProcess & { readonly pid: number } {
  const child = spawn('unshare', ['--net', 'sh', '-c', 'echo there; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  if (child.pid === undefined) throw new Error('unshare cannot be run');
  return child as ChildProcess & { readonly pid: number };
}

/** Lines of a list beyond those of another, each as often as it stands there. */
function more(list: readonly string[], than: readonly string[]): readonly string[] {
  const left = [...than];
  return list.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

const there = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.stdout?.once('data', () => resolve()));

export async function openNetLab(): Promise<NetLab> {
  const root = mkdtempSync(join(tmpdir(), 'vzdeck-net-'));
  const [node, lan] = [namespace(), namespace()];
  const beside: ChildProcess[] = [];
  await Promise.all([there(node), there(lan)]);
  const env: NodeJS.ProcessEnv = { ...process.env, VZDECK_ROOT: root };
  const at = (pid: number, argv: readonly string[]): readonly string[] => [`--net=/proc/${pid}/ns/net`, '--', ...argv];
  const run = (pid: number, argv: readonly string[]): Said => {
    const { status, stdout, stderr } = spawnSync('nsenter', at(pid, argv), { env, encoding: 'utf8', timeout: PATIENCE_MS });
    return { status, out: stdout, err: stderr };
  };
  const shell = (pid: number, line: string): Said => run(pid, ['sh', '-c', line]);
  const must = (said: Said): void => {
    if (said.status !== 0) throw new Error(said.err);
  };
  must(shell(lan.pid, PLAIN));
  must(
    shell(
      node.pid,
      `${PLAIN}; ip link add wire0 type veth peer name wire1 netns ${lan.pid} &&
       ip addr add ${WIRE.node}/24 dev wire0 && ip addr add ${WIRE.node6}/64 dev wire0 nodad && ip link set wire0 up`,
    ),
  );
  must(
    shell(
      lan.pid,
      `ip addr add ${WIRE.lan}/24 dev wire1 &&
       ip addr add ${WIRE.lan6}/64 dev wire1 nodad && ip link set wire1 up`,
    ),
  );
  const initOf = (id: number): number => Number(readFileSync(join(root, 'run/vzdeck', String(id), 'init'), 'utf8').split(' ')[0]);
  const look = (): readonly string[] => shell(node.pid, LOOK).out.split('\n').sort();
  // the kernel tells of carriers some time after both ends are up, and only then is a link-local address what it stays
  const settled = (pid: number, device: string): boolean => {
    const { out } = shell(pid, `ip -o link show ${device}; ip -o -6 addr show dev ${device}`);
    return out.includes(' state UP ') && out.includes(' fe80:') && !out.includes(' tentative ');
  };
  await until(() => settled(node.pid, 'wire0') && settled(lan.pid, 'wire1'));
  const before = look();
  const lab: NetLab = {
    root,
    env,
    nodePid: node.pid,
    lanPid: lan.pid,
    node: (line) => shell(node.pid, line),
    lan: (line) => shell(lan.pid, line),
    lanServer: (kind, port) => lab.watcher('lan', ['perl', '-e', SERVER, kind, String(port)]),
    async watcher(where, argv) {
      // a file takes what comes also while we wait for a command, and a pipe only 64 KiB of it
      const path = join(root, `watched-${beside.length}`);
      const out = openSync(path, 'w');
      beside.push(spawn('nsenter', at(where === 'lan' ? lan.pid : initOf(where), argv), { stdio: ['ignore', out, 'inherit'] }));
      closeSync(out);
      const said = (): string => readFileSync(path, 'latin1');
      await until(() => said().includes('\n'));
      return { got: () => said().slice(said().indexOf('\n') + 1) };
    },
    vzctlOnLan: (...words) => run(lan.pid, [VZCTL, ...words]),
    vzctl: (...words) => run(node.pid, [VZCTL, ...words]),
    vzdeck: (...words) => run(node.pid, [VZDECK, ...words]),
    vzdeckOnLan: (...words) => run(lan.pid, [VZDECK, ...words]),
    vzdeckBeside: (...words) => spawn('nsenter', at(node.pid, [VZDECK, ...words]), { env, stdio: 'ignore' }),
    vzctlBeside: (...words) => spawn('nsenter', at(node.pid, [VZCTL, ...words]), { env, stdio: 'ignore' }),
    inside: (id, line) => shell(initOf(id), line),
    listens: (id, port) => until(() => lab.inside(id, `ss -Hltn 'sport = :${port}'`).out !== ''),
    changed() {
      const after = look();
      return [...more(after, before).map((line) => `+${line}`), ...more(before, after).map((line) => `-${line}`)];
    },
    down() {
      for (const words of [['stop', '--all', '--fast'], ['leave']]) run(node.pid, [VZDECK, ...words]);
      for (const child of [...beside, node, lan]) child.kill();
      rmSync(root, { recursive: true, force: true });
    },
  };
  return lab;
}

/** A suite with a lab of its own, made and taken away by hooks. `done`: what vzctl has printed; throws where it fails. `needs`: beyond the lab's own. */
export function inNetLab(title: string, body: (lab: NetLab, done: (...words: string[]) => string) => void, ...needs: NeedName[]): void {
  requires(
    'root',
    'launcher',
    'busybox',
    'ip',
    'nft',
    ...needs,
  )(title, () => {
    const lab = {} as NetLab;
    beforeAll(async () => {
      Object.assign(lab, await openNetLab());
    });
    afterAll(() => lab.down?.());
    body(lab, (...words) => {
      const { status, out, err } = lab.vzctl(...words);
      if (status !== 0) throw new Error(`vzctl ${words.join(' ')}: status ${status}\n${err}`);
      return out;
    });
  });
}

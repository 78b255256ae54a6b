// What networks are compared with: a network namespace at the other end of a plain veth pair, and one behind a router and two such pairs, which is the
// least that a way from container to container can be; with servers of wire.c in them.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Bench } from './figure.ts';

export const PORT = 7000;

export interface Pair {
  /** wire.c, compiled. */
  readonly wire: string;
  /** Address of the other end, where its server listens at PORT. */
  readonly far: string;
  /** Of the near end, which is in the network namespace of the bench; a server listens there too. */
  readonly near: string;
  /** Address behind the router where a server listens, and the command that runs another one at its other side. */
  readonly routed: { readonly to: string; readonly from: readonly string[] };
}

const [NEAR, FAR] = ['10.209.0.1', '10.209.0.2'];

async function ready(child: ChildProcess): Promise<void> {
  if (child.stdout) await once(child.stdout, 'data');
}

export async function barePair(bench: Bench): Promise<Pair> {
  const wire = join(bench.dir, 'wire');
  execFileSync('gcc', ['-O2', '-static', '-o', wire, join(bench.home, 'scripts/bench/wire.c')]);
  const begin = (file: string, args: readonly string[]): ChildProcess => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    bench.later(() => void child.kill('SIGKILL'));
    return child;
  };
  const [far, near] = [begin('unshare', ['--net', wire, 'serve', String(PORT)]), begin(wire, ['serve', String(PORT)])];
  await Promise.all([ready(far), ready(near)]);
  const at = (child: ChildProcess): readonly string[] => ['nsenter', `--net=/proc/${child.pid}/ns/net`];
  const run = (child: ChildProcess, ...words: string[]): unknown => execFileSync('nsenter', [...at(child).slice(1), ...words]);
  const inFar = (...words: string[]): unknown => run(far, 'ip', ...words);
  execFileSync('ip', ['link', 'add', 'bare0', 'type', 'veth', 'peer', 'name', 'bare1', 'netns', String(far.pid)]);
  bench.later(() => void execFileSync('ip', ['link', 'del', 'dev', 'bare0']));
  execFileSync('ip', ['addr', 'add', `${NEAR}/24`, 'dev', 'bare0']);
  execFileSync('ip', ['link', 'set', 'bare0', 'up']);
  inFar('addr', 'add', `${FAR}/24`, 'dev', 'bare1');
  inFar('link', 'set', 'bare1', 'up');
  const [router, ...sides] = [0, 1, 2].map(() => begin('unshare', ['--net', wire, 'serve', String(PORT)])) as [
    ChildProcess,
    ChildProcess,
    ChildProcess,
  ];
  await Promise.all([router, ...sides].map(ready));
  run(router, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  for (const [i, side] of sides.entries()) {
    run(router, 'ip', 'link', 'add', `side${i}`, 'type', 'veth', 'peer', 'name', 'out', 'netns', String(side.pid));
    run(router, 'ip', 'addr', 'add', `10.208.${i}.1/24`, 'dev', `side${i}`);
    run(router, 'ip', 'link', 'set', `side${i}`, 'up');
    run(side, 'ip', 'addr', 'add', `10.208.${i}.2/24`, 'dev', 'out');
    run(side, 'ip', 'link', 'set', 'out', 'up');
    run(side, 'ip', 'route', 'add', 'default', 'via', `10.208.${i}.1`);
  }
  return { wire, far: FAR, near: NEAR, routed: { to: '10.208.1.2', from: at(sides[0]) } };
}

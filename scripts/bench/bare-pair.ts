// What networks are compared with: a network namespace at the other end of a plain veth pair, with a server of wire.c in it.
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
  const inFar = (...words: string[]): unknown => execFileSync('nsenter', [`--net=/proc/${far.pid}/ns/net`, 'ip', ...words]);
  execFileSync('ip', ['link', 'add', 'bare0', 'type', 'veth', 'peer', 'name', 'bare1', 'netns', String(far.pid)]);
  bench.later(() => void execFileSync('ip', ['link', 'del', 'dev', 'bare0']));
  execFileSync('ip', ['addr', 'add', `${NEAR}/24`, 'dev', 'bare0']);
  execFileSync('ip', ['link', 'set', 'bare0', 'up']);
  inFar('addr', 'add', `${FAR}/24`, 'dev', 'bare1');
  inFar('link', 'set', 'bare1', 'up');
  return { wire, far: FAR, near: NEAR };
}

// How long until a container's init runs: ours from the verb's call in the running engine, the others from exec of their command.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Single, single } from '../farm.ts';
import { type Bench, figure } from '../figure.ts';
import { type Peers, peers } from '../peers.ts';
import { must, pause } from '../processes.ts';
import { ratio, type Spread, spread } from '../statistics.ts';

type Starter = 'ours' | keyof Peers['starts'];
const STARTERS: readonly Starter[] = ['ours', 'lxc', 'like', 'runc', 'nspawn'];

const ms = (from: bigint, to: bigint): number => Number(to - from) / 1e6;

async function startOurs({ engine, id, started }: Single): Promise<number> {
  const called = process.hrtime.bigint();
  await engine.start(id);
  const took = ms(called, await started());
  await engine.stop(id, { fast: true });
  return took;
}

async function startTheirs(bench: Bench, others: Peers, who: Exclude<Starter, 'ours'>, group: string): Promise<number> {
  const file = join(bench.dir, 'exec');
  const [program, ...before] = others.within;
  await must(program, [...before, bench.clock, 'exec', file, group, ...others.starts[who]]);
  return ms(BigInt(readFileSync(file, 'utf8').trim()), await others.started());
}

/**
 * Milliseconds of each, round by round, each in turn the first. The first round warms up and does not count. `spared`: somebody else has paid for the
 * peers' first attach to a v1 hierarchy (ours makes none that waits); otherwise nobody has attached anything for a second.
 */
async function rounds(bench: Bench, count: number, spared: boolean): Promise<Readonly<Record<Starter, readonly number[]>>> {
  const ours = await bench.shared(single);
  const others = await bench.shared(peers);
  const took: Record<Starter, number[]> = { ours: [], lxc: [], like: [], runc: [], nspawn: [] };
  for (let round = 0; round <= count; round++)
    for (const who of STARTERS.map((_, at) => STARTERS[(at + round) % STARTERS.length] ?? 'ours')) {
      await pause(LULL_MS);
      const group = (spared && others.group) || '-';
      const value = who === 'ours' ? await startOurs(ours) : await startTheirs(bench, others, who, group);
      if (round > 0) took[who].push(value);
    }
  return took;
}

const compared = (took: Readonly<Record<Starter, readonly number[]>>): Record<Starter | 'toLxc' | 'toLike' | 'toRunc', Spread> => ({
  ours: spread(took.ours),
  lxc: spread(took.lxc),
  like: spread(took.like),
  runc: spread(took.runc),
  nspawn: spread(took.nspawn),
  toLxc: ratio(took.ours, took.lxc),
  toLike: ratio(took.ours, took.like),
  toRunc: ratio(took.ours, took.runc),
});

const SHOWS = {
  ours: { says: 'vzdeck', unit: 'ms' },
  lxc: { says: 'lxc-start', unit: 'ms' },
  like: { says: 'lxc-start, unprivileged as ours', unit: 'ms' },
  runc: { says: 'runc run', unit: 'ms' },
  nspawn: { says: 'systemd-nspawn', unit: 'ms' },
} as const;

/** By then the kernel has taken down the network namespace of the one before, and an attach waits for a whole RCU grace period. */
const LULL_MS = 1_000;

export const START = [
  figure(
    'start',
    'Start, until a static init runs',
    {
      ...SHOWS,
      toLxc: { says: 'vzdeck / lxc-start', unit: '×', atMost: 1 },
      toLike: { says: 'vzdeck / lxc-start, unprivileged', unit: '×', atMost: 1 },
      toRunc: { says: 'vzdeck / runc', unit: '×', atMost: 0.5 },
    },
    async (bench) => compared(await rounds(bench, 11, false)),
  ),
  figure(
    'start-spared',
    'The same without the wait of the first attach to a cgroup v1 hierarchy, which vzdeck does not have',
    {
      ...SHOWS,
      toLxc: { says: 'vzdeck / lxc-start', unit: '×' },
      toLike: { says: 'vzdeck / lxc-start, unprivileged', unit: '×', atMost: 1 },
      toRunc: { says: 'vzdeck / runc', unit: '×', atMost: 0.5 },
    },
    async (bench) => compared(await rounds(bench, 11, true)),
  ),
];

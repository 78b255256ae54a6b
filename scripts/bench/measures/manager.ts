// The manager as its terminal sees it: how soon the first frame is there, and what a quiet second costs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prefixEnv } from '../../throw-away.ts';
import { type Farm, farm } from '../farm.ts';
import { type Bench, figure } from '../figure.ts';
import { cpuOf, family, pause, rssOf, run } from '../processes.ts';
import { spread } from '../statistics.ts';
import { shown, Tap } from '../tap.ts';

/** So much on the screen is a frame: more than a cleared screen and its cursor, less than any of the programs shows. */
const FRAME = 200;

const firstFrame = (output: string): boolean => shown(output).length >= FRAME;

export const manager = (bench: Bench): string => join(bench.home, 'bin/vzdeck');

/** Milliseconds from exec to the first frame. */
async function frameAfter(bench: Bench, root: string, command: readonly string[]): Promise<number> {
  const file = join(bench.dir, 'exec');
  const tap = new Tap(bench.clock, ['exec', file, '-', ...command], { env: prefixEnv(root) });
  const seen = await tap.until(firstFrame, 'The first frame');
  const took = Number(seen - BigInt(readFileSync(file, 'utf8').trim())) / 1e6;
  await tap.close();
  return took;
}

const FIRST_FRAME = figure(
  'first-frame',
  'First frame after exec, 200 containers, 120×40',
  {
    ours: { says: 'the manager', unit: 'ms', atMost: 200 },
    htop: { says: 'htop', unit: 'ms' },
    node: { says: 'bare node -e 0', unit: 'ms' },
  },
  async (bench) => {
    const { root, running } = await bench.shared(farm);
    await running(0);
    const took = { ours: [] as number[], htop: [] as number[], node: [] as number[] };
    for (let round = 0; round <= 11; round++) {
      const ours = await frameAfter(bench, root, [manager(bench)]);
      const htop = await frameAfter(bench, root, ['htop']);
      const began = performance.now();
      await run(process.execPath, ['-e', '0']);
      if (round === 0) continue;
      took.ours.push(ours);
      took.htop.push(htop);
      took.node.push(performance.now() - began);
    }
    return { ours: spread(took.ours), htop: spread(took.htop), node: spread(took.node) };
  },
);

const SETTLE_MS = 5_000;
/** So long the table tells a container's age by the second, and V8 has yet to see what is done again and again. */
const YOUNG_MS = 60_000;
const WINDOW_MS = 5_000;
const WINDOWS = 4;

/** Percent of one CPU and bytes a second, window by window, of a program that is left alone. */
async function idle(
  farmed: Farm,
  command: readonly [string, ...string[]],
  settle = SETTLE_MS,
): Promise<{ cpu: number[]; bytes: number[]; rss: number }> {
  const [file, ...args] = command;
  const tap = new Tap(file, args, { env: prefixEnv(farmed.root) });
  try {
    await tap.until(firstFrame, 'The first frame');
    await pause(settle);
    const cpu: number[] = [];
    const bytes: number[] = [];
    for (let window = 0; window < WINDOWS; window++) {
      const pids = family(tap.pid);
      const before = { cpu: cpuOf(pids), bytes: tap.bytes, at: performance.now() };
      await pause(WINDOW_MS);
      const seconds = (performance.now() - before.at) / 1000;
      cpu.push((cpuOf(pids) - before.cpu) / seconds / 10);
      bytes.push((tap.bytes - before.bytes) / seconds);
    }
    return { cpu, bytes, rss: Math.max(...family(tap.pid).map(rssOf)) / 1e6 };
  } finally {
    await tap.close();
  }
}

/** Milliseconds of CPU, which is all that a tick takes: the same on a busy machine. */
async function ticks(farmed: Farm): Promise<number[]> {
  // two hundred containers have just been born
  await pause(SETTLE_MS);
  const sampler = farmed.engine.sampler();
  const took: number[] = [];
  for (let tick = 0; tick <= 15; tick++) {
    const before = process.cpuUsage();
    sampler.tick();
    const { user, system } = process.cpuUsage(before);
    took.push((user + system) / 1000);
    await pause(300);
  }
  sampler.close();
  // the first opens all files
  return took.slice(1);
}

const IDLE = figure(
  'idle',
  'Idle, 200 running containers, 120×40, 1 Hz',
  {
    tick: { says: 'one sampling tick, CPU time', unit: 'ms', atMost: 10 },
    cpu: { says: 'all in all, of one core, a minute after the start', unit: '%', atMost: 2 },
    bytes: { says: 'bytes per refresh then', unit: 'B', atMost: 1536 },
    youngCpu: { says: 'all in all, of one core, in the first minute of the containers', unit: '%' },
    youngBytes: { says: 'bytes per refresh then', unit: 'B', atMost: 1536 },
    rss: { says: 'RSS of the manager', unit: 'MB', atMost: 120 },
    htopCpu: { says: 'htop, of one core', unit: '%' },
    htopBytes: { says: 'htop, bytes per refresh', unit: 'B' },
  },
  async (bench) => {
    const farmed = await bench.shared(farm);
    await farmed.running(200);
    const tick = await ticks(farmed);
    const young = await idle(farmed, [manager(bench)]);
    const ours = await idle(farmed, [manager(bench)], YOUNG_MS);
    const htop = await idle(farmed, ['htop', '-d', '10']);
    return {
      tick: spread(tick),
      cpu: spread(ours.cpu),
      bytes: spread(ours.bytes),
      youngCpu: spread(young.cpu),
      youngBytes: spread(young.bytes),
      rss: spread([ours.rss]),
      htopCpu: spread(htop.cpu),
      htopBytes: spread(htop.bytes),
    };
  },
);

export const MANAGER = [FIRST_FRAME, IDLE];

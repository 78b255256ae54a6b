// What a hostile neighbour costs: exec in one container while another one bombs, hogs or floods, with the shipped sample for both.
import { join } from 'node:path';
import type { Engine } from '../../../src/engine/index.ts';
import { openPrefix, removePrefix } from '../../throw-away.ts';
import { type Bench, figure } from '../figure.ts';
import { pause } from '../processes.ts';
import { spread } from '../statistics.ts';

const [QUIET, LOUD] = [101, 102];
const ROUNDS = 11;
/** Until the limits bite. The quiet rounds keep the same rhythm, since after a pause the first attach to a v1 hierarchy waits longer. */
const RAGE_MS = 500;

interface Attack {
  /** Shell line of root inside. */
  readonly line: string;
  /** Dies of its own limit within a second, and so begins anew before each measurement. */
  readonly brief?: boolean;
}

const ATTACKS = {
  bomb: { line: 'b() { b | b & }; b', brief: true },
  hog: { line: 'while :; do dd if=/dev/zero of=/dev/shm/x bs=1M; rm -f /dev/shm/x; done' },
  flood: { line: 'while :; do yes flood > /dev/console; done' },
} as const satisfies Record<string, Attack>;

const NOWHERE = ['ignore', 'ignore', 'ignore'] as const;

/** Milliseconds of each exec of a program that does nothing. */
async function execs(engine: Engine, before: () => Promise<void>): Promise<readonly number[]> {
  const took: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    await before();
    const from = performance.now();
    await engine.exec(QUIET, ['/bin/true'], { stdio: NOWHERE });
    took.push(performance.now() - from);
  }
  return took.slice(1);
}

async function under(engine: Engine, { line, brief }: Attack): Promise<readonly number[]> {
  await engine.start(LOUD);
  const begin = async (): Promise<void> => {
    // Refused where the bomb still holds all processes: then there is nothing to begin.
    await engine.exec(LOUD, ['/bin/sh', '-c', `{ ${line}; } > /dev/null 2>&1 &`], { stdio: NOWHERE }).catch(() => {});
    await pause(RAGE_MS);
  };
  try {
    await begin();
    return await execs(engine, brief ? begin : () => pause(RAGE_MS));
  } finally {
    await engine.stop(LOUD, { fast: true });
  }
}

type Took = Record<'alone' | 'beside', readonly number[]>;

/** Each attack against the quiet right before it, since the machine may have other work as well. */
async function measure(bench: Bench): Promise<Record<keyof typeof ATTACKS, Took>> {
  const root = join(bench.dir, 'neighbours');
  bench.later(() => removePrefix(root));
  const engine = openPrefix(root);
  bench.later(() => engine.close());
  engine.bootstrap();
  for (const id of [QUIET, LOUD]) await engine.create(id, { ostemplate: 'busybox', values: {} });
  await engine.start(QUIET);
  const against = async (attack: Attack): Promise<Took> => ({
    alone: await execs(engine, () => pause(RAGE_MS)),
    beside: await under(engine, attack),
  });
  return { bomb: await against(ATTACKS.bomb), hog: await against(ATTACKS.hog), flood: await against(ATTACKS.flood) };
}

export const NEIGHBOURS = [
  figure(
    'neighbours',
    'exec in one container while root of another does its worst, both with the shipped sample',
    {
      alone: { says: 'exec, nobody else', unit: 'ms' },
      bomb: { says: 'beside a fork bomb / alone', unit: '×', atMost: 3 },
      hog: { says: 'beside a memory hog / alone', unit: '×', atMost: 3 },
      flood: { says: 'beside a console flood / alone', unit: '×', atMost: 3 },
    },
    async (bench) => {
      const { bomb, hog, flood } = await measure(bench);
      const times = ({ alone, beside }: Took) => spread(beside.map((value) => value / spread(alone).median));
      return { alone: spread([bomb, hog, flood].flatMap(({ alone }) => alone)), bomb: times(bomb), hog: times(hog), flood: times(flood) };
    },
  ),
];

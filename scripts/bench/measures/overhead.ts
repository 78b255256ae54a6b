// What a container costs those inside: the same work done in one and beside it, by turns, and by how much it is dearer inside.
import { execFileSync } from 'node:child_process';
import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Farm, lone } from '../farm.ts';
import { type Bench, figure } from '../figure.ts';
import { must } from '../processes.ts';
import { ratio, type Spread } from '../statistics.ts';

const ROUNDS = 40;
/** Of both sides the program and the files lie in the private area: the same disk. */
const PLACE = 'srv/bench';

const KINDS = {
  cpu: 'arithmetic and memory',
  calls: 'open, stat, read, close',
  cheapest: 'the cheapest system call (getppid)',
  files: 'files written, read, removed',
  pipes: 'a byte to and fro through pipes',
  tcp: 'a byte to and fro over TCP of the loopback',
  processes: 'fork and exec',
} as const;
type Kind = keyof typeof KINDS;
const NAMES = Object.keys(KINDS) as readonly Kind[];

type Took = Readonly<Record<Kind, number>>;

/** Lines "name nanoseconds" of work.c. Throws Error where one is missing. */
function tookOf(text: string): Took {
  const told = new Map(text.split('\n').map((line) => line.split(' ') as [string, string]));
  const entries = NAMES.map((name): [Kind, number] => {
    const took = Number(told.get(name));
    if (!(took > 0)) throw new Error(`The work did not say what ${name} took: ${text}`);
    return [name, took];
  });
  return Object.fromEntries(entries) as Record<Kind, number>;
}

/** Both sides, as functions that work once. */
async function sides(bench: Bench, { engine, root, ids: [id = 0] }: Farm): Promise<readonly [() => Promise<Took>, () => Promise<Took>]> {
  const place = join(engine.node.place(`/vz/private/${id}`), PLACE);
  mkdirSync(place, { recursive: true });
  const built = join(bench.dir, 'work');
  execFileSync('gcc', ['-O2', '-static', '-o', built, join(bench.home, 'scripts/bench/work.c')]);
  copyFileSync(built, join(place, 'work'));
  const inside = async (): Promise<Took> => {
    const file = join(root, 'work.out');
    const fd = openSync(file, 'w');
    try {
      const { code } = await engine.exec(id, [`/${PLACE}/work`, `/${PLACE}`], { stdio: ['ignore', fd, fd] });
      const text = readFileSync(file, 'utf8');
      if (code !== 0) throw new Error(`The work in a container ended with ${code}: ${text}`);
      return tookOf(text);
    } finally {
      closeSync(fd);
      rmSync(file);
    }
  };
  const bare = async (): Promise<Took> => tookOf((await must(join(place, 'work'), [place])).out);
  return [inside, bare];
}

export const OVERHEAD = figure(
  'overhead',
  'Work in a container, CPU time',
  Object.fromEntries(
    NAMES.map((name) => [name, { says: `${KINDS[name]}, dearer than on the bare machine`, unit: '%', atMost: 1 }]),
  ) as Record<Kind, { says: string; unit: '%'; atMost: number }>,
  async (bench) => {
    const farm = await bench.shared(lone);
    await farm.running(1);
    const both = await sides(bench, farm);
    const took: readonly [Took[], Took[]] = [[], []];
    // the first round warms up; whoever is first changes from round to round
    for (let round = -1; round < ROUNDS; round++)
      for (const turn of [0, 1]) {
        const side = ((round + 1 + turn) % 2) as 0 | 1;
        const result = await both[side]();
        if (round >= 0) took[side].push(result);
      }
    await farm.running(0);
    const dearer = (name: Kind): Spread => {
      const of = (side: 0 | 1): number[] => took[side].map((one) => one[name]);
      const { median, low, high, rounds } = ratio(of(0), of(1));
      const percent = (part: number): number => (part - 1) * 100;
      return { median: percent(median), low: percent(low), high: percent(high), rounds };
    };
    return Object.fromEntries(NAMES.map((name) => [name, dearer(name)])) as Record<Kind, Spread>;
  },
);

// What a container costs those inside: the same work done in one and beside it, by turns, and by how much it is dearer inside; and dearer than behind a
// filter of system calls that allows everything, which any wall of their kind costs.
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

interface Sides<T> {
  readonly inside: T;
  readonly bare: T;
  readonly filtered: T;
}
const SIDES = ['inside', 'bare', 'filtered'] as const;

/** As functions that work once. */
async function sides(bench: Bench, { engine, root, ids: [id = 0] }: Farm): Promise<Sides<() => Promise<Took>>> {
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
  const beside = async (...words: readonly string[]): Promise<Took> => tookOf((await must(join(place, 'work'), [place, ...words])).out);
  return { inside, bare: beside, filtered: () => beside('filtered') };
}

type Empty = `${Kind}Filtered`;
const empty = (name: Kind): Empty => `${name}Filtered`;

interface Row {
  readonly says: string;
  readonly unit: '%';
  readonly atMost: number;
}
const row = (name: Kind, than: string): Row => ({ says: `${KINDS[name]}, dearer than ${than}`, unit: '%', atMost: 1 });

export const OVERHEAD = figure(
  'overhead',
  'Work in a container, CPU time',
  Object.fromEntries([
    ...NAMES.map((name) => [name, row(name, 'on the bare machine')]),
    ...NAMES.map((name) => [empty(name), row(name, 'there behind an empty filter')]),
  ]) as Record<Kind | Empty, Row>,
  async (bench) => {
    const farm = await bench.shared(lone);
    await farm.running(1);
    const works = await sides(bench, farm);
    const took: Sides<Took[]> = { inside: [], bare: [], filtered: [] };
    // the first round warms up; whoever is first changes from round to round
    for (let round = -1; round < ROUNDS; round++)
      for (const turn of SIDES.keys()) {
        const side = SIDES[(round + 1 + turn) % SIDES.length] ?? 'inside';
        const result = await works[side]();
        if (round >= 0) took[side].push(result);
      }
    await farm.running(0);
    const dearer = (name: Kind, than: 'bare' | 'filtered'): Spread => {
      const of = (side: keyof typeof took): number[] => took[side].map((one) => one[name]);
      const { median, low, high, rounds } = ratio(of('inside'), of(than));
      const percent = (part: number): number => (part - 1) * 100;
      return { median: percent(median), low: percent(low), high: percent(high), rounds };
    };
    return Object.fromEntries([
      ...NAMES.map((name) => [name, dearer(name, 'bare')]),
      ...NAMES.map((name) => [empty(name), dearer(name, 'filtered')]),
    ]) as Record<Kind | Empty, Spread>;
  },
);

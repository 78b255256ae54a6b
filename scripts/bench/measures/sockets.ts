// What it costs that the kernel's programs count sockets: each connection of those inside, and each reading for those who look.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { openSocketCounts } from '../../../src/engine/account/bpf-sockets.ts';
import { groupNumbers } from '../../../src/engine/account/group-numbers.ts';
import { findTopology } from '../../../src/engine/cgroup/topology.ts';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import { farm } from '../farm.ts';
import { type Bench, figure } from '../figure.ts';
import { spread } from '../statistics.ts';

const COUNT = 200;
const READINGS = 20;
const ROUNDS = 120;
const LOOPS = 500;

const NOT_COUNTED = 'Sockets are not counted on this node';

/** Per cent that a connection costs more with one end in a group, and with both, of each round. */
function dearer({ home, dir }: Bench, plain: string, counted: string): { readonly one: number[]; readonly both: number[] } {
  const program = join(dir, 'connect');
  execFileSync('gcc', ['-O2', '-static', '-o', program, join(home, 'scripts/bench/connect.c')]);
  const lines = execFileSync(program, [plain, counted, String(ROUNDS), String(LOOPS)], { encoding: 'utf8' })
    .trim()
    .split('\n');
  const rounds = lines.map((line) => line.split(' ').map(Number));
  const more = (which: number): number[] => rounds.map((took) => ((took[which] ?? 0) / (took[0] ?? 1) - 1) * 100);
  return { one: more(1), both: more(2) };
}

export const SOCKETS = figure(
  'sockets',
  'Sockets counted and refused by programs of the kernel',
  {
    connection: { says: 'connect and close, dearer than without', unit: '%', atMost: 2 },
    both: { says: 'the same with both ends inside', unit: '%' },
    reading: { says: `one reading of the counts of ${COUNT} containers`, unit: 'ms', atMost: 1 },
  },
  async (bench) => {
    const { engine, root, ids, running } = await bench.shared(farm);
    await running(COUNT);
    const topology = findTopology(linuxFiles, '/proc', engine.node.tag);
    const top = `${topology.unified}${topology.top}`;
    const sockets = openSocketCounts({ files: linuxFiles, root }, groupNumbers({ files: linuxFiles }, topology));
    const counted = ids.slice(0, COUNT);
    if (sockets.read(counted).size !== COUNT) throw new Error(NOT_COUNTED);
    const reading = Array.from({ length: READINGS }, () => {
      const from = performance.now();
      sockets.read(counted);
      return performance.now() - from;
    });
    // as the container's, but for the programs
    const plain = `${top}/plain`;
    mkdirSync(plain);
    bench.later(() => rmdirSync(plain));
    const { one, both } = dearer(bench, plain, `${top}/${ids[0]}/init`);
    await running(0);
    return { connection: spread(one), both: spread(both), reading: spread(reading) };
  },
);

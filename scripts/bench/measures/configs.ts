// Config files: how long reading and writing many of them takes in process, and listing them as a whole process.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConf, saveConf } from '../../../src/engine/spec/params/read.ts';
import type { Around } from '../../../src/engine/spec/params/types.ts';
import { SAMPLES, VZ_CONF } from '../../../src/engine/store/samples.ts';
import { prefixEnv } from '../../throw-away.ts';
import { type Bench, figure } from '../figure.ts';
import { timed } from '../processes.ts';
import { spread } from '../statistics.ts';

const ROUNDS = 11;
const AROUND: Around = { cpus: 2, device: () => ({ type: 'char', major: 1 }), hardware: () => '52:54:00:12:34:56' };

/** Every sample in turn, with what is a container's own. */
function configText(n: number): string {
  const texts = [...SAMPLES.values()];
  const own = `HOSTNAME="host${n}.example.org"\nNAME="ct${n}"\nIP_ADDRESS="10.${n >> 8}.${n & 255}.1 2001:db8::${n.toString(16)}"\n`;
  return `${texts[n % texts.length]}${own}VE_ROOT="/vz/root/$VEID"\nVE_PRIVATE="/vz/private/$VEID"\nVE_LAYOUT="simfs"\nOSTEMPLATE="busybox"\n#UUID: ${n}\nDEVICES="c:10:200:rw "\n`;
}

const MANY = figure(
  'configs',
  'Reading 1,000 configs and writing them with all their values, in process',
  { both: { says: 'read and write 1,000 configs', unit: 'ms', atMost: 500 }, read: { says: 'only read them', unit: 'ms' } },
  async () => {
    const texts = Array.from({ length: 1000 }, (_, n) => configText(n));
    const took = { both: [] as number[], read: [] as number[] };
    for (let round = 0; round <= ROUNDS; round++) {
      const begun = performance.now();
      const read = texts.map((text) => readConf(text, 'F', AROUND).values);
      const half = performance.now();
      for (const [n, values] of read.entries()) saveConf(texts[n] ?? '', values, values);
      took.read.push(half - begun);
      took.both.push(performance.now() - begun);
    }
    return { both: spread(took.both.slice(1)), read: spread(took.read.slice(1)) };
  },
);

/** 500 stopped containers of which nothing but config and directories is there. */
function listed(bench: Bench): string {
  const root = mkdtempSync(join(bench.dir, 'listed-'));
  const dir = (path: string): void => void mkdirSync(join(root, path), { recursive: true });
  for (const path of ['etc/vz/conf', 'etc/vz/names', 'vz/lock', 'vz/template/cache']) dir(path);
  writeFileSync(join(root, 'etc/vz/vz.conf'), VZ_CONF);
  for (let id = 101; id <= 600; id++) {
    writeFileSync(join(root, `etc/vz/conf/${id}.conf`), configText(id));
    dir(`vz/private/${id}`);
    dir(`vz/root/${id}`);
  }
  return root;
}

const LIST = figure(
  'vzlist-500',
  'Listing 500 configs, whole process',
  {
    usual: { says: 'vzlist -a, usual fields', unit: 'ms', atMost: 300 },
    all: { says: 'vzlist -a -j, all fields', unit: 'ms' },
  },
  async (bench) => {
    const env = prefixEnv(await bench.shared(listed));
    const wall = async (...args: string[]): Promise<number> => (await timed(bench, join(bench.home, 'bin/vzlist'), args, { env })).wall;
    const took = { usual: [] as number[], all: [] as number[] };
    for (let round = 0; round <= ROUNDS; round++) {
      took.usual.push(await wall('-a'));
      took.all.push(await wall('-a', '-j'));
    }
    return { usual: spread(took.usual.slice(1)), all: spread(took.all.slice(1)) };
  },
);

export const CONFIGS = [MANY, LIST];

// As many containers as a node may well have: whether they all start, and what one costs that does nothing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eachOf, openPrefix, prefixEnv, removePrefix } from '../../throw-away.ts';
import { type Bench, figure } from '../figure.ts';
import { parentOf, pause, privateOf, timed } from '../processes.ts';
import { spread } from '../statistics.ts';

const COUNT = 1000;
const FIRST = 101;
const CORES = 2;
/** By then their boot is over, and the kernel has counted what it gave them. */
const SETTLED_MS = 10_000;

const available = (): number => Number(/^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0) / 1024;

async function thousand(bench: Bench) {
  const root = join(bench.dir, 'thousand');
  bench.later(() => removePrefix(root));
  const engine = openPrefix(root);
  bench.later(() => engine.close());
  engine.bootstrap();
  const ids = Array.from({ length: COUNT }, (_, i) => FIRST + i);
  await eachOf(ids, CORES, (id) => engine.create(id, { ostemplate: 'busybox', layout: 'overlay', values: {} }));
  const before = available();
  const { wall } = await timed(bench, join(bench.home, 'bin/vzdeck'), ['start', `${FIRST}-${FIRST + COUNT - 1}`], { env: prefixEnv(root) });
  await pause(SETTLED_MS);
  const each = (before - available()) / COUNT;
  const up = engine.list().flatMap((ct) => (ct.init ? [ct.init.pid] : []));
  const keepers = up.map((pid) => privateOf(parentOf(pid)) / 1024);
  await eachOf(ids, CORES, (id) => engine.stop(id, { fast: true }));
  return { wall: spread([wall / 1000]), failures: spread([COUNT - up.length]), each: spread([each]), keeper: spread(keepers) };
}

export const THOUSAND = [
  figure(
    'thousand',
    `${COUNT} busybox containers at once, layout overlay`,
    {
      wall: { says: 'until the last one runs', unit: 's' },
      failures: { says: 'failures', unit: '', atMost: 0 },
      each: { says: 'memory of the node for each, idle, all in all', unit: 'MB' },
      keeper: { says: 'of it only its keeper has', unit: 'KiB', atMost: 1024 },
    },
    thousand,
  ),
];

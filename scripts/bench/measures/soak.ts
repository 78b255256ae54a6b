// Whether looking at 200 running containers for ten minutes costs more with time: memory and descriptors at the end against those after two minutes,
// while containers come and go and processes run in all of them.
import { join } from 'node:path';
import { bundleFixture } from '../../../test/tui/bundle-fixture.ts';
import { farm } from '../farm.ts';
import { type Figure, figure } from '../figure.ts';
import { must, pause } from '../processes.ts';
import { spread } from '../statistics.ts';
import { wake } from './ubc.ts';

interface Minute {
  readonly heap: number;
  readonly rss: number;
  readonly descriptors: number;
  readonly running: number;
}

const COUNT = 200;
/** Between two containers that are stopped and started again, so that each of them goes and comes once. */
const TURN_MS = 3_000;

export const SOAK: Figure = figure(
  'soak',
  '200 running containers looked at for ten minutes, all rows, each of them started anew once',
  {
    heap: { says: 'heap at the end / after two minutes', unit: '×', atMost: 1.1 },
    rss: { says: 'RSS at the end / after two minutes', unit: '×', atMost: 1.1 },
    descriptors: { says: 'descriptors more than after two minutes', unit: '', atMost: 0 },
    held: { says: 'RSS at the end', unit: 'MB' },
  },
  async (bench) => {
    const farmed = await bench.shared(farm);
    await farmed.running(COUNT);
    await wake(farmed);
    let over = false;
    const fixture = await bundleFixture(join(bench.home, 'scripts/bench/soak.ts'));
    bench.later(() => fixture.remove());
    const looked = must(fixture.file, ['--expose-gc', '--max-semi-space-size=8', fixture.script, bench.home, farmed.root]).finally(() => {
      over = true;
    });
    for (let turn = 0; !over; turn++) {
      const id = farmed.ids[turn % COUNT] as number;
      await farmed.engine.stop(id, { fast: true });
      await farmed.engine.start(id);
      await Promise.race([looked, pause(TURN_MS)]);
    }
    const minutes = (await looked).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Minute);
    const [early, late] = [minutes[1], minutes.at(-1)];
    if (!early || !late || late.running < COUNT - 1) throw new Error(`only ${late?.running} of ${COUNT} ran at the end`);
    await farmed.running(0);
    return {
      heap: spread([late.heap / early.heap]),
      rss: spread([late.rss / early.rss]),
      descriptors: spread([late.descriptors - early.descriptors]),
      held: spread([late.rss / 1e6]),
    };
  },
);

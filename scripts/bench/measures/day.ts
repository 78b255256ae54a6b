// What a manager holds that is left open: a simulated day of ticks, its first hours against its last.
import { join } from 'node:path';
import { bundleFixture } from '../../../test/tui/bundle-fixture.ts';
import { type Bench, figure } from '../figure.ts';
import { must } from '../processes.ts';
import { spread } from '../statistics.ts';

interface Hour {
  readonly hour: number;
  readonly heap: number;
  readonly rss: number;
}

/** By then everything that is kept at all has been seen. */
const WARM = 3;
const LAST = 3;

async function hours(bench: Bench): Promise<readonly Hour[]> {
  const fixture = await bundleFixture(join(bench.home, 'scripts/bench/day.ts'));
  bench.later(() => fixture.remove());
  const { out } = await must(fixture.file, ['--expose-gc', '--max-semi-space-size=8', fixture.script]);
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Hour);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

export const DAY = figure(
  'day',
  '86,400 ticks with containers that come and go, a frame for every fifteenth',
  {
    heap: { says: 'heap at the end / after three hours', unit: '×', atMost: 1.1 },
    rss: { says: 'RSS at the end / after three hours', unit: '×', atMost: 1.1 },
    held: { says: 'RSS at the end', unit: 'MB' },
  },
  async (bench) => {
    const all = await hours(bench);
    const [early, late] = [all.slice(WARM - 1, 2 * WARM - 1), all.slice(-LAST)];
    const grown = (of: 'heap' | 'rss') => spread([mean(late.map((hour) => hour[of])) / mean(early.map((hour) => hour[of]))]);
    return { heap: grown('heap'), rss: grown('rss'), held: spread([(all.at(-1)?.rss ?? 0) / 1e6]) };
  },
);

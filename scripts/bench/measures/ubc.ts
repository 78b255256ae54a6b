// What the accounts of 200 running containers cost: one tick with all rows, ledger and history on, while all sleep and while all of them run.
import { setTimeout as pause } from 'node:timers/promises';
import { type Farm, farm } from '../farm.ts';
import { figure } from '../figure.ts';
import { spread } from '../statistics.ts';

const COUNT = 200;
/** V8 compiles what is done in these; who watches does it for hours. */
const WARM = 15;
const TICKS = 15;
const SECOND = 1000;

/** Milliseconds of CPU, which is all that a look takes: the same on a busy machine. */
function cost(look: () => unknown): number {
  const before = process.cpuUsage();
  look();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

interface Ticks {
  /** Each alone. */
  readonly took: readonly number[];
  /** Percent of a core from one to the next: what is read, written and collected beside them, too. */
  readonly core: readonly number[];
}

async function ticks({ engine }: Farm): Promise<Ticks> {
  const sampler = engine.sampler();
  const took: number[] = [];
  const core: number[] = [];
  for (let tick = 0; tick < WARM + TICKS; tick++) {
    const [began, before] = [performance.now(), process.cpuUsage()];
    took.push(cost(() => sampler.tick([], true)));
    await pause(SECOND);
    const { user, system } = process.cpuUsage(before);
    core.push((user + system) / 10 / (performance.now() - began));
  }
  sampler.close();
  return { took: took.slice(WARM), core: core.slice(WARM) };
}

/** Each begins a process every second, until the container ends. */
export async function wake({ engine, ids }: Farm): Promise<void> {
  for (const id of ids.slice(0, COUNT)) await engine.exec(id, ['while sleep 1; do :; done >/dev/null 2>&1 &'], { shell: true });
}

export const UBC_TICK = figure(
  'ubc-tick',
  'The accounts of 200 containers, all rows, with ledger and history',
  {
    asleep: { says: 'one tick, nobody has run, CPU time', unit: 'ms', atMost: 25 },
    awake: { says: 'one tick, all of them have run, CPU time', unit: 'ms', atMost: 25 },
    core: { says: 'of a core, all of them run, what goes on beside ticks too', unit: '%', atMost: 5 },
    once: { says: 'asked for once, CPU time', unit: 'ms' },
  },
  async (bench) => {
    const farmed = await bench.shared(farm);
    await farmed.running(COUNT);
    await pause(3 * SECOND);
    const asleep = await ticks(farmed);
    const once = Array.from({ length: 5 }, () => cost(() => farmed.engine.ubc()));
    await wake(farmed);
    const awake = await ticks(farmed);
    // whoever is measured next finds them as they were
    await farmed.running(0);
    return { asleep: spread(asleep.took), awake: spread(awake.took), core: spread(awake.core), once: spread(once) };
  },
);

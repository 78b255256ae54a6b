// Ten minutes of ticks over the containers of a prefix, all rows, with ledger and history. Prints one line of JSON for every minute: bytes in the
// heap and of the process after a collection, descriptors, and how many containers ran.
import { readdirSync } from 'node:fs';
import { setInterval } from 'node:timers/promises';
import { openEngine } from '../../src/engine/index.ts';

const MINUTE = 60;
const MINUTES = 10;
const SECOND_MS = 1000;

const collect = (globalThis as { gc?: () => void }).gc ?? (() => {});

const [, , home = '', root = ''] = process.argv;
const engine = openEngine({ home, root });
const sampler = engine.sampler();
let tick = 0;
for await (const _ of setInterval(SECOND_MS)) {
  const { containers } = sampler.tick([], true);
  tick += 1;
  if (tick % MINUTE !== 0) continue;
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  const running = containers.filter((ct) => ct.init !== null).length;
  const descriptors = readdirSync('/proc/self/fd').length;
  process.stdout.write(`${JSON.stringify({ minute: tick / MINUTE, heap: heapUsed, rss, descriptors, running })}\n`);
  if (tick === MINUTES * MINUTE) break;
}
sampler.close();
engine.close();

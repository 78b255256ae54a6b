// A day of ticks in minutes: the whole manager over an engine in memory, with containers that come and go under names never seen before.
// Prints one line of JSON for every hour: bytes in the heap and of the process, each after a collection.
import { EventEmitter } from 'node:events';
import { FakeEngine, sampleOf, stoppedOf } from '../../test/tui/fake-engine.ts';
import { ManagerRig } from '../../test/tui/manager-rig.tsx';

const HOUR = 3_600;
const DAY = 24 * HOUR;
/** Ticks between two frames that are drawn: a person who comes back once in a while. */
const FRAME = 15;
const COUNT = 60;
const VIEWS = ['enter', 'escape', 'j', 'escape', 'f2', 'escape', 'down', 'G', 'g', '/', 'w', 'e', 'b', 'escape', 'escape'];

const collect = (globalThis as { gc?: () => void }).gc ?? (() => {});

const engine = new FakeEngine([]);
/** Takes every frame at once. */
class Sink extends EventEmitter {
  readonly columns = 120;
  readonly rows = 40;
  bytes = 0;
  write(text: string, taken: () => void): void {
    this.bytes += text.length;
    queueMicrotask(taken);
  }
}

const sink = new Sink();
const rig = new ManagerRig(engine, { columns: sink.columns, rows: sink.rows, output: sink });
for (let tick = 1; tick <= DAY; tick++) {
  const id = 101 + (tick % COUNT);
  if (tick % 7 === 0) engine.remove(id);
  else if (tick % 5 === 0) engine.put(stoppedOf(id, { name: `web-${tick}`, trouble: `Init exited with ${tick % 256}` }));
  else engine.put(sampleOf(id, { name: `web-${tick}`, cpu: tick % 100, numproc: { held: tick % 60, limit: 60, failcnt: tick } }));
  rig.look();
  if (tick % FRAME === 0) {
    rig.press(VIEWS[(tick / FRAME) % VIEWS.length] ?? 'escape');
    await rig.painted();
  }
  if (tick % HOUR !== 0) continue;
  rig.press('escape', 'escape', 'escape', 'escape');
  await rig.painted();
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ hour: tick / HOUR, heap: heapUsed, rss, bytes: sink.bytes })}\n`);
}
rig.close();
process.exit(0);

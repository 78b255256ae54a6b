// What keys cost in the table, and how soon what they did is on the screen: many rows, a key that is held, a filter being typed, a slow line.
import { prefixEnv } from '../../throw-away.ts';
import { farm, manyRows } from '../farm.ts';
import { type Bench, figure } from '../figure.ts';
import { cpuOf, family, pause } from '../processes.ts';
import { spread, tail } from '../statistics.ts';
import { shown, Tap, type TapOptions } from '../tap.ts';
import { manager } from './manager.ts';

const [UP, DOWN, PAGE_UP, PAGE_DOWN] = ['\x1b[A', '\x1b[B', '\x1b[5~', '\x1b[6~'];
/** Only the row of the cursor has a background; a frame in which it changed. */
const CURSOR_MOVED = /\x1b\[[\d;]*48;5;\d+[\d;]*m.*\x1b\[\?2026l/s;
const SETTLE_MS = 4_000;

async function opened(bench: Bench, root: string, options: TapOptions = {}): Promise<Tap> {
  const tap = new Tap(manager(bench), [], { env: prefixEnv(root), ...options });
  await tap.until((output) => shown(output).includes('web-101'), 'The table');
  await pause(SETTLE_MS);
  return tap;
}

/** What a while takes of the program: milliseconds of CPU, bytes, milliseconds. */
async function taken(tap: Tap, work: () => Promise<unknown>): Promise<{ cpu: number; bytes: number; wall: number }> {
  const pids = family(tap.pid);
  const before = { cpu: cpuOf(pids), bytes: tap.bytes, wall: performance.now() };
  await work();
  return { cpu: cpuOf(pids) - before.cpu, bytes: tap.bytes - before.bytes, wall: performance.now() - before.wall };
}

/** Keys as a keyboard repeats them. */
async function held(tap: Tap, keyOf: (n: number) => string, times: number, aSecond: number): Promise<void> {
  const began = performance.now();
  for (let n = 1; n <= times; n++) {
    tap.type(keyOf(n));
    await pause(Math.max(0, began + (n * 1000) / aSecond - performance.now()));
  }
}

const HELD_A_SECOND = 30;
const HELD = 150;

async function scrolled(tap: Tap): Promise<{ cpu: number[]; bytes: number[] }> {
  const cpu: number[] = [];
  const bytes: number[] = [];
  for (const key of [DOWN, UP, DOWN, UP]) {
    const took = await taken(tap, () => held(tap, () => key, HELD, HELD_A_SECOND));
    cpu.push((took.cpu / took.wall) * 100);
    bytes.push(took.bytes / HELD);
  }
  return { cpu, bytes };
}

const SCROLLING = figure(
  'scrolling',
  `A cursor key held at ${HELD_A_SECOND} a second, 200 running containers, 120×40`,
  {
    cpu: { says: 'all in all, of one core', unit: '%', atMost: 8 },
    bytes: { says: 'bytes per key', unit: 'B', atMost: 600 },
    htopCpu: { says: 'htop, of one core', unit: '%' },
    htopBytes: { says: 'htop, bytes per key', unit: 'B' },
  },
  async (bench) => {
    const { root, running } = await bench.shared(farm);
    await running(200);
    const tap = await opened(bench, root);
    const ours = await scrolled(tap).finally(() => tap.close());
    const htop = new Tap('htop', ['-d', '10']);
    await pause(SETTLE_MS);
    const theirs = await scrolled(htop).finally(() => htop.close());
    return { cpu: spread(ours.cpu), bytes: spread(ours.bytes), htopCpu: spread(theirs.cpu), htopBytes: spread(theirs.bytes) };
  },
);

const ROWS = 1000;
const KEYS = 200;
const FILTER = 'web-10';

const THOUSAND_ROWS = figure(
  'thousand-rows',
  `Keys in a table of ${ROWS} containers, 120×40`,
  {
    p50: { says: 'cursor key to screen, p50', unit: 'ms' },
    p99: { says: 'cursor key to screen, p99', unit: 'ms', atMost: 30 },
    filter: { says: 'CPU for a key of a filter', unit: 'ms', atMost: 10 },
  },
  async (bench) => {
    const { root } = await bench.shared(manyRows);
    const tap = await opened(bench, root);
    try {
      await toStopped(tap);
      const took: number[] = [];
      for (let key = 1; key <= KEYS; key++) {
        const seen = tap.until((output) => CURSOR_MOVED.test(output), 'The cursor');
        const typed = process.hrtime.bigint();
        tap.type(UP);
        took.push(Number((await seen) - typed) / 1e6);
        await pause(40 + (key % 7) * 5);
      }
      const quiet = await taken(tap, () => pause(SETTLE_MS));
      const filter: number[] = [];
      for (let round = 0; round < 8; round++) {
        tap.type('/');
        await pause(300);
        const typed = await taken(tap, () => typedSlowly(tap));
        filter.push((typed.cpu - (quiet.cpu / quiet.wall) * typed.wall) / (2 * FILTER.length));
        tap.type('\x1b');
        await pause(300);
      }
      return { p50: spread(took), p99: tail(took, 0.99), filter: spread(filter) };
    } finally {
      await tap.close();
    }
  },
);

/** A filter letter by letter and back again, each key with a frame of its own. */
async function typedSlowly(tap: Tap): Promise<void> {
  for (const key of [...FILTER, ...[...FILTER].map(() => '\x7f')]) {
    tap.type(key);
    await pause(100);
  }
}

/** To the last rows, whose containers are stopped: what changes there is changed by keys. */
async function toStopped(tap: Tap): Promise<void> {
  tap.type('G');
  await pause(SETTLE_MS);
}

/** Pages, which are far more than the line carries at this rate. */
const backAndForth = (n: number): string => (n % (2 * PAGES) < PAGES ? PAGE_UP : PAGE_DOWN);
const PAGES = 15;
const LINE = 8192;
/** By then the newest frame is there, whatever lies in the line. */
const LATEST = 5_000;

const SLOW_LINE = figure(
  'slow-line',
  `Pages turned at 30 a second for five seconds on a line of ${LINE / 1024} KB/s, ${ROWS} containers, 120×40`,
  { late: { says: 'last key to the whole newest frame', unit: 'ms', atMost: 500 } },
  async (bench) => {
    const { root } = await bench.shared(manyRows);
    const tap = await opened(bench, root, { bytesPerSecond: LINE });
    try {
      await toStopped(tap);
      const late: number[] = [];
      for (let round = 0; round < 6; round++) {
        await held(tap, backAndForth, HELD, HELD_A_SECOND);
        const typed = process.hrtime.bigint();
        let newest = typed;
        const until = performance.now() + LATEST;
        while (performance.now() < until) {
          const seen = tap.until((output) => CURSOR_MOVED.test(output), 'The cursor').catch(() => null);
          const at = await Promise.race([seen, pause(Math.max(0, until - performance.now())).then(() => null)]);
          if (at !== null) newest = at;
        }
        late.push(Number(newest - typed) / 1e6);
      }
      return { late: spread(late) };
    } finally {
      await tap.close();
    }
  },
);

export const KEYS_IN_TABLE = [SCROLLING, THOUSAND_ROWS, SLOW_LINE];

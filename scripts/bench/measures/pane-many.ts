// Sixteen panes that all flood: how soon the one that is typed into answers, and what the manager holds then; against tmux with as many.
import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { prefixEnv } from '../../throw-away.ts';
import { farm } from '../farm.ts';
import { type Bench, figure } from '../figure.ts';
import { family, must, pause, rssOf, run } from '../processes.ts';
import { ratio, spread, tail } from '../statistics.ts';
import { shown, Tap } from '../tap.ts';
import { manager } from './manager.ts';
import { lineDone } from './pane.ts';

const PANES = 16;
const KEYS = 200;
const LEAVE = '\x1d';
const FLOODS = 'yes 0123456789 0123456789';
/** What else is on the screen and changes has none of these. */
const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];

/** The program that floods and answers, compiled once. */
function flooder(bench: Bench): string {
  const file = join(bench.dir, 'flooder');
  execFileSync('gcc', ['-O2', '-static', '-o', file, join(bench.home, 'scripts/bench/flood.c')]);
  return file;
}

/** Milliseconds from key to answer. */
async function answers(tap: Tap): Promise<number[]> {
  const took: number[] = [];
  for (let key = 0; key < KEYS; key++) {
    const letter = LETTERS[key % LETTERS.length] ?? '';
    const seen = tap.until((output) => shown(output).includes(letter), `The answer to ${letter}`);
    const typed = process.hrtime.bigint();
    tap.type(letter);
    took.push(Number((await seen) - typed) / 1e6);
    await pause(60 + (key % 7) * 10);
  }
  return took;
}

/** The manager with a grid of panes of one container, the keyboard in the last. */
async function manyPanes(bench: Bench, root: string): Promise<Tap> {
  const tap = new Tap(manager(bench), [], { env: prefixEnv(root) });
  await tap.until((output) => shown(output).length >= 200, 'The manager');
  for (let pane = 0; pane < PANES; pane++) {
    // the first from the table; each other beside the one before, which alone is shown then
    tap.type(pane === 0 ? 'i' : '|');
    await pause(500);
    await lineDone(tap, '');
    tap.type(pane === PANES - 1 ? '/flooder\r' : `${FLOODS}\r`);
    await pause(200);
    tap.type(LEAVE);
    await pause(100);
    tap.type('o');
    await pause(100);
  }
  tap.type('a');
  await pause(500);
  tap.type('\r');
  await pause(2_000);
  return tap;
}

async function manyInTmux(bench: Bench, program: string): Promise<{ tap: Tap; close: () => Promise<void> }> {
  const name = join(bench.dir, 'tmux-many');
  const tmux = (...args: readonly string[]) => must('tmux', ['-S', name, ...args]);
  const tap = new Tap('tmux', ['-u', '-S', name, '-f', '/dev/null', 'new-session', program]);
  await pause(500);
  for (let pane = 1; pane < PANES; pane++) {
    await tmux('split-window', '-d', `busybox ${FLOODS}`);
    await tmux('select-layout', 'tiled');
  }
  await pause(2_000);
  return {
    tap,
    async close() {
      await run('tmux', ['-S', name, 'kill-server']);
      await tap.close();
    },
  };
}

export const PANE_MANY = figure(
  'pane-many',
  `${PANES} panes that flood: key to answer in the one that is typed into`,
  {
    tmux: { says: 'tmux, p50', unit: 'ms' },
    tmuxLate: { says: 'tmux, p99', unit: 'ms' },
    p50: { says: 'pane, p50', unit: 'ms' },
    p99: { says: 'pane, p99', unit: 'ms', atMost: 50 },
    ratio: { says: 'pane / tmux, p50', unit: '×', atMost: 1 },
    rss: { says: 'RSS of the manager then', unit: 'MB', atMost: 120 + 3 * PANES },
  },
  async (bench) => {
    const { root, engine, running } = await bench.shared(farm);
    await running(1);
    const program = flooder(bench);
    copyFileSync(program, join(engine.node.place('/vz/private/101'), 'flooder'));
    const tmux = await manyInTmux(bench, program);
    const theirs = await answers(tmux.tap).finally(() => tmux.close());
    const tap = await manyPanes(bench, root);
    try {
      const ours = await answers(tap);
      return {
        tmux: spread(theirs),
        tmuxLate: tail(theirs, 0.99),
        p50: spread(ours),
        p99: tail(ours, 0.99),
        ratio: ratio(ours, theirs),
        // the largest of its family: relays and what runs in panes are not the manager's memory
        rss: spread([Math.max(...family(tap.pid).map(rssOf)) / 1e6]),
      };
    } finally {
      await tap.close();
    }
  },
);

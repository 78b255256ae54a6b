// A shell in a pane of the manager against the same shell in a bare pty and in tmux: how long a key takes to come back, how fast a flood passes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prefixEnv } from '../../throw-away.ts';
import { type Farm, farm } from '../farm.ts';
import { type Bench, figure } from '../figure.ts';
import { must, parentOf, pause, privateOf, rssOfFamily, run } from '../processes.ts';
import { ratio, type Spread, spread, tail } from '../statistics.ts';
import { shown, Tap } from '../tap.ts';
import { manager } from './manager.ts';

/** Letters that occur nowhere else on the screen: a terminal that sends only what has changed must send them. */
const MARKS = [...'АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЭЮЯ'];
/** What the rest of the screen changes every second are figures and units, none of them a small letter. */
const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];
const octal = (text: string): string => [...Buffer.from(text)].map((byte) => `\\${byte.toString(8)}`).join('');

const FLOOD_BYTES = 20e6;
const ENTER_KEY = 'i';

/** A shell on a terminal, ready for input. */
interface Shell {
  readonly tap: Tap;
  /** Path of the flood's file as the shell sees it. */
  readonly flood: string;
  close(): Promise<void>;
}

/** Types a line, and resolves when it has run; the mark differs from call to call. */
let marks = 0;
export async function lineDone(tap: Tap, line: string): Promise<bigint> {
  const mark = (MARKS[marks++ % MARKS.length] ?? '').repeat(3);
  const seen = tap.untilText(mark);
  tap.type(`${line}printf '${octal(mark)}\\n'\r`);
  return seen;
}

function floodFile(bench: Bench, farmed: Farm): { readonly inside: string; readonly outside: string } {
  const line = `${'0123456789abcdefghijklmnopqrstuvwxyz '.repeat(2)}\n`;
  const text = line.repeat(Math.ceil(FLOOD_BYTES / line.length)).slice(0, FLOOD_BYTES);
  const outside = join(bench.dir, 'flood');
  writeFileSync(outside, text);
  writeFileSync(join(farmed.engine.node.place('/vz/private/101'), 'flood'), text);
  return { inside: '/flood', outside };
}

async function paneShell(bench: Bench, farmed: Farm, flood: string): Promise<Shell> {
  const tap = new Tap(manager(bench), [], { env: prefixEnv(farmed.root) });
  await tap.until((output) => shown(output).length >= 200, 'The manager');
  tap.type(ENTER_KEY);
  await pause(1_000);
  await lineDone(tap, '');
  return { tap, flood, close: () => tap.close() };
}

async function tmuxShell(bench: Bench, flood: string): Promise<Shell> {
  const name = join(bench.dir, 'tmux');
  const tap = new Tap('tmux', ['-u', '-S', name, '-f', '/dev/null', 'new-session', 'busybox', 'sh']);
  await pause(500);
  await lineDone(tap, '');
  return {
    tap,
    flood,
    async close() {
      await run('tmux', ['-S', name, 'kill-server']);
      await tap.close();
    },
  };
}

async function rawShell(flood: string): Promise<Shell> {
  const tap = new Tap('busybox', ['sh']);
  await lineDone(tap, '');
  return { tap, flood, close: () => tap.close('SIGKILL') };
}

const KEYS = 250;
const KEYS_A_LINE = 50;
const KEY_PAUSE_MS = 40;

/** Milliseconds from key to echo. */
async function echoes({ tap }: Shell): Promise<number[]> {
  const took: number[] = [];
  tap.type('cat\r');
  await pause(300);
  for (let key = 0; key < KEYS; key++) {
    if (key % KEYS_A_LINE === 0 && key > 0) {
      tap.type('\r');
      await pause(300);
    }
    const letter = LETTERS[key % LETTERS.length] ?? '';
    const seen = tap.until((output) => shown(output).includes(letter), `The echo of ${letter}`);
    const typed = process.hrtime.bigint();
    tap.type(letter);
    took.push(Number((await seen) - typed) / 1e6);
    // not the same for all keys, or they would keep step with the frames
    await pause(KEY_PAUSE_MS + (key % 7) * 5);
  }
  tap.type('\r');
  await pause(200);
  tap.type('\x04');
  await lineDone(tap, '');
  return took;
}

/** Megabytes a second. */
async function flooded({ tap, flood }: Shell): Promise<number> {
  await lineDone(tap, '');
  const began = process.hrtime.bigint();
  const ended = await lineDone(tap, `cat ${flood}; `);
  return FLOOD_BYTES / 1e6 / (Number(ended - began) / 1e9);
}

async function withShell<T>(shell: Promise<Shell>, work: (shell: Shell) => Promise<T>): Promise<T> {
  const opened = await shell;
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

const less = (ours: Spread, raw: Spread): Spread => ({
  ...ours,
  median: ours.median - raw.median,
  low: ours.low - raw.median,
  high: ours.high - raw.median,
});

const ECHO = figure(
  'pane-echo',
  'Key to echo, shell of a container in a pane',
  {
    raw: { says: 'bare pty, p50', unit: 'ms' },
    tmux: { says: 'tmux, p50', unit: 'ms' },
    tmuxLate: { says: 'tmux, p99', unit: 'ms' },
    p50: { says: 'pane less bare pty, p50', unit: 'ms', atMost: 3 },
    p99: { says: 'pane less bare pty, p99', unit: 'ms', atMost: 15 },
  },
  async (bench) => {
    const farmed = await bench.shared(farm);
    await farmed.running(1);
    const raw = await withShell(rawShell(''), echoes);
    const tmux = await withShell(tmuxShell(bench, ''), echoes);
    const pane = await withShell(paneShell(bench, farmed, ''), echoes);
    return {
      raw: spread(raw),
      tmux: spread(tmux),
      tmuxLate: tail(tmux, 0.99),
      p50: less(spread(pane), spread(raw)),
      p99: less(tail(pane, 0.99), tail(raw, 0.99)),
    };
  },
);

const FLOOD = figure(
  'pane-flood',
  '`cat` of 20 MB in a pane',
  {
    pane: { says: 'pane', unit: 'MB/s' },
    tmux: { says: 'tmux', unit: 'MB/s' },
    raw: { says: 'bare pty', unit: 'MB/s' },
    ratio: { says: 'pane / tmux', unit: '×', atLeast: 1 },
    rss: { says: 'RSS of the manager with this pane', unit: 'MB', atMost: 120 },
  },
  async (bench) => {
    const farmed = await bench.shared(farm);
    await farmed.running(1);
    const file = floodFile(bench, farmed);
    const took = { pane: [] as number[], tmux: [] as number[], raw: [] as number[], rss: [] as number[] };
    await withShell(paneShell(bench, farmed, file.inside), (pane) =>
      withShell(tmuxShell(bench, file.outside), (tmux) =>
        withShell(rawShell(file.outside), async (raw) => {
          for (let round = 0; round < 7; round++) {
            took.pane.push(await flooded(pane));
            took.tmux.push(await flooded(tmux));
            took.raw.push(await flooded(raw));
            took.rss.push(rssOfFamily(pane.tap.pid) / 1e6);
          }
        }),
      ),
    );
    return {
      pane: spread(took.pane),
      tmux: spread(took.tmux),
      raw: spread(took.raw),
      ratio: ratio(took.pane, took.tmux),
      rss: spread(took.rss),
    };
  },
);

const KEEPER = figure(
  'keeper',
  'Memory that only a keeper has',
  {
    fresh: { says: 'after the start', unit: 'KiB', atMost: 1024 },
    flooded: { says: 'after 20 MB from the console', unit: 'KiB', atMost: 1024 },
  },
  async (bench) => {
    const { engine, root, running } = await bench.shared(farm);
    await running(0);
    await running(5);
    const keepers = engine.list().flatMap((ct) => (ct.init ? [parentOf(ct.init.pid)] : []));
    const sizes = (): number[] => keepers.map((pid) => privateOf(pid) / 1024);
    const fresh = sizes();
    for (const id of [101, 102, 103, 104, 105])
      await must(join(bench.home, 'bin/vzctl'), ['exec', String(id), 'dd if=/dev/zero of=/dev/console bs=10k count=2000'], {
        env: prefixEnv(root),
      });
    return { fresh: spread(fresh), flooded: spread(sizes()) };
  },
);

export const PANES = [ECHO, FLOOD, KEEPER];

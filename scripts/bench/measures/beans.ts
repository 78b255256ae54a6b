// How soon the beancounters of a container are there, how soon keys do something there, and how soon a refusal is on the screen, while the manager
// looks at 200 containers.
import { prefixEnv } from '../../throw-away.ts';
import { type Farm, farm } from '../farm.ts';
import { figure } from '../figure.ts';
import { pause } from '../processes.ts';
import { spread, tail } from '../statistics.ts';
import { shown, Tap } from '../tap.ts';
import { manager } from './manager.ts';

const COUNT = 200;
const SETTLE_MS = 4_000;
const OPENED = 40;
const KEYS = 200;
const REFUSED = 12;
const DOWN = '\x1b[B';
const UP = '\x1b[A';
const ESCAPE = '\x1b[27u';
const MS = 1e6;

const FRAME = '\x1b[?2026l';
const says = (text: RegExp) => (output: string) => output.includes(FRAME) && text.test(shown(output));
/** Only the row of the cursor has a background; a frame in which it changed. */
const MOVED = /\x1b\[[\d;]*48;5;\d+[\d;]*m.*\x1b\[\?2026l/s;

/** Milliseconds from keys to the frame in which something is seen. */
async function took(tap: Tap, keys: string, seen: (output: string) => boolean, what: string): Promise<number> {
  const frame = tap.until(seen, what);
  const typed = process.hrtime.bigint();
  tap.type(keys);
  return Number((await frame) - typed) / MS;
}

/** One fork more than it may, from inside; the time is counted from before whoever forks has come in. */
async function refusal({ engine }: Farm, id: number, tap: Tap): Promise<number> {
  const [account] = engine.ubc([id]);
  const row = account?.rows.find(({ name }) => name === 'numproc');
  if (row === undefined) throw new Error(`${id} has no account`);
  await engine.set(id, { NUMPROC: String(row.held) }, { save: false });
  // the shell comes in beyond the limit, and may not fork
  const frame = tap.until(says(/\+\d/), `A refusal of ${id}`);
  const began = process.hrtime.bigint();
  await engine.exec(id, ['/bin/sh', '-c', '(:)'], {}).catch(() => null);
  const at = Number((await frame) - began) / MS;
  await engine.set(id, { NUMPROC: String(row.limit) }, { save: false });
  return at;
}

export const BEANS = figure(
  'beans',
  `The beancounters of a container in the manager, ${COUNT} running containers, 120×40`,
  {
    open: { says: 'from the table to all rows', unit: 'ms' },
    openTail: { says: 'the same, p95', unit: 'ms', atMost: 50 },
    key: { says: 'cursor key to screen, p50', unit: 'ms' },
    keyTail: { says: 'cursor key to screen, p95', unit: 'ms', atMost: 20 },
    refusal: { says: 'from a refused fork to the screen', unit: 'ms', atMost: 1500 },
  },
  async (bench) => {
    const farmed = await bench.shared(farm);
    await farmed.running(COUNT);
    const tap = new Tap(manager(bench), [], { env: prefixEnv(farmed.root) });
    try {
      await tap.until((output) => shown(output).includes('web-101'), 'The table');
      await pause(SETTLE_MS);
      const open: number[] = [];
      for (let n = 0; n < OPENED; n++) {
        open.push(await took(tap, 'b', says(/MAXHELD/), 'The beancounters'));
        await pause(150 + (n % 7) * 30);
        // two keys in one frame would show nothing
        await took(tap, ESCAPE, says(/STATUS/), 'The table');
        await pause(150);
      }
      tap.type('b');
      await pause(SETTLE_MS);
      const key: number[] = [];
      for (let n = 0; n < KEYS; n++) {
        key.push(await took(tap, n % 20 < 10 ? DOWN : UP, (output) => MOVED.test(output), 'The cursor'));
        await pause(60 + (n % 7) * 15);
      }
      const refused: number[] = [];
      for (const id of farmed.ids.slice(0, REFUSED)) {
        refused.push(await refusal(farmed, id, tap));
        tap.type(']');
        await pause(1500 + (id % 7) * 130);
      }
      return { open: spread(open), openTail: tail(open, 0.95), key: spread(key), keyTail: tail(key, 0.95), refusal: spread(refused) };
    } finally {
      await tap.close();
    }
  },
);

// How soon the form of a container's parameters is there, and how soon what is typed into it, among the configs of 200 containers.
import { prefixEnv } from '../../throw-away.ts';
import { farm } from '../farm.ts';
import { figure } from '../figure.ts';
import { pause } from '../processes.ts';
import { spread, tail } from '../statistics.ts';
import { shown, Tap } from '../tap.ts';
import { manager } from './manager.ts';

const ESCAPE = '\x1b[27u';
/** A look at the node in the midst of it would be measured as well. */
const SELDOM = '-'.repeat(8);
const SETTLE_MS = 4_000;
const ROUNDS = 25;
const KEYS = 150;
const DIGITS = '123456789';

/** Milliseconds from keys to the frame in which something is seen. */
async function took(tap: Tap, keys: string, seen: (output: string) => boolean, what: string): Promise<number> {
  const frame = tap.until((output) => output.includes('\x1b[?2026l') && seen(output), what);
  const typed = process.hrtime.bigint();
  tap.type(keys);
  return Number((await frame) - typed) / 1e6;
}

const says = (text: string) => (output: string) => shown(output).includes(text);

export const FORM = figure(
  'parameter-form',
  'The form of a container’s parameters, 200 containers, 120×40',
  {
    open: { says: 'from the table to all parameters of a container', unit: 'ms', atMost: 50 },
    edit: { says: 'from there to one that is changed, with what others have', unit: 'ms', atMost: 50 },
    key: { says: 'typed character to screen, p50', unit: 'ms' },
    keyTail: { says: 'typed character to screen, p99', unit: 'ms', atMost: 20 },
  },
  async (bench) => {
    const { root, running } = await bench.shared(farm);
    await running(20);
    const tap = new Tap(manager(bench), [], { env: prefixEnv(root) });
    try {
      await tap.until(says('web-101'), 'The table');
      tap.type(SELDOM);
      await pause(SETTLE_MS);
      const open: number[] = [];
      const edit: number[] = [];
      const key: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        open.push(await took(tap, 'f', says('NUMPROC'), 'The parameters'));
        await pause(200);
        tap.type('gj');
        await pause(200);
        edit.push(await took(tap, '\r', says('vzctl'), 'The form'));
        await pause(200);
        tap.type('\x15');
        await pause(200);
        for (let n = 0; n < KEYS / ROUNDS; n++) {
          const digit = DIGITS[(round + n) % DIGITS.length] ?? '1';
          key.push(await took(tap, digit, (output) => shown(output).includes(digit), `The digit ${digit}`));
          await pause(60 + (n % 7) * 5);
        }
        tap.type(ESCAPE);
        await pause(200);
        tap.type(ESCAPE);
        await pause(300);
      }
      return { open: spread(open), edit: spread(edit), key: spread(key), keyTail: tail(key, 0.99) };
    } finally {
      await tap.close();
    }
  },
);

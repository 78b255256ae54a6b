// The terminal in the hands of a held program: in which pieces keys arrive makes no difference, and nothing of what is typed is lost.

import { EventEmitter } from 'node:events';
import { beforeEach, expect, test, vi } from 'vitest';
import { handOver, type Terminal } from '../../../src/tui/screen/terminal-hand.ts';
import { FakeTty } from './fake-tty.ts';

let tty: FakeTty;
let got: string;
let behind: string | undefined;

/** Bytes that are typed before the program has the terminal. */
function hand(typed = ''): void {
  const stdout = Object.assign(new EventEmitter(), { columns: 80, rows: 24, write: () => true });
  const stream = {
    begin: () => '',
    onOutput: () => () => {},
    drained: () => {},
    write: (bytes: Uint8Array) => {
      got += Buffer.from(bytes).toString('latin1');
    },
    resize: () => {},
    onEnd: () => {},
  };
  void handOver(stream, Buffer.from(typed), { stdin: tty, stdout: stdout as unknown as Terminal['stdout'] }).then((rest) => {
    behind = rest.toString();
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  tty = new FakeTty();
  got = '';
  behind = undefined;
  return () => vi.useRealTimers();
});

test('what follows the leave chord is for whoever has the terminal next', async () => {
  hand();
  tty.type('ls\r\x1dqy');
  await vi.runAllTimersAsync();
  expect([got, behind]).toEqual(['ls\r', 'qy']);
});

test('so it is where all was typed while the terminal changed hands', async () => {
  hand('ls\x1dq');
  await vi.runAllTimersAsync();
  expect([got, behind]).toEqual(['ls', 'q']);
});

test('the end of a paste in two pieces is one, and the chord leaves again', async () => {
  hand();
  tty.type('\x1b[200~a\x1db\x1b[20');
  await vi.runAllTimersAsync();
  tty.type('1~c\x1d');
  await vi.runAllTimersAsync();
  expect([got, behind]).toEqual(['\x1b[200~a\x1db\x1b[201~c', '']);
});

test('a paste without an end is over after a silence', async () => {
  hand();
  tty.type('\x1b[200~torn');
  await vi.advanceTimersByTimeAsync(5_000);
  tty.type('\x1d');
  await vi.runAllTimersAsync();
  expect(behind).toBe('');
});

test('an escape alone goes through after a moment', async () => {
  hand();
  tty.type('\x1b');
  expect(got).toBe('');
  await vi.runAllTimersAsync();
  expect([got, behind]).toEqual(['\x1b', undefined]);
});

// A line of so many bytes a second, modelled: what is under way on it stays small, and a fast one is never waited for.
import { expect, test } from 'vitest';
import { RECEIPT, Receipts } from '../../../src/tui/screen/receipts.ts';

interface Line {
  /** Bytes per millisecond. */
  readonly speed: number;
  /** Milliseconds to the terminal and back. */
  readonly trip: number;
}

const yes = (): boolean => true;

/** Frames of `bytes` each that are wanted every 33 ms for ten seconds: how many went out, and how late the latest was on the screen. */
function run({ speed, trip }: Line, bytes: number): { readonly frames: number; readonly late: number } {
  const receipts = new Receipts();
  const answers: number[] = [];
  let empty = 0;
  let frames = 0;
  let late = 0;
  for (let now = 0; now < 10_000; now++) {
    while ((answers[0] ?? Number.POSITIVE_INFINITY) <= now) {
      answers.shift();
      receipts.received(now);
    }
    if (now % 33 !== 0 || receipts.isFull(now)) continue;
    empty = Math.max(empty, now) + bytes / speed;
    frames += 1;
    if (now > 5_000) late = Math.max(late, empty - now);
    if (receipts.sent(bytes, yes, now) !== '') answers.push(Math.ceil(empty + trip));
  }
  return { frames, late };
}

test.each([500, 900, 1500])('on 8 KB/s a frame of %i bytes is on the screen within half a second, and the line is never idle', (bytes) => {
  const { frames, late } = run({ speed: 8.192, trip: 20 }, bytes);
  expect(late).toBeLessThan(500);
  expect(frames * bytes).toBeGreaterThan(0.7 * 8.192 * 10_000);
});

test('a fast line far away is not waited for', () => {
  expect(run({ speed: 1000, trip: 80 }, 300).frames).toBe(304);
  expect(run({ speed: 10_000, trip: 1 }, 20_000).frames).toBe(304);
});

test('a terminal that does not answer gets everything, and is asked no more', () => {
  const receipts = new Receipts();
  const asked = [];
  for (let now = 0; now < 60_000; now += 100) {
    expect(receipts.isFull(now)).toBe(false);
    asked.push(receipts.sent(5000, yes, now));
  }
  expect(asked.filter(Boolean).length).toBeLessThan(40);
  expect(receipts.awaited(60_000)).toBe(0);
});

test('answers that are lost hold nothing up for longer than three seconds', () => {
  const receipts = new Receipts();
  receipts.sent(8000, yes, 0);
  receipts.received(1000);
  for (let i = 0; i < 3; i++) receipts.sent(8000, yes, 1100);
  expect([receipts.isFull(1200), receipts.isFull(4000), receipts.isFull(4200)]).toEqual([true, true, false]);
  expect(receipts.sent(600, yes, 4300)).not.toBe('');
  receipts.received(4400);
  expect(receipts.sent(600, yes, 4500)).not.toBe('');
});

test('an answer that was not asked for changes nothing', () => {
  const receipts = new Receipts();
  receipts.received(1);
  expect(receipts.isFull(2)).toBe(false);
  expect(RECEIPT).toBe('\x1b[0n');
});

// Panes that flood share the turns of the event loop; the one with the keyboard does not wait for the others.

import { expect, test, vi } from 'vitest';
import { type Parser, Turns } from '../../../src/tui/panes/turns.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Has so many parts to parse, each of which takes a millisecond. */
class Busy implements Parser {
  left: number;
  parsed = 0;
  constructor(left: number) {
    this.left = left;
  }
  parse(milliseconds: number): boolean {
    const began = performance.now();
    do {
      const part = performance.now();
      while (performance.now() - part < 1);
      this.parsed++;
      this.left--;
    } while (this.left > 0 && performance.now() - began < milliseconds);
    return this.left > 0;
  }
}

test('everything is parsed in the end, and nobody is left out meanwhile', async () => {
  const turns = new Turns();
  const all = Array.from({ length: 8 }, () => new Busy(20));
  for (const one of all) turns.begin(one);
  while (all.some((one) => one.left > 0)) {
    await nextTurn();
    const parsed = all.filter((one) => one.left > 0).map((one) => one.parsed);
    if (parsed.length > 1) expect(Math.max(...parsed) - Math.min(...parsed)).toBeLessThanOrEqual(8);
  }
  expect(all.map((one) => one.parsed)).toEqual(all.map(() => 20));
});

test('the one that is typed into is served at once, also when the others have used up the turn', async () => {
  const turns = new Turns();
  const floods = Array.from({ length: 15 }, () => new Busy(1000));
  for (const one of floods) turns.begin(one);
  expect(floods.at(-1)!.parsed).toBe(0);
  const typed = new Busy(1);
  turns.favourite = typed;
  expect(turns.begin(typed)).toBe(false);
  expect(typed.parsed).toBe(1);
  for (const one of floods) turns.forget(one);
  await nextTurn();
});

test('while somebody types the others get a little now and then and nothing between, and afterwards as much as before', () => {
  let clock = 10_000;
  vi.useFakeTimers({ toFake: ['setImmediate', 'clearImmediate', 'setTimeout', 'clearTimeout'] });
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
  try {
    let parsed = 0;
    const flood: Parser = {
      parse(milliseconds) {
        parsed += milliseconds;
        clock += milliseconds;
        return true;
      },
    };
    const turns = new Turns();
    /** Milliseconds that are parsed of so many. */
    const within = (milliseconds: number): number => {
      const before = parsed;
      for (const until = clock + milliseconds; clock < until; clock += 0.5) vi.advanceTimersByTime(1);
      return parsed - before;
    };
    const answers: Parser = { parse: () => false };
    turns.begin(flood);
    const undisturbed = within(300);
    expect(undisturbed).toBeGreaterThan(200);
    within(10);
    turns.typed(answers);
    expect(turns.begin(answers)).toBe(false);
    const hurried = within(240);
    expect(hurried).toBeGreaterThan(5);
    expect(hurried).toBeLessThan(40);
    within(100);
    expect(within(300)).toBeGreaterThan(200);
    turns.forget(flood);
  } finally {
    vi.restoreAllMocks();
    vi.useRealTimers();
  }
});

test('who is forgotten gets no turn any more', async () => {
  const turns = new Turns();
  const one = new Busy(1000);
  turns.begin(one);
  turns.favourite = one;
  turns.forget(one);
  const { parsed } = one;
  await nextTurn();
  await nextTurn();
  expect(one.parsed).toBe(parsed);
  expect(turns.favourite).toBeNull();
});

import { describe, expect, test } from 'vitest';
import { type Clock, Ticker } from '../../../src/tui/store/ticker.ts';

class FakeClock implements Clock {
  time = 0;
  readonly waits: number[] = [];
  #call: (() => void) | null = null;
  now(): number {
    return this.time;
  }
  after(milliseconds: number, call: () => void): () => void {
    this.waits.push(milliseconds);
    this.#call = call;
    return () => {
      this.#call = null;
    };
  }
  get waiting(): boolean {
    return this.#call !== null;
  }
  /** Lets the timer ring, so many milliseconds late. */
  ring(late = 0): void {
    this.time += (this.waits.at(-1) ?? 0) + late;
    const call = this.#call;
    this.#call = null;
    call?.();
  }
}

describe('the beat', () => {
  test('keeps its rhythm whatever a beat takes', () => {
    const clock = new FakeClock();
    const beats: number[] = [];
    const ticker = new Ticker(
      1000,
      () => {
        beats.push(clock.time);
        clock.time += 30;
      },
      () => true,
      clock,
    );
    ticker.start();
    for (let i = 0; i < 3; i++) clock.ring();
    expect(beats).toEqual([0, 1000, 2000, 3000]);
  });

  test('takes another period at once, counted from the last beat', () => {
    const clock = new FakeClock();
    const beats: number[] = [];
    const ticker = new Ticker(
      1000,
      () => beats.push(clock.time),
      () => true,
      clock,
    );
    ticker.every(500);
    ticker.start();
    clock.ring();
    clock.time += 200;
    ticker.every(2000);
    clock.ring();
    clock.time += 700;
    ticker.every(500);
    clock.ring();
    clock.ring();
    expect(beats).toEqual([0, 500, 2500, 3200, 3700]);
  });

  test('skips what it has missed instead of catching up', () => {
    const clock = new FakeClock();
    const beats: number[] = [];
    const ticker = new Ticker(
      1000,
      () => void beats.push(clock.time),
      () => true,
      clock,
    );
    ticker.start();
    clock.ring(4321);
    clock.ring();
    expect(beats).toEqual([0, 5321, 6000]);
  });

  test('is left out while nobody can see it, and goes on', () => {
    const clock = new FakeClock();
    let seen = false;
    let beats = 0;
    const ticker = new Ticker(
      1000,
      () => void beats++,
      () => seen,
      clock,
    );
    ticker.start();
    clock.ring();
    ticker.extra();
    expect(beats).toBe(0);
    seen = true;
    clock.ring();
    ticker.extra();
    expect(beats).toBe(2);
  });

  test('ends', () => {
    const clock = new FakeClock();
    let beats = 0;
    const ticker = new Ticker(
      1000,
      () => void beats++,
      () => true,
      clock,
    );
    ticker.start();
    ticker.stop();
    expect(clock.waiting).toBe(false);
    ticker.extra();
    expect(beats).toBe(1);
  });

  test('ends also when the beat itself asks for it', () => {
    const clock = new FakeClock();
    const ticker: Ticker = new Ticker(
      1000,
      () => ticker.stop(),
      () => true,
      clock,
    );
    ticker.start();
    expect(clock.waiting).toBe(false);
  });
});

// When the compositor writes, and how much. What it writes is the fuzz's.

import { beforeEach, expect, test, vi } from 'vitest';
import { Compositor } from '../../../src/tui/screen/compositor.ts';
import { FakeOutput, FakeSource } from './fake-output.ts';

let output: FakeOutput;
let compositor: Compositor;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance', 'Date'] });
  output = new FakeOutput();
  compositor = new Compositor(output);
  compositor.open('');
  vi.advanceTimersByTime(100);
  output.writes.length = 0;
  return () => {
    compositor.close();
    vi.useRealTimers();
  };
});

const show = (source: FakeSource, y = 1, height = 3) => compositor.addSurface(source, () => ({ x: 0, y, width: 40, height }));
const rest = () => vi.advanceTimersByTime(1_000);
const sent = () => output.writes.splice(0).join('');

test('one write for all that changed, between the marks of a synchronized frame', () => {
  const source = new FakeSource('one', 'two');
  show(source);
  compositor.write('header');
  rest();
  expect(output.writes).toHaveLength(1);
  expect(output.writes[0]).toMatch(/^\x1b\[\?2026h.*one.*two.*\x1b\[\?2026l$/s);
});

test('nothing changed, nothing written', () => {
  const source = new FakeSource('one');
  show(source);
  rest();
  sent();
  source.set('one');
  compositor.write('');
  rest();
  expect(sent()).toBe('');
});

test('a letter costs a letter and a move', () => {
  const source = new FakeSource('count 1 of many');
  show(source);
  rest();
  sent();
  source.set('count 2 of many');
  rest();
  expect(sent()).toBe('\x1b[?2026h\x1b[2;7H2\x1b[?2026l');
});

test('rows that only moved are moved by the terminal', async () => {
  const rows = Array.from({ length: 6 }, (_, i) => `a row of some length, number ${i}`);
  const source = new FakeSource(...rows);
  show(source, 1, 6);
  rest();
  sent();
  source.set(...rows.slice(1), 'the new row');
  rest();
  expect(sent()).toBe('\x1b[?2026h\x1b[2;7r\x1b[1S\x1b[r\x1b[7;1Hthe new row\x1b[?2026l');
  vi.useRealTimers();
  expect((await output.screen()).slice(1, 7)).toEqual([...rows.slice(1), 'the new row']);
});

test('thirty frames a second, sixty after a key, ten in a flood', () => {
  const source = new FakeSource('');
  show(source);
  rest();
  const framesOfASecond = () => {
    sent();
    for (let ms = 0; ms < 1_000; ms++) {
      source.set(String(Math.random()));
      vi.advanceTimersByTime(1);
    }
    return output.writes.length;
  };
  expect(framesOfASecond()).toBeGreaterThan(27);
  expect(output.writes.length).toBeLessThanOrEqual(31);
  source.flood = true;
  rest();
  expect(framesOfASecond()).toBeGreaterThan(8);
  expect(output.writes.length).toBeLessThanOrEqual(11);
  source.flood = false;
  rest();
  compositor.key();
  sent();
  for (let ms = 0; ms < 500; ms++) {
    source.set(String(Math.random()));
    vi.advanceTimersByTime(1);
  }
  expect(output.writes.length).toBeGreaterThan(26);
  expect(output.writes.length).toBeLessThanOrEqual(32);
});

test('after a rest the first change is shown at once', () => {
  const source = new FakeSource('');
  show(source);
  rest();
  sent();
  source.set('now');
  vi.advanceTimersByTime(0);
  expect(sent()).toContain('now');
});

test('a stalled line gets no more frames, and then the newest state', async () => {
  const source = new FakeSource('');
  show(source);
  rest();
  sent();
  output.stalled = true;
  for (let i = 0; i < 1_000; i++) {
    source.set(`state ${i}`);
    vi.advanceTimersByTime(50);
  }
  expect(output.writes).toHaveLength(1);
  output.goOn();
  rest();
  expect(output.writes).toHaveLength(2);
  vi.useRealTimers();
  expect((await output.screen())[1]).toBe('state 999');
});

test('settled waits for the line', async () => {
  const source = new FakeSource('');
  show(source);
  rest();
  await compositor.settled();
  output.stalled = true;
  source.set('x');
  rest();
  let settled = false;
  const wait = compositor.settled().then(() => {
    settled = true;
  });
  await Promise.resolve();
  expect(settled).toBe(false);
  output.goOn();
  await wait;
});

test('a window that is dragged is drawn at the end and now and then, wholly', () => {
  const resized = vi.fn();
  compositor.on('resize', resized);
  const source = new FakeSource('text');
  show(source);
  rest();
  sent();
  for (let i = 0; i < 200; i++) {
    output.resize(41 + (i % 20), 9);
    source.set(`text ${i}`);
    vi.advanceTimersByTime(10);
  }
  rest();
  expect(resized.mock.calls.length).toBeLessThanOrEqual(41);
  expect(compositor.columns).toBe(output.columns);
  for (const frame of output.writes) expect(frame).toContain('\x1b[2J');
});

test('a terminal without a size, or with a senseless one, is drawn on', () => {
  for (const [columns, rows] of [
    [0, 0],
    [1, 1],
    [100_000, 3],
  ] as const) {
    output.resize(columns || 80, rows || 24);
    Object.assign(output, { columns, rows });
    rest();
    expect(compositor.columns).toBeGreaterThan(0);
    expect(compositor.columns).toBeLessThanOrEqual(1_000);
  }
});

test('the cursor is where its owner has it, unless something lies over it', () => {
  const source = new FakeSource('prompt');
  show(source, 2, 3);
  source.at = { x: 6, y: 1 };
  compositor.setCursorOwner(source);
  rest();
  expect(sent()).toContain('\x1b[4;7H\x1b[?25h');
  const uncover = compositor.addCover(() => ({ x: 5, y: 3, width: 4, height: 1 }));
  rest();
  expect(sent()).toContain('\x1b[?25l');
  uncover();
  rest();
  expect(sent()).toContain('\x1b[4;7H\x1b[?25h');
  source.at = { x: 6, y: 5 };
  source.set('prompt');
  rest();
  expect(sent()).toContain('\x1b[?25l');
  compositor.setCursorOwner(null);
  rest();
  expect(sent()).toBe('');
});

test('a surface is told its place, and that it is gone', () => {
  const source = new FakeSource('');
  let rect = { x: 0, y: 1, width: 10, height: 2 };
  const remove = compositor.addSurface(source, () => rect);
  rect = { x: 0, y: 1, width: 20, height: 2 };
  compositor.write('a\nb');
  compositor.write('a\nc');
  expect(source.placements).toEqual([
    { x: 0, y: 1, width: 10, height: 2 },
    { x: 0, y: 1, width: 20, height: 2 },
  ]);
  expect(source.listeners).toBe(1);
  remove();
  expect(source.placements.at(-1)).toBeNull();
  expect(source.listeners).toBe(0);
});

test('after close nothing is written any more', () => {
  const source = new FakeSource('');
  show(source);
  rest();
  source.set('x');
  compositor.close();
  sent();
  source.set('y');
  compositor.repaint();
  compositor.control('\x1b[?1000h');
  compositor.flush();
  rest();
  expect(sent()).toBe('');
  compositor.open('');
  rest();
  expect(sent()).toContain('y');
});

test('what Ink sends besides frames stays here', () => {
  rest();
  compositor.write('frame\n');
  rest();
  sent();
  for (const control of ['\x1b[?25h', '\x1b[?25l', '\x1b[?2004h', '\x1b[?1049h\x1b[?25l', '']) compositor.write(control);
  rest();
  expect(sent()).toBe('');
});

test('mode sequences go out with the next frame, in order', () => {
  rest();
  sent();
  compositor.control('\x1b[?1000h');
  compositor.control('\x1b[?1006h');
  rest();
  expect(sent()).toMatch(/^\x1b\[\?1000h\x1b\[\?1006h/);
});

test('on a line that has enough to carry the frames between are left out, and the newest comes with the answer', () => {
  const source = new FakeSource('x');
  show(source, 0, 8);
  const page = (letter: string): readonly string[] => Array.from({ length: 8 }, (_, i) => `${letter}${i}`.repeat(16));
  const turn = (letter: string): void => {
    source.set(...page(letter));
    vi.advanceTimersByTime(40);
  };
  for (const letter of 'abc') turn(letter);
  expect(sent()).toMatch(/\x1b\[5n/);
  compositor.received();
  for (const letter of 'ghidefklf') turn(letter);
  expect(compositor.stalled).toBe(true);
  expect(sent()).not.toContain('f0f0');
  while (compositor.stalled) compositor.received();
  rest();
  expect(sent()).toMatch(/^\x1b\[\?2026h.*f0f0.*\x1b\[5n$/s);
});

test('what waits for an answer that is lost is shown when nobody expects it any longer, although nothing else changes', () => {
  const source = new FakeSource('x');
  show(source, 0, 8);
  const turn = (letter: string): void => {
    source.set(...Array.from({ length: 8 }, (_, i) => `${letter}${i}`.repeat(16)));
    vi.advanceTimersByTime(40);
  };
  for (const letter of 'abc') turn(letter);
  compositor.received();
  for (const letter of 'ghidefklf') turn(letter);
  expect(compositor.stalled).toBe(true);
  output.resize(30, 6);
  vi.advanceTimersByTime(2_000);
  expect(sent()).not.toContain('\x1b[2J');
  vi.advanceTimersByTime(1_500);
  expect(sent()).toContain('\x1b[2J');
});

test('a screen that is drawn anew has no cursor where nobody owns one any more', () => {
  const source = new FakeSource('one');
  source.at = { x: 2, y: 0 };
  show(source);
  compositor.setCursorOwner(source);
  rest();
  expect(sent()).toContain('\x1b[?25h');
  compositor.setCursorOwner(null);
  compositor.repaint();
  rest();
  expect(sent()).toMatch(/\x1b\[\?25l(?!.*\x1b\[\?25h)/s);
});

// Panes over real programs and over a console that the test plays.

import { afterEach, expect, test, vi } from 'vitest';
import type { Pane } from '../../../src/tui/panes/pane.ts';
import { MAX_PANES, PaneSet, TooManyPanesError } from '../../../src/tui/panes/pane-set.ts';
import { FakeLink } from './fake-link.ts';
import { openPtyLink } from './pty-link.ts';

const set = new PaneSet();
afterEach(() => set.closeAll());

const SIZE = { columns: 60, rows: 5 };
const run = (script: string): Pane =>
  set.open('test', 'program', openPtyLink('bash', ['--norc', '-c', script], SIZE.columns, SIZE.rows), SIZE);
const text = (pane: Pane) => pane.source.lines(60, 5).join('\n');

function until(pane: Pane, holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (!holds()) return;
      unwatch();
      unsubscribe();
      resolve();
    };
    const unwatch = pane.onChange(check);
    const unsubscribe = pane.source.subscribe(check);
    check();
  });
}

test('how it ended is told in the words of the link, the last screen stays, nobody types into it', () => {
  const link = new FakeLink();
  const pane = set.open('101 enter', 'program', link, SIZE);
  link.say('bad');
  expect(pane.source.cursor?.()).toEqual({ x: 3, y: 0 });
  link.end('ended with exit code 3');
  expect(pane.state).toEqual({ is: 'ended', text: 'ended with exit code 3' });
  expect(text(pane).trim()).toBe('bad');
  expect(pane.source.cursor?.()).toBeNull();
  pane.target.write(Buffer.from('x'));
  expect(link.written).toBe('');
  expect(link.closed).toBe(false);
});

test('typing reaches the program, the size too', async () => {
  const pane = run('trap "stty size" WINCH; echo ready; while :; do read line && echo "got $line"; done');
  await until(pane, () => text(pane).includes('ready'));
  pane.target.write(Buffer.from('hello\r'));
  await until(pane, () => text(pane).includes('got hello'));
  pane.source.placed?.({ x: 3, y: 4, width: 44, height: 4 });
  expect(pane.target.rect()).toEqual({ x: 3, y: 4, width: 44, height: 4 });
  // bash runs the trap when its read is done.
  pane.target.write(Buffer.from('\r'));
  await until(pane, () => text(pane).includes('4 44'));
});

test('close hangs up, whether or not it has ended', () => {
  for (const end of [() => {}, (link: FakeLink) => link.end('ended')]) {
    const link = new FakeLink();
    const pane = set.open('101 enter', 'program', link, SIZE);
    end(link);
    expect(link.closed).toBe(false);
    set.close(pane);
    expect(link.closed).toBe(true);
    set.close(pane);
    expect(pane.state.is).toBe('ended');
    expect(set.panes).toEqual([]);
  }
});

test('there is room for so many and no more', () => {
  for (let i = 0; i < MAX_PANES; i++) run('cat');
  expect(() => run('cat')).toThrow(TooManyPanesError);
  const link = new FakeLink();
  expect(() => set.open('console', 'console', link)).toThrow(TooManyPanesError);
  expect(link.closed).toBe(true);
  set.close(set.panes[0]!);
  expect(run('cat').state.is).toBe('open');
});

test('a console draws, is typed at, and says why it ended', async () => {
  const link = new FakeLink();
  const pane = set.open('101 console', 'console', link);
  link.say(Buffer.from('login: \x1b[c\x1b]52;c;aGk=\x07'));
  await until(pane, () => text(pane).includes('login:'));
  pane.target.write(Buffer.from('root\r'));
  expect(link.written).toBe('root\r');
  expect(pane.writable).toBe(true);
  const told = vi.fn();
  pane.onChange(told);
  link.promote(false);
  expect(told).toHaveBeenCalledOnce();
  expect(pane.writable).toBe(false);
  link.end('The container was stopped');
  expect(pane.state).toMatchObject({ text: 'The container was stopped' });
});

test('a console that floods is drawn in full, at its own pace', async () => {
  const link = new FakeLink();
  const pane = set.open('101 console', 'console', link);
  for (let i = 0; i < 200; i++) link.say(Buffer.from('\x1b[31mflood '.repeat(4_000)));
  link.say(Buffer.from('\x1b[m\r\nafter'));
  await vi.waitUntil(() => pane.source.lines(80, 24).at(-1) === 'after', { timeout: 30_000 });
}, 40_000);

test('changes of panes and of their number are told', () => {
  const told = vi.fn();
  const unsubscribe = set.subscribe(told);
  const pane = run('cat');
  expect(told).toHaveBeenCalledTimes(1);
  set.close(pane);
  expect(told.mock.calls.length).toBeGreaterThanOrEqual(2);
  expect(set.panes).toEqual([]);
  unsubscribe();
});

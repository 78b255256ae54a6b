// Panes over real programs and over a console that the test plays.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { ConsoleLink } from '../../../src/engine/index.ts';
import type { Pane } from '../../../src/tui/panes/pane.ts';
import { MAX_PANES, PaneSet, TooManyPanesError } from '../../../src/tui/panes/pane-set.ts';

const set = new PaneSet();
afterEach(() => set.closeAll());

const run = (script: string): Pane => set.openProgram('test', { file: 'bash', args: ['--norc', '-c', script] }, { columns: 60, rows: 5 });
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
const ended = (pane: Pane) => until(pane, () => pane.state.is === 'ended');

test('exit code and signal are told in words, the last screen stays', async () => {
  const good = run('echo done');
  const bad = run('echo bad; exit 3');
  const killed = run('echo hit; kill -9 $$');
  await Promise.all([good, bad, killed].map(ended));
  expect(good.state).toEqual({ is: 'ended', code: 0, signal: null, text: 'ended' });
  expect(bad.state).toEqual({ is: 'ended', code: 3, signal: null, text: 'ended with exit code 3' });
  expect(killed.state).toEqual({ is: 'ended', code: null, signal: 9, text: 'ended by signal 9 (SIGKILL)' });
  expect([good, bad, killed].map(text).map((t) => t.trim())).toEqual(['done', 'bad', 'hit']);
  expect(good.source.cursor?.()).toBeNull();
});

test('what a program writes right before its end is not lost, also under a flood', { timeout: 60_000 }, async () => {
  for (let i = 0; i < 10; i++) {
    const pane = run('head -c 1000000 /dev/zero | tr "\\0" "x"; echo; echo the last line');
    await ended(pane);
    expect(text(pane)).toContain('the last line');
    set.close(pane);
  }
});

test('a program that does not exist ends at once', async () => {
  const pane = set.openProgram('test', { file: '/no/such/program', args: [] });
  await ended(pane);
  expect(pane.state).toMatchObject({ code: 1 });
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

test('close hangs up: the program is gone', async () => {
  const pane = run('echo $$; cat');
  await until(pane, () => /^\d+/.test(text(pane)));
  const pid = Number.parseInt(text(pane), 10);
  set.close(pane);
  set.close(pane);
  expect(pane.state).toMatchObject({ is: 'ended', text: 'closed' });
  await vi.waitFor(() => expect(existsSync(`/proc/${pid}`)).toBe(false));
});

test('a program that does not read its input gets all of it once it does, and holds up nobody meanwhile', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vzdeck-pane-'));
  const gate = join(folder, 'gate');
  try {
    const pane = run(`mkfifo '${gate}'; stty raw -echo; echo ready; cat '${gate}'; head -c 500000 | cksum`);
    await until(pane, () => text(pane).includes('ready'));
    const typed = Buffer.from(Array.from({ length: 500_000 }, (_, i) => 97 + (i % 23)));
    pane.target.write(typed.subarray(0, 200_000));
    pane.target.write(typed.subarray(200_000));
    const other = run('echo alive');
    await ended(other);
    writeFileSync(gate, 'open');
    await ended(pane);
    expect(text(pane)).toContain(execFileSync('cksum', { input: typed, encoding: 'utf8' }).trim());
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('there is room for so many and no more', () => {
  for (let i = 0; i < MAX_PANES; i++) run('cat');
  expect(() => run('cat')).toThrow(TooManyPanesError);
  const link = new PlayedConsole();
  expect(() => set.openConsole('console', link)).toThrow(TooManyPanesError);
  expect(link.closed).toBe(true);
  set.close(set.panes[0]!);
  expect(run('cat').state.is).toBe('open');
});

class PlayedConsole implements ConsoleLink {
  writer = true;
  closed = false;
  written = '';
  say: (bytes: Uint8Array) => void = () => {};
  promote: (writer: boolean) => void = () => {};
  hangUp: (reason: string) => void = () => {};
  onData(listener: (bytes: Uint8Array) => void): void {
    this.say = listener;
  }
  onWriter(listener: (writer: boolean) => void): void {
    this.promote = listener;
  }
  onEnd(listener: (reason: string) => void): void {
    this.hangUp = listener;
  }
  write(bytes: Uint8Array): void {
    this.written += Buffer.from(bytes).toString();
  }
  resize(): void {}
  close(): void {
    this.closed = true;
  }
}

test('a console draws, is typed at, and says why it ended', async () => {
  const link = new PlayedConsole();
  const pane = set.openConsole('101 console', link);
  link.say(Buffer.from('login: \x1b[c\x1b]52;c;aGk=\x07'));
  await until(pane, () => text(pane).includes('login:'));
  pane.target.write(Buffer.from('root\r'));
  expect(link.written).toBe('root\r');
  expect(pane.writable).toBe(true);
  const told = vi.fn();
  pane.onChange(told);
  link.writer = false;
  link.promote(false);
  expect(told).toHaveBeenCalledOnce();
  expect(pane.writable).toBe(false);
  link.hangUp('The container was stopped');
  await ended(pane);
  expect(pane.state).toMatchObject({ text: 'The container was stopped' });
});

test('a console that floods is drawn in full, at its own pace', () => {
  const link = new PlayedConsole();
  const pane = set.openConsole('101 console', link);
  for (let i = 0; i < 200; i++) link.say(Buffer.from('\x1b[31mflood '.repeat(4_000)));
  link.say(Buffer.from('\x1b[m\r\nafter'));
  expect(pane.source.lines(80, 24).at(-1)).toBe('after');
});

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

import { describe, expect, test } from 'vitest';
import { CLIPBOARD_MOST, clipboardSequence, clipboardWay } from '../../../src/tui/screen/clipboard.ts';

const HI = '\x1b]52;c;aGkg4pyT\x07';

describe('the way to the clipboard', () => {
  test.each([
    [{ TERM: 'xterm-256color' }, 'plain'],
    [{ TERM: 'tmux-256color', TMUX: '/tmp/tmux-0/default,1,0' }, 'tmux'],
    // tmux around the ssh that leads here
    [{ TERM: 'tmux-256color' }, 'tmux'],
    [{ TERM: 'screen-256color', TMUX: '/tmp/tmux-0/default,1,0' }, 'tmux'],
    [{ TERM: 'screen', STY: '1.pts-0.node' }, 'screen'],
    // of tmux or of screen: the one sequence that harms neither
    [{ TERM: 'screen-256color' }, 'plain'],
    [{ TERM: 'screen-256color', VZDECK_CLIPBOARD: 'tmux' }, 'tmux'],
    [{ TERM: 'xterm', VZDECK_CLIPBOARD: 'off' }, 'off'],
    [{ TERM: 'xterm', VZDECK_CLIPBOARD: 'nonsense' }, 'plain'],
  ] as const)('by %j is %s', (env, way) => {
    expect(clipboardWay(env)).toBe(way);
  });
});

describe('the sequence', () => {
  test('holds the text in UTF-8 and base64', () => {
    expect(clipboardSequence('hi ✓', 'plain')).toBe(HI);
  });

  test('comes twice for tmux: for tmux itself, and wrapped for the terminal around it', () => {
    expect(clipboardSequence('hi ✓', 'tmux')).toBe(`${HI}\x1bPtmux;\x1b${HI}\x1b\\`);
  });

  test('comes in strings that screen passes on, which make the whole again', () => {
    const whole = clipboardSequence('hi ✓'.repeat(1000), 'plain')!;
    const wrapped = clipboardSequence('hi ✓'.repeat(1000), 'screen')!;
    const strings = [...wrapped.matchAll(/\x1bP([^\x1b]*(?:\x1b\][^\x1b]*)?)\x1b\\/g)].map(([, inner]) => inner!);
    expect(strings.join('')).toBe(whole);
    expect(Math.max(...strings.map((one) => one.length))).toBeLessThanOrEqual(240);
  });

  test('is bounded', () => {
    expect(clipboardSequence('x'.repeat(CLIPBOARD_MOST), 'plain')!.length).toBe(100_000);
    expect(clipboardSequence('x'.repeat(CLIPBOARD_MOST + 1), 'plain')).toBeNull();
    expect(clipboardSequence('✓'.repeat(CLIPBOARD_MOST / 2), 'plain')).toBeNull();
  });
});

// Who gets what is typed: in which pieces it arrives must make no difference.

import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { InputEvent } from '../../../src/tui/screen/input-event.ts';
import { Router } from '../../../src/tui/screen/router.ts';
import { FakeTarget, FakeTty } from './fake-tty.ts';
import { freshSeed, random } from './random.ts';

let tty: FakeTty;
let sent: string;
let router: Router;
let receipts: number;
let keys: number;
let seen: InputEvent[];
const control = (sequence: string): void => {
  sent += sequence;
};
const ids = () => seen.map((event) => (event.type === 'key' ? event.id : event.type));

beforeEach(() => {
  vi.useFakeTimers();
  tty = new FakeTty();
  sent = '';
  seen = [];
  receipts = 0;
  keys = 0;
  router = new Router(tty, { control, key: () => keys++, received: () => receipts++ });
  router.setHandler((event) => {
    seen.push(event);
    return true;
  });
  router.start();
  return () => vi.useRealTimers();
});

describe('views', () => {
  test('an escape alone is the key, after a moment; before a sequence it is its head', () => {
    tty.type('\x1b');
    expect(ids()).toEqual([]);
    vi.runAllTimers();
    expect(ids()).toEqual(['escape']);
    tty.type('\x1b');
    tty.type('[A');
    expect(ids()).toEqual(['escape', 'up']);
  });

  test('a paste in many pieces waits for its end however long it takes', () => {
    tty.type('\x1b[200~slow ');
    vi.advanceTimersByTime(5_000);
    tty.type('line\x1b[20');
    vi.advanceTimersByTime(5_000);
    expect(seen).toEqual([]);
    tty.type('1~');
    expect(seen).toEqual([{ type: 'paste', text: 'slow line' }]);
  });

  test('nothing is read before start and after stop', () => {
    router.stop();
    expect(tty).toMatchObject({ raw: false, reading: false });
    tty.type('x');
    expect(seen).toEqual([]);
    router.start();
    expect(tty).toMatchObject({ raw: true, reading: true });
    tty.type('y');
    expect(ids()).toEqual(['y']);
  });

  test('what the handler leaves reaches Ink one event at a time', async () => {
    vi.useRealTimers();
    router.setHandler(() => false);
    const chunks: (string | null)[] = [];
    const all = new Promise<void>((resolve) => {
      router.inkStdin.on('readable', () => {
        chunks.push(router.inkStdin.read(), router.inkStdin.read());
        if (chunks.length === 6) resolve();
      });
    });
    tty.type('é\r\x1b[A');
    await all;
    expect(chunks).toEqual(['é', null, '\r', null, '\x1b[A', null]);
  });
});

describe('a pane with the keyboard', () => {
  test('bytes go through untouched', () => {
    const pane = new FakeTarget();
    router.focus(pane);
    const bytes = Buffer.from([0x61, 0x00, 0xff, 0xfe, 0xc3, 0x28, 0x03, 0x1b, 0x5b, 0x35, 0x7e, 0x0d]);
    tty.type(bytes);
    expect(pane.got).toBe(bytes.toString('latin1'));
    expect(seen).toEqual([]);
  });

  test('the leave chord gives the keyboard back, and what follows it is a key again', () => {
    const pane = new FakeTarget();
    const left = vi.fn();
    router.onLeave(left);
    router.focus(pane);
    tty.type('ls\x1dq');
    expect(pane.got).toBe('ls');
    expect(left).toHaveBeenCalledOnce();
    expect(router.focused).toBeNull();
    expect(ids()).toEqual(['q']);
  });

  test('a key that opens a pane sends the rest of the packet there', () => {
    const pane = new FakeTarget();
    router.setHandler(() => {
      router.focus(pane);
      return true;
    });
    tty.type('ils -l\r');
    expect(pane.got).toBe('ls -l\r');
  });

  test('the chord inside a paste is text, in whatever pieces it comes', () => {
    const text = 'before\x1b[200~pasted \x1d text\x1b[201~after';
    for (let cut = 1; cut < text.length; cut++) {
      const pane = new FakeTarget({ bracketedPaste: true });
      router.focus(pane);
      tty.type(text.slice(0, cut));
      // Only where escape and bracket could have been typed does the router decide soon.
      vi.advanceTimersByTime(/\x1b\[?$/.test(text.slice(0, cut)) ? 10 : 200);
      tty.type(text.slice(cut));
      vi.advanceTimersByTime(1_000);
      expect(router.focused).toBe(pane);
      expect(pane.got).toBe(text);
    }
  });

  test('after a paste that lost its end the chord works again', () => {
    const pane = new FakeTarget();
    router.focus(pane);
    tty.type('\x1b[200~half a paste');
    tty.type('\x1d');
    expect(router.focused).toBe(pane);
    vi.advanceTimersByTime(10_000);
    tty.type('\x1d');
    expect(router.focused).toBeNull();
  });

  test('paste markers are for programs that asked for them', () => {
    const plain = new FakeTarget();
    router.focus(plain);
    tty.type('\x1b[200~text\x1b[201~');
    expect(plain.got).toBe('text');
    const asking = new FakeTarget({ bracketedPaste: true });
    router.focus(asking);
    tty.type('\x1b[200~text\x1b[201~');
    expect(asking.got).toBe('\x1b[200~text\x1b[201~');
  });

  test('cursor keys take the form that the program switched to', () => {
    const pane = new FakeTarget();
    router.focus(pane);
    tty.type('\x1b[A\x1b[H');
    pane.ask({ applicationCursorKeys: true });
    tty.type('\x1b[A\x1b[H\x1b[1;5A\x1b[5~');
    tty.type('\x1b');
    tty.type('[B');
    expect(pane.got).toBe('\x1b[A\x1b[H\x1bOA\x1bOH\x1b[1;5A\x1b[5~\x1bOB');
  });

  test('inside a paste cursor sequences are text', () => {
    const pane = new FakeTarget({ applicationCursorKeys: true });
    router.focus(pane);
    tty.type('\x1b[200~\x1b[A\x1b[201~\x1b[A');
    expect(pane.got).toBe('\x1b[A\x1bOA');
  });

  test('an escape reaches the program after a moment', () => {
    const pane = new FakeTarget();
    router.focus(pane);
    tty.type('\x1b');
    expect(pane.got).toBe('');
    vi.runAllTimers();
    expect(pane.got).toBe('\x1b');
  });

  test.each([
    ['vt200', 'sgr', '\x1b[<0;12;7M', '\x1b[<0;2;2M'],
    ['vt200', 'default', '\x1b[<0;12;7M', '\x1b[M "\x22'],
    ['vt200', 'default', '\x1b[<0;12;7m', '\x1b[M#"\x22'],
    ['vt200', 'sgr', '\x1b[<32;12;7M', ''],
    ['drag', 'sgr', '\x1b[<32;12;7M', '\x1b[<32;2;2M'],
    ['drag', 'sgr', '\x1b[<35;12;7M', ''],
    ['any', 'sgr', '\x1b[<35;12;7M', '\x1b[<35;2;2M'],
    ['x10', 'default', '\x1b[<0;12;7m', ''],
  ] as const)('a program with tracking %s in the form %s gets %j as %j', (mouse, mouseEncoding, report, expected) => {
    const pane = new FakeTarget({ mouse, mouseEncoding });
    router.focus(pane);
    tty.type(report);
    expect(pane.got).toBe(expected);
    expect(seen).toEqual([]);
  });

  test('reports from outside the pane, or that its program did not ask for, are the views’', () => {
    const pane = new FakeTarget({ mouse: 'vt200', mouseEncoding: 'sgr' });
    router.focus(pane);
    tty.type('\x1b[<0;1;1M\x1b[<0;51;7M\x1b[<0;50;15M');
    expect(pane.got).toBe('\x1b[<0;40;10M');
    expect(seen).toMatchObject([
      { action: 'press', x: 0, y: 0 },
      { action: 'press', x: 50, y: 6 },
    ]);
    pane.ask({ mouse: 'none' });
    tty.type('\x1b[<64;12;7M');
    expect(seen.at(-1)).toMatchObject({ action: 'wheel-up' });
  });

  test('focus reports are for programs that asked for them', () => {
    const pane = new FakeTarget();
    router.focus(pane);
    tty.type('\x1b[I');
    pane.ask({ focusReports: true });
    tty.type('\x1b[O');
    expect(pane.got).toBe('\x1b[O');
  });
});

describe('modes of the outer terminal', () => {
  test('follow the program in the pane, and go back with the keyboard', () => {
    const pane = new FakeTarget();
    router.focus(pane);
    expect(sent).toBe('');
    pane.ask({ mouse: 'drag', focusReports: true });
    expect(sent).toBe('\x1b[?1002h\x1b[?1006h\x1b[?1004h');
    sent = '';
    pane.ask({ mouse: 'any' });
    expect(sent).toBe('\x1b[?1002l\x1b[?1003h\x1b[?1006h');
    sent = '';
    tty.type('\x1d');
    expect(sent).toBe('\x1b[?1003l\x1b[?1006l\x1b[?1004l');
    sent = '';
    pane.ask({ mouse: 'vt200' });
    expect(sent).toBe('');
  });

  test('the mouse is off until the views want it, and can be switched off again', () => {
    router.setMouse(true);
    router.setMouse(false);
    expect(sent).toBe('\x1b[?1002h\x1b[?1006h\x1b[?1002l\x1b[?1006l');
  });

  test('the keypad is in application mode as long as the pane that has the keyboard wants it', () => {
    const pane = new FakeTarget({ applicationKeypad: true });
    router.focus(pane);
    expect(sent).toBe('\x1b=');
    pane.ask({ applicationKeypad: false });
    pane.ask({ applicationKeypad: true });
    expect(sent).toBe('\x1b=\x1b>\x1b=');
    sent = '';
    router.focus(null);
    expect(sent).toBe('\x1b>');
    tty.type('x');
    expect(pane.got).toBe('');
  });

  test('a terminal that was taken anew gets all of them', () => {
    router.focus(new FakeTarget({ mouse: 'any' }));
    expect(router.modes()).toBe('\x1b[?2004h\x1b[?1003h\x1b[?1006h');
    expect(router.modes()).toBe('\x1b[?2004h\x1b[?1003h\x1b[?1006h');
  });
});

describe('panes that are told of their focus', () => {
  test('hear it when the keyboard comes and goes, and when the window has it', () => {
    const one = new FakeTarget({ focusReports: true });
    const other = new FakeTarget();
    router.focus(one);
    tty.type('a\x1b[O\x1b[Ib');
    router.focus(other);
    router.focus(one);
    tty.type('\x1d');
    expect(one.got).toBe('\x1b[Ia\x1b[O\x1b[Ib\x1b[O\x1b[I\x1b[O');
    expect(other.got).toBe('');
  });
});

describe('what is typed into several panes', () => {
  const together = (target: FakeTarget, others: readonly FakeTarget[]) => ({
    write: (bytes: Uint8Array) => target.write(bytes),
    modes: () => target.modes(),
    rect: () => target.rect(),
    onModes: (listener: () => void) => target.onModes(listener),
    others,
  });

  test('reaches each in the form that it asked for', () => {
    const vim = new FakeTarget({ applicationCursorKeys: true, bracketedPaste: true });
    const cat = new FakeTarget({});
    router.focus(together(vim, [cat]));
    tty.type('x\x1b[A\x1b[200~two\rlines\x1b[201~');
    expect(vim.got).toBe('x\x1bOA\x1b[200~two\rlines\x1b[201~');
    expect(cat.got).toBe('x\x1b[Atwo\rlines');
  });

  test('is told to each that the keyboard came and went; the mouse is the first one’s alone', () => {
    const one = new FakeTarget({ mouse: 'vt200', mouseEncoding: 'sgr' });
    const other = new FakeTarget({ mouse: 'vt200', mouseEncoding: 'sgr', focusReports: true });
    router.focus(together(one, [other]));
    tty.type('\x1b[<0;12;7M');
    expect(one.got).toBe('\x1b[<0;2;2M');
    tty.type('y\x1dz');
    expect(other.got).toBe('\x1b[Iy\x1b[O');
    expect(one.got).toBe('\x1b[<0;2;2My');
    expect(ids()).toEqual(['z']);
  });
});

const SCRIPT = [
  'a',
  'é',
  '中',
  '😀',
  '\r',
  '\x7f',
  '\x03',
  '\x1b[A',
  '\x1bOB',
  '\x1b[1;5C',
  '\x1b[5~',
  '\x1b[<0;12;7M',
  '\x1b[<64;1;1M',
  '\x1b[200~in \x1d a é paste\x1b[201~',
  '\x1b[I',
  ' ',
];

test('in which pieces input arrives makes no difference', () => {
  const first = freshSeed();
  for (let round = 0; round < 500; round++) {
    const dice = random(first + round);
    const text = Buffer.from(Array.from({ length: 1 + dice.below(30) }, () => dice.pick(SCRIPT)).join(''));
    const modes = {
      applicationCursorKeys: dice.chance(0.5),
      bracketedPaste: dice.chance(0.5),
      mouse: dice.pick(['none', 'vt200', 'any'] as const),
      mouseEncoding: 'sgr' as const,
    };
    const run = (pieces: readonly Buffer[], focused: boolean) => {
      seen = [];
      const pane = new FakeTarget(modes);
      router.focus(focused ? pane : null);
      for (const piece of pieces) tty.type(piece);
      vi.runAllTimers();
      return { seen, got: pane.got };
    };
    const pieces: Buffer[] = [];
    for (let at = 0; at < text.length; ) {
      const length = 1 + dice.below(5);
      pieces.push(text.subarray(at, at + length));
      at += length;
    }
    for (const focused of [false, true]) expect(run(pieces, focused), `VZDECK_SEED=${first}, round ${round}`).toEqual(run([text], focused));
  }
});

describe('receipts of the terminal', () => {
  test('are nobody else’s, wherever they come: alone, torn, behind an escape, between letters, for views and for panes', () => {
    tty.type('\x1b[0n');
    expect([ids(), keys]).toEqual([[], 0]);
    tty.type('a\x1b[0nb\x1b[0');
    tty.type('n');
    tty.type('\x1b');
    tty.type('\x1b[0n');
    vi.runAllTimers();
    expect([ids(), receipts]).toEqual([['a', 'b', 'escape'], 4]);
    const target = new FakeTarget();
    router.focus(target);
    tty.type('c\x1b[0nd\x1b[');
    tty.type('0');
    tty.type('n\x1b');
    tty.type('\x1b[0n');
    tty.type('[A');
    expect([target.got, receipts]).toEqual(['cd\x1b[A', 7]);
  });

  test('in a paste are text', () => {
    const target = new FakeTarget();
    router.focus(target);
    tty.type('\x1b[200~a\x1b[0nb\x1b[201~');
    expect([target.got, receipts]).toEqual(['a\x1b[0nb', 0]);
  });

  test('are all that is heard once it is deaf; what is typed is kept', () => {
    router.deafen();
    tty.type('ls\x1b[0n\r');
    expect([ids(), receipts]).toEqual([[], 1]);
    expect(router.stop().toString()).toBe('ls\r');
    router.start();
    tty.type('x');
    expect(ids()).toEqual(['x']);
  });

  test('what comes in one packet with the key that gives the terminal away is not for views', () => {
    router.setHandler((event) => {
      seen.push(event);
      router.deafen();
      return true;
    });
    tty.type('As\r\x1b');
    vi.runAllTimers();
    expect(ids()).toEqual(['A']);
    expect(router.stop().toString()).toBe('s\r\x1b');
    router.start();
    router.typed(Buffer.from('y'));
    expect(ids()).toEqual(['A', 'y']);
  });
});

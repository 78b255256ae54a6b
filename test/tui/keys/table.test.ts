import { describe, expect, test } from 'vitest';
import { keysFor } from '../../../src/tui/keys/action.ts';
import { worksIn } from '../../../src/tui/keys/dispatch.ts';
import { MODES, TEXT_MODES } from '../../../src/tui/keys/mode.ts';
import { ACTION_IDS, KEYS } from '../../../src/tui/keys/table.ts';
import { FINAL_KEYS, TILDE_KEYS } from '../../../src/tui/screen/key-names.ts';

const NAMED = new Set([
  ...Object.values(FINAL_KEYS),
  ...Object.values(TILDE_KEYS),
  'enter',
  'tab',
  'shift-tab',
  'escape',
  'space',
  'backspace',
]);

describe('the key table', () => {
  test.each(ACTION_IDS)('%s has keys, label, help and a place', (id) => {
    const { keys, label, help, when } = KEYS[id];
    expect(keys.length).toBeGreaterThan(0);
    expect(when.length).toBeGreaterThan(0);
    expect(label).toMatch(/^[a-z][a-z -]{1,22}$/);
    expect(help).toMatch(/^[A-Z][^.]{5,}[^.]$/);
    for (const key of keys) expect([...key].length === 1 || /^(ctrl|shift)-/.test(key) || NAMED.has(key), `${key} is a key`).toBe(true);
  });

  test.each(MODES)('has no key twice in %s', (mode) => {
    const taken = new Map<string, string>();
    for (const id of ACTION_IDS)
      for (const key of keysFor(KEYS[id], mode).filter((one) => KEYS[id].when.includes(mode) && worksIn(one, mode))) {
        expect(taken.get(key), `${key} of ${id} in ${mode}`).toBeUndefined();
        taken.set(key, id);
      }
  });

  test('gives every function key a twin that terminals do not take', () => {
    for (const id of ACTION_IDS) {
      const { keys, keysIn } = KEYS[id];
      for (const all of [keys, ...Object.values(keysIn ?? {})])
        if (all.some((key) => /^f\d+$/.test(key)))
          expect(
            all.some((key) => !/^f\d+$/.test(key)),
            id,
          ).toBe(true);
    }
  });

  test('leaves Ctrl-] to the panes and Ctrl-\\ to the signal', () => {
    for (const id of ACTION_IDS) for (const key of ['ctrl-]', 'ctrl-\\', 'ctrl-s', 'ctrl-q']) expect(KEYS[id].keys).not.toContain(key);
  });

  test('has a way out of every mode, and one that repaints', () => {
    for (const mode of MODES) {
      const keys = ACTION_IDS.filter((id) => KEYS[id].when.includes(mode)).flatMap((id) =>
        keysFor(KEYS[id], mode).filter((key) => worksIn(key, mode)),
      );
      expect(keys, mode).toContain('escape');
      expect(keys, mode).toContain('ctrl-l');
      expect(keys, mode).toContain('ctrl-c');
    }
  });

  test('gives each key of a footer a place of its own, in a mode of its action', () => {
    for (const mode of MODES) {
      const shown = ACTION_IDS.filter((id) => KEYS[id].footer?.[mode] !== undefined);
      for (const id of shown) expect(KEYS[id].when, id).toContain(mode);
      expect(new Set(shown.map((id) => KEYS[id].footer?.[mode])).size, mode).toBe(shown.length);
    }
  });

  test('marks everything that can change the node', () => {
    const changing = ACTION_IDS.filter((id) => KEYS[id].changes);
    expect(changing).toEqual(
      expect.arrayContaining([
        'create',
        'start',
        'stop',
        'kill',
        'restart',
        'destroy',
        'enter',
        'console',
        'mount',
        'umount',
        'template-build',
        'template-go',
        'form-go',
        'pane-type',
        'task-cancel',
        'template-cancel',
        'bulk-cancel',
      ]),
    );
  });

  test('asks before everything that ends processes or deletes files', () => {
    for (const id of ['stop', 'kill', 'restart', 'destroy', 'quit', 'pane-close'] as const) expect(KEYS[id].danger, id).toBeDefined();
  });

  test('reads printable keys as text where text is typed', () => {
    for (const mode of TEXT_MODES) {
      expect(worksIn('q', mode)).toBe(false);
      expect(worksIn('space', mode)).toBe(false);
      expect(worksIn('f10', mode)).toBe(true);
    }
    expect(worksIn('q', 'table')).toBe(true);
  });
});

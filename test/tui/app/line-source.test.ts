// Rows of a surface are composed anew only when something that they tell has changed: a key that moves a cursor composes no head.
import { describe, expect, test } from 'vitest';
import { type Compose, lineSource } from '../../../src/tui/app/line-source.ts';
import type { Cells } from '../../../src/tui/screen/cells.ts';
import { LayerStack, PlacedSurface } from '../../../src/tui/screen/layer-stack.ts';
import { parseSettings } from '../../../src/tui/store/settings.ts';
import { createManagerStore } from '../../../src/tui/store/store.ts';
import { testTheme } from '../manager-rig.tsx';

const theme = testTheme();

function source(compose: Compose) {
  const store = createManagerStore({ settings: parseSettings(null, 'default'), readOnly: false, size: { columns: 80, rows: 24 }, now: 0 });
  let composed = 0;
  const made = lineSource(
    store,
    () => theme,
    (...given) => {
      composed++;
      return compose(...given);
    },
  );
  return { store, made, composed: () => composed };
}

describe('a source of lines', () => {
  test('composes when a part that it has read is another, and not when others are', () => {
    const { store, made, composed } = source((state) => [state.hint]);
    expect(made.lines(80, 1)).toEqual(['']);
    store.setState((state) => ({ cursor: { ...state.cursor, index: 7 }, now: 1 }));
    made.lines(80, 1);
    expect(composed()).toBe(1);
    store.setState({ hint: 'other' });
    expect(made.lines(80, 1)).toEqual(['other']);
    expect(composed()).toBe(2);
  });

  test('knows parts that it reads for the first time later', () => {
    const { store, made } = source((state) => [state.readOnly ? state.hint : '']);
    made.lines(80, 1);
    store.setState({ readOnly: true });
    made.lines(80, 1);
    store.setState({ hint: 'told now' });
    expect(made.lines(80, 1)).toEqual(['told now']);
  });

  test('composes for another size, another theme, and for whoever copies the whole state', () => {
    const { store, made, composed } = source((state) => [{ ...state }.hint]);
    made.lines(80, 1);
    made.lines(40, 1);
    expect(composed()).toBe(2);
    store.setState({ theme: 'light' });
    made.lines(40, 1);
    expect(composed()).toBe(3);
    store.setState({ hint: 'copied' });
    expect(made.lines(40, 1)).toEqual(['copied']);
  });

  test('gives the same lines when nothing visible has changed', () => {
    const { store, made, composed } = source((state) => [state.now < 10 ? 'early' : 'late']);
    const lines = made.lines(80, 1);
    store.setState({ now: 5 });
    expect(made.lines(80, 1)).toBe(lines);
    expect(composed()).toBe(2);
  });
});

describe('rows of the screen', () => {
  function scrolled(width: number): readonly (readonly [Cells, Cells])[] {
    const lines = Array.from({ length: 20 }, (_, i) => `row ${i}`);
    let top = 0;
    const stack = new LayerStack();
    stack.resize(20, 10);
    stack.addSurface(
      new PlacedSurface({ lines: () => lines.slice(top, top + 10), subscribe: () => () => {} }, () => ({ x: 0, y: 0, width, height: 10 })),
    );
    const before = [...stack.compose()];
    top = 1;
    const after = stack.compose();
    return before.slice(1).map((row, i) => [row, after[i]!]);
  }

  test('a line that has moved is not taken apart again', () => {
    for (const [before, after] of scrolled(20)) expect(after).toBe(before);
  });

  test('beside another part of the screen it is the same to look at', () => {
    for (const [before, after] of scrolled(10)) expect(after).toEqual(before);
  });
});

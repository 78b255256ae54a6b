// How panes share the screen: whatever is done to the tree, its places cover the area, each cell once.

import { describe, expect, test } from 'vitest';
import {
  type Area,
  gridOf,
  leaf,
  neighbourOf,
  only,
  type PaneTree,
  type Place,
  panesIn,
  placesIn,
  resized,
  withBeside,
  withInstead,
} from '../../../src/tui/store/pane-tree.ts';
import { freshSeed, random } from '../screen/random.ts';

const AREA: Area = { x: 0, y: 2, width: 120, height: 36 };

function expectCovered(places: readonly Place[], area: Area, why: string): void {
  const hits = new Uint8Array((area.x + area.width) * (area.y + area.height));
  for (const { area: a } of places)
    for (let y = a.y; y < a.y + a.height; y++) for (let x = a.x; x < a.x + a.width; x++) hits[y * (area.x + area.width) + x]!++;
  const within = hits.reduce((sum, hit) => sum + hit, 0);
  expect([Math.max(...hits), within], why).toEqual([1, area.width * area.height]);
}

const sizes = (tree: PaneTree | null): readonly string[] =>
  placesIn(tree, AREA, null).map(({ pane, area }) => `${pane} ${area.width}x${area.height}+${area.x}+${area.y}`);

describe('a tree of panes', () => {
  const three = withBeside(withBeside(leaf(1), 1, 2, 'columns'), 2, 3, 'rows');

  test('gives halves', () => {
    expect(sizes(three)).toEqual(['1 60x36+0+2', '2 60x18+60+2', '3 60x18+60+20']);
  });

  test('gives the room of who goes to the neighbour', () => {
    expect(sizes(only(three, new Set([1, 3])))).toEqual(['1 60x36+0+2', '3 60x36+60+2']);
    expect(sizes(only(three, new Set([3])))).toEqual(['3 120x36+0+2']);
    expect(only(three, new Set())).toBeNull();
    expect(only(three, new Set([1, 2, 3, 4]))).toBe(three);
  });

  test('puts one pane in the place of another', () => {
    expect(panesIn(withInstead(three, 2, 7))).toEqual([1, 7, 3]);
  });

  test('moves the nearest border that can be moved in that direction', () => {
    expect(sizes(resized(three, 1, 'right', 10, AREA))).toEqual(['1 70x36+0+2', '2 50x18+70+2', '3 50x18+70+20']);
    expect(sizes(resized(three, 3, 'left', 10, AREA))).toEqual(['1 50x36+0+2', '2 70x18+50+2', '3 70x18+50+20']);
    expect(sizes(resized(three, 2, 'down', 5, AREA))).toEqual(['1 60x36+0+2', '2 60x23+60+2', '3 60x13+60+25']);
    expect(resized(three, 1, 'up', 5, AREA)).toBe(three);
    expect(resized(leaf(1), 1, 'left', 5, AREA)).toEqual(leaf(1));
  });

  test('keeps what a frame can not do without, however far a border is moved', () => {
    let tree: PaneTree = three;
    for (let i = 0; i < 50; i++) tree = resized(tree, 1, 'right', 4, AREA);
    for (let i = 0; i < 50; i++) tree = resized(tree, 2, 'up', 2, AREA);
    expect(sizes(tree)).toEqual(['1 108x36+0+2', '2 12x3+108+2', '3 12x33+108+5']);
  });

  test('shows the side with the chosen one where there is no room for both', () => {
    const small: Area = { x: 0, y: 0, width: 20, height: 10 };
    expect(placesIn(three, small, 1)).toEqual([{ pane: 1, area: small }]);
    expect(placesIn(three, small, 3).map((place) => place.pane)).toEqual([2, 3]);
    expect(placesIn(three, { ...small, height: 5 }, 3)).toEqual([{ pane: 3, area: { ...small, height: 5 } }]);
    expect(placesIn(three, small, null)).toEqual([{ pane: 1, area: small }]);
  });

  test('knows who is opposite', () => {
    const places = placesIn(three, AREA, null);
    expect(neighbourOf(places, 1, 'right')).toBe(3);
    expect(neighbourOf(places, 2, 'left')).toBe(1);
    expect(neighbourOf(places, 2, 'down')).toBe(3);
    expect(neighbourOf(places, 3, 'up')).toBe(2);
    expect(neighbourOf(places, 1, 'left')).toBeNull();
    expect(neighbourOf(places, 9, 'left')).toBeNull();
  });

  test.each([
    [1, ['1 120x36+0+2']],
    [2, ['1 120x18+0+2', '2 120x18+0+20']],
    [4, ['1 60x18+0+2', '2 60x18+60+2', '3 60x18+0+20', '4 60x18+60+20']],
    [5, ['1 60x12+0+2', '2 60x12+60+2', '3 60x12+0+14', '4 60x12+60+14', '5 120x12+0+26']],
  ])('of %i is an even grid', (count, expected) => {
    const ids = Array.from({ length: count }, (_, i) => i + 1);
    expect(sizes(gridOf(ids, AREA))).toEqual(expected);
  });

  test('of sixteen shows all of them, on a small screen too', () => {
    const ids = Array.from({ length: 16 }, (_, i) => i);
    for (const area of [
      { x: 0, y: 2, width: 60, height: 15 },
      { x: 0, y: 2, width: 80, height: 19 },
      { x: 0, y: 2, width: 200, height: 45 },
    ]) {
      const places = placesIn(gridOf(ids, area), area, null);
      expect(places.map((place) => place.pane)).toEqual(ids);
      expectCovered(places, area, `${area.width}x${area.height}`);
    }
  });
});

test('whatever is done to a tree, its places cover the area, and no pane is lost', () => {
  const first = freshSeed();
  for (let round = 0; round < 200; round++) {
    const { below, pick, chance } = random(first + round);
    let tree: PaneTree = leaf(0);
    const ids = [0];
    for (let stepNo = 0; stepNo < 30; stepNo++) {
      const at = pick(ids);
      const area = { x: below(5), y: below(5), width: 1 + below(220), height: 1 + below(60) };
      if (chance(0.4) && ids.length < 16) {
        const id = Math.max(...ids) + 1;
        tree = withBeside(tree, at, id, pick(['columns', 'rows']));
        ids.push(id);
      } else if (chance(0.3) && ids.length > 1) {
        ids.splice(ids.indexOf(at), 1);
        tree = only(tree, new Set(ids))!;
      } else tree = resized(tree, at, pick(['left', 'right', 'up', 'down']), 1 + below(9), area);
      const chosen = pick(ids);
      const places = placesIn(tree, area, chosen);
      const why = `VZDECK_SEED=${first}, round ${round}, step ${stepNo}`;
      expect(
        [...panesIn(tree)].sort((a, b) => a - b),
        why,
      ).toEqual([...ids].sort((a, b) => a - b));
      expect(
        places.some((place) => place.pane === chosen),
        why,
      ).toBe(true);
      if (stepNo % 10 === 0) expectCovered(places, area, why);
    }
  }
});

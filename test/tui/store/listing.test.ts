import { describe, expect, test } from 'vitest';
import { finder, moved, placed } from '../../../src/tui/store/listing.ts';
import { type Listing, NO_LISTING } from '../../../src/tui/store/view-state.ts';
import { random } from '../screen/random.ts';

const KEYS = [...'abcdefghij'];
const at = (other: Partial<Listing>): Listing => ({ ...NO_LISTING, of: 'container 101 processes', ...other });

describe('the cursor of a list', () => {
  test('stays on its row while rows come and go', () => {
    const on = moved(at({ key: '' }), KEYS, 3, 5);
    expect(on.key).toBe('d');
    expect(placed(on, ['x', 'y', ...KEYS], 5).index).toBe(5);
    expect(placed(on, ['d'], 5)).toEqual({ index: 0, top: 0 });
  });

  test('stays at its place when its row is gone, and inside of what is left', () => {
    const on = moved(at({ key: '' }), KEYS, 9, 5);
    expect(placed(on, ['a', 'b'], 5)).toEqual({ index: 1, top: 0 });
    expect(placed(on, [], 5)).toEqual({ index: 0, top: 0 });
  });

  test('follows the newest row of a list that grows until it is moved away, and again when it comes back', () => {
    const log = at({ of: 'container 101 log', key: null });
    expect(placed(log, KEYS, 4)).toEqual({ index: 9, top: 6 });
    const away = moved(log, KEYS, -1, 4);
    expect(away.key).toBe('i');
    expect(placed(away, [...KEYS, 'k', 'l'], 4).index).toBe(8);
    expect(moved(away, KEYS, 1, 4).key).toBeNull();
    expect(moved(at({ key: 'i' }), KEYS, 1, 4).key).toBe('j');
  });

  test.each([1, 2, 3])('is always on the screen, seed %i', (seed) => {
    const { below } = random(seed);
    let listing = at({ key: '' });
    for (let i = 0; i < 500; i++) {
      const keys = KEYS.slice(below(10), 10);
      const height = 1 + below(6);
      listing = moved(listing, keys, below(21) - 10, height);
      const { index, top } = placed(listing, keys, height);
      expect(index).toBeGreaterThanOrEqual(top);
      expect(index).toBeLessThan(top + height);
      expect(top).toBeGreaterThanOrEqual(0);
      if (keys.length >= height) expect(top + height).toBeLessThanOrEqual(keys.length);
    }
  });
});

test('every word is looked for, whatever its case', () => {
  const find = finder(' Web  101');
  expect([find('101 www web'), find('101 db'), find('WEB 1012')]).toEqual([true, false, true]);
  expect(finder('  ')('anything')).toBe(true);
});

import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS, formatSettings, parseSettings } from '../../../src/tui/store/settings.ts';

describe('settings', () => {
  test('come back as they were kept', () => {
    const settings = { theme: 'high-contrast', mouse: true, sort: { column: 'cpu', descending: true } } as const;
    expect(parseSettings(formatSettings(settings))).toEqual(settings);
  });

  test.each([null, '', '{', '[]', '7', '{"sort":{"column":"__proto__"},"theme":3,"mouse":"yes"}', '{"sort":null}'])(
    'that are damaged (%j) are the default ones',
    (text) => {
      expect(parseSettings(text)).toEqual(DEFAULT_SETTINGS);
    },
  );

  test('of a later version lose only what is not known', () => {
    expect(parseSettings('{"theme":"mono","columns":["ctid"],"sort":{"column":"ctid","descending":true}}')).toEqual({
      theme: 'mono',
      mouse: false,
      sort: { column: 'ctid', descending: true },
    });
  });
});

import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS, formatSettings, parseSettings } from '../../../src/tui/store/settings.ts';

describe('settings', () => {
  test('come back as they were kept', () => {
    const settings = { theme: 'high-contrast', mouse: true, sort: { column: 'cpu', descending: true } } as const;
    expect(parseSettings(formatSettings(settings, 'default'), 'default')).toEqual(settings);
  });

  test('follow the terminal where nobody has chosen a theme', () => {
    const kept = formatSettings({ ...DEFAULT_SETTINGS, mouse: true }, 'default');
    expect(parseSettings(kept, 'light')).toEqual({ ...DEFAULT_SETTINGS, mouse: true, theme: 'light' });
    const chosen = formatSettings(DEFAULT_SETTINGS, 'light');
    expect(parseSettings(chosen, 'light').theme).toBe('default');
  });

  test.each([null, '', '{', '[]', '7', '{"sort":{"column":"__proto__"},"theme":3,"mouse":"yes"}', '{"sort":null}'])(
    'that are damaged (%j) are the default ones',
    (text) => {
      expect(parseSettings(text, 'default')).toEqual(DEFAULT_SETTINGS);
    },
  );

  test('of a later version lose only what is not known', () => {
    expect(parseSettings('{"theme":"mono","columns":["ctid"],"sort":{"column":"ctid","descending":true}}', 'default')).toEqual({
      theme: 'mono',
      mouse: false,
      sort: { column: 'ctid', descending: true },
    });
  });
});

import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS, formatSettings, parseSettings } from '../../../src/tui/store/settings.ts';

describe('settings', () => {
  test('come back as they were kept', () => {
    const settings = {
      theme: 'high-contrast',
      mouse: true,
      sort: { column: 'cpu', descending: true },
      columns: ['name', 'kmemsize.m'],
      period: 5000,
      paneClipboard: true,
      toured: true,
      processSort: 'memory' as const,
      ubcSort: 'file' as const,
      logWrap: true,
      lastPanes: null,
    };
    expect(parseSettings(formatSettings(settings, 'default'), 'default')).toEqual(settings);
  });

  test('follow the terminal where nobody has chosen a theme', () => {
    const kept = formatSettings({ ...DEFAULT_SETTINGS, mouse: true }, 'default');
    expect(parseSettings(kept, 'light')).toEqual({ ...DEFAULT_SETTINGS, mouse: true, theme: 'light' });
    const chosen = formatSettings(DEFAULT_SETTINGS, 'light');
    expect(parseSettings(chosen, 'light').theme).toBe('default');
  });

  test('say nothing of what nobody has changed, so that a later usual set reaches everybody', () => {
    expect(JSON.parse(formatSettings(DEFAULT_SETTINGS, 'default'))).toEqual({ mouse: false, sort: { column: 'ctid', descending: false } });
  });

  test.each([null, '', '{', '[]', '7', '{"sort":{"column":"__proto__"},"theme":3,"mouse":"yes"}', '{"sort":null}'])(
    'that are damaged (%j) are the default ones',
    (text) => {
      expect(parseSettings(text, 'default')).toEqual(DEFAULT_SETTINGS);
    },
  );

  test('of a later version lose only what is not known', () => {
    const later =
      '{"theme":"mono","columns":["hostname","zfs","CTID","ctid"],"sort":{"column":"ctid","descending":true},"period":7,"zoom":2}';
    expect(parseSettings(later, 'default')).toEqual({
      ...DEFAULT_SETTINGS,
      theme: 'mono',
      sort: { column: 'ctid', descending: true },
      columns: ['hostname', 'ctid'],
    });
  });
});

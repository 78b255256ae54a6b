// The themes that come with the program, by name. They are part of the bundle; checked by a test, and again when they are taken.

import defaultJson from '../../../themes/default.json' with { type: 'json' };
import highContrastJson from '../../../themes/high-contrast.json' with { type: 'json' };
import lightJson from '../../../themes/light.json' with { type: 'json' };
import monoJson from '../../../themes/mono.json' with { type: 'json' };
import { checkTheme, type ThemeFile } from './theme-file.ts';

const FILES = { default: defaultJson, light: lightJson, mono: monoJson, 'high-contrast': highContrastJson } as const satisfies Record<
  string,
  unknown
>;
export type ThemeName = keyof typeof FILES;
export const THEME_NAMES = Object.keys(FILES) as readonly ThemeName[];

export const isBuiltIn = (name: string): name is ThemeName => Object.hasOwn(FILES, name);

/** One of the themes that come with the program. */
export function builtInTheme(name: ThemeName): ThemeFile {
  return checkTheme(FILES[name]);
}

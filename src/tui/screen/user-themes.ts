// Themes of the person at the keyboard: every themes/NAME.json beside the settings. A wrong one is told with its reason and left out.
import { readdirSync } from 'node:fs';
import { type Environment, isLight } from './capability.ts';
import { themeFor } from './make-theme.ts';
import { clean } from './text.ts';
import type { Theme } from './theme.ts';
import { checkTheme, ThemeError, type ThemeFile } from './theme-file.ts';
import { builtInTheme, isBuiltIn, THEME_NAMES, type ThemeName } from './themes.ts';
import { readUserFile, userFile } from './user-file.ts';

const FOLDER = 'themes';
const SUFFIX = '.json';
/** More than anybody steps through with one key; each is read before the first frame. */
const MOST = 32;

export interface Themes {
  /** The program's own first. */
  readonly names: readonly string[];
  /** What a terminal gets where nobody has chosen. */
  readonly usual: ThemeName;
  /** Sentences, each with file and reason. */
  readonly faults: readonly string[];
  /** Made once for this terminal; the usual one where the name is not known. */
  readonly of: (name: string) => Theme;
}

/** All themes that there are on this terminal. */
export function readThemes(env: Environment): Themes {
  const files = new Map<string, ThemeFile>();
  const faults: string[] = [];
  const found = filesOf(userFile(env, FOLDER));
  for (const file of found.slice(0, MOST)) {
    const place = `${FOLDER}/${clean(file)}`;
    try {
      const theme = themeOf(file, readUserFile(userFile(env, `${FOLDER}/${file}`)));
      files.set(theme.name, theme);
    } catch (error) {
      if (!(error instanceof ThemeError)) throw error;
      faults.push(`${place}: ${clean(error.message)}`);
    }
  }
  if (found.length > MOST) faults.push(`${FOLDER}: only the first ${MOST} of ${found.length} files are read`);
  const usual = isLight(env) ? 'light' : 'default';
  const made = new Map<string, Theme>();
  return {
    names: [...THEME_NAMES, ...files.keys()],
    usual,
    faults,
    of: (name) => {
      const theme = made.get(name) ?? themeFor(files.get(name) ?? builtInTheme(isBuiltIn(name) ? name : usual), env);
      made.set(name, theme);
      return theme;
    },
  };
}

function filesOf(folder: string | null): readonly string[] {
  try {
    return folder === null
      ? []
      : readdirSync(folder)
          .filter((name) => name.endsWith(SUFFIX))
          .sort();
  } catch {
    // Most people have none.
    return [];
  }
}

/** Throws ThemeError. */
function themeOf(file: string, text: string | null): ThemeFile {
  if (text === null) throw new ThemeError('cannot be read, or has more than 64 KiB');
  const theme = checkTheme(parse(text));
  if (`${theme.name}${SUFFIX}` !== file) throw new ThemeError(`theme.name must be as the file is called, ${file.slice(0, -SUFFIX.length)}`);
  if (isBuiltIn(theme.name)) throw new ThemeError(`${theme.name} comes with the program; give file and theme another name`);
  return theme;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ThemeError(`is no JSON: ${(error as SyntaxError).message}`);
  }
}

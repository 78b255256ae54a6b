// A checked theme file and a terminal's abilities make the SGR strings that everything is painted with, once per run.

import { colorDepth, type Environment, hasUnicode } from './capability.ts';
import { colorSgr, inkColor } from './color.ts';
import { ASCII_GLYPHS, UNICODE_GLYPHS } from './glyphs.ts';
import { type ColorDepth, type Glyphs, ROLES, type Role, type Theme } from './theme.ts';
import type { Attribute, RoleLook, ThemeFile } from './theme-file.ts';
import { builtInTheme } from './themes.ts';

const ATTRIBUTE_SGR: Readonly<Record<Attribute, string>> = { bold: '1', dim: '2', italic: '3', underline: '4', inverse: '7' };
const CLOSE = '\x1b[0m';

/** The theme for a terminal; where there are no colours the mono theme's attributes take over. */
export function themeFor(file: ThemeFile, env: Environment): Theme {
  const depth = colorDepth(env);
  return makeTheme(depth === 'mono' ? builtInTheme('mono') : file, depth, hasUnicode(env) ? UNICODE_GLYPHS : ASCII_GLYPHS);
}

/** The theme with everything said explicitly. */
export function makeTheme(file: ThemeFile, depth: ColorDepth, glyphs: Glyphs): Theme {
  const each = <T>(make: (look: RoleLook) => T) =>
    Object.fromEntries(ROLES.map((role) => [role, make(file.roles[role])])) as Record<Role, T>;
  const sgr = each((look) => openSgr(look, depth));
  return {
    name: file.name,
    depth,
    glyphs,
    sgr,
    ink: each((look) => (look.fg === undefined ? undefined : inkColor(look.fg, depth))),
    paint: (role, text) => (sgr[role] === '' || text === '' ? text : sgr[role] + text + CLOSE),
    under: (role, line) => {
      if (sgr[role] === '') return line;
      // of sixteen colours the dim one is not to be read on any other
      const shown = depth === '16' && file.roles[role].bg !== undefined ? line.replaceAll(sgr.dim, '') : line;
      return sgr[role] + shown.replaceAll(CLOSE, CLOSE + sgr[role]) + CLOSE;
    },
  };
}

function openSgr(look: RoleLook, depth: ColorDepth): string {
  const parameters = [
    ...look.attributes.map((attribute) => ATTRIBUTE_SGR[attribute]),
    look.fg === undefined ? '' : colorSgr(look.fg, 'fg', depth),
    look.bg === undefined ? '' : colorSgr(look.bg, 'bg', depth),
  ].filter((parameter) => parameter !== '');
  return parameters.length === 0 ? '' : `\x1b[${parameters.join(';')}m`;
}

// The JSON form of a theme, checked. Knows no terminal.

import { ANSI_COLORS, type AnsiColor, type Color } from './color.ts';
import { ROLES, type Role } from './theme.ts';

export const ATTRIBUTES = ['bold', 'dim', 'italic', 'underline', 'inverse'] as const;
/** What a theme may be called, and how a colour is written. */
export const NAME_PATTERN = /^[a-z0-9-]{1,32}$/;
export const RGB_PATTERN = /^#[0-9a-fA-F]{6}$/;
export type Attribute = (typeof ATTRIBUTES)[number];

export interface RoleLook {
  readonly fg?: Color;
  readonly bg?: Color;
  readonly attributes: readonly Attribute[];
}

export interface ThemeFile {
  readonly name: string;
  readonly roles: Readonly<Record<Role, RoleLook>>;
}

/** A theme that is wrong in its file; the message names the place and what would be right. */
export class ThemeError extends Error {}

/**
 * Checks parsed JSON (themes/skin.schema.json says the same): `name`, `palette` (name → an ANSI colour name, or `{rgb: "#rrggbb", ansi: name}`) and `roles` (every role, each with
 * optional `fg` and `bg` from the palette and attributes as `true`).
 * @throws ThemeError
 */
export function checkTheme(json: unknown): ThemeFile {
  const file = record(json, 'theme', ['$schema', 'name', 'palette', 'roles']);
  const { name, $schema } = file;
  if ($schema !== undefined && typeof $schema !== 'string') throw new ThemeError('theme.$schema must be a text');
  if (typeof name !== 'string' || !NAME_PATTERN.test(name)) throw new ThemeError('theme.name must be 1 to 32 of a-z, 0-9 and -');
  const palette = new Map(Object.entries(record(file['palette'], 'palette')).map(([key, value]) => [key, color(value, `palette.${key}`)]));
  const looks = record(file['roles'], 'roles', ROLES);
  const missing = ROLES.filter((role) => looks[role] === undefined);
  if (missing.length > 0) throw new ThemeError(`roles lacks ${missing.join(', ')}`);
  const roles = Object.fromEntries(ROLES.map((role) => [role, look(looks[role], `roles.${role}`, palette)]));
  return { name, roles: roles as Record<Role, RoleLook> };
}

function record(value: unknown, place: string, keys?: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ThemeError(`${place} must be an object`);
  const unknownKey = keys && Object.keys(value).find((key) => !keys.includes(key));
  if (unknownKey !== undefined) throw new ThemeError(`${place}.${unknownKey} is not known; known are ${keys?.join(', ')}`);
  return value as Record<string, unknown>;
}

function color(value: unknown, place: string): Color {
  if (typeof value === 'string') return { ansi: ansi(value, place) };
  const { rgb, ansi: name } = record(value, place, ['rgb', 'ansi']);
  if (typeof rgb !== 'string' || !RGB_PATTERN.test(rgb)) throw new ThemeError(`${place}.rgb must look like "#5fafd7"`);
  return { rgb, ansi: ansi(name, `${place}.ansi`) };
}

function ansi(value: unknown, place: string): AnsiColor {
  const found = ANSI_COLORS.find((name) => name === value);
  if (found === undefined) throw new ThemeError(`${place} must be one of ${ANSI_COLORS.join(', ')}`);
  return found;
}

function look(value: unknown, place: string, palette: ReadonlyMap<string, Color>): RoleLook {
  const given = record(value, place, ['fg', 'bg', ...ATTRIBUTES]);
  const layers = (['fg', 'bg'] as const).flatMap((layer) => {
    const name = given[layer];
    if (name === undefined) return [];
    const found = typeof name === 'string' ? palette.get(name) : undefined;
    if (found === undefined) throw new ThemeError(`${place}.${layer} must name a colour of the palette: ${[...palette.keys()].join(', ')}`);
    return [[layer, found] as const];
  });
  const wrong = ATTRIBUTES.find((attribute) => given[attribute] !== undefined && typeof given[attribute] !== 'boolean');
  if (wrong !== undefined) throw new ThemeError(`${place}.${wrong} must be true or false`);
  return { ...Object.fromEntries(layers), attributes: ATTRIBUTES.filter((attribute) => given[attribute] === true) };
}

// The schema of themes and the check say the same of the same file.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ROLES } from '../../../src/tui/screen/theme.ts';
import { ATTRIBUTES, checkTheme } from '../../../src/tui/screen/theme-file.ts';
import { THEME_SCHEMA } from '../../../src/tui/screen/theme-schema.ts';
import { THEME_NAMES } from '../../../src/tui/screen/themes.ts';

type Json = Readonly<Record<string, unknown>>;
const read = (name: string) => JSON.parse(readFileSync(new URL(`../../../themes/${name}.json`, import.meta.url), 'utf8'));
const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The words of JSON Schema that ours uses; any other is refused, so that none can be without effect. */
const WORDS: Readonly<Record<string, (rule: never, value: unknown, schema: Json) => boolean>> = {
  $ref: (ref: string, value) => fits((THEME_SCHEMA.$defs as Json)[ref.replace('#/$defs/', '')] as Json, value),
  type: (type: string, value) => (type === 'object' ? isRecord(value) : typeof value === type),
  enum: (list: readonly unknown[], value) => list.includes(value),
  pattern: (pattern: string, value) => typeof value !== 'string' || new RegExp(pattern, 'u').test(value),
  required: (keys: readonly string[], value) => !isRecord(value) || keys.every((key) => Object.hasOwn(value, key)),
  anyOf: (list: readonly Json[], value) => list.some((one) => fits(one, value)),
  properties: (of: Readonly<Record<string, Json>>, value) =>
    !isRecord(value) || Object.entries(value).every(([key, part]) => of[key] === undefined || fits(of[key], part)),
  additionalProperties: (rule: Json | false, value, schema) => {
    const known = isRecord(schema['properties']) ? schema['properties'] : {};
    const others = isRecord(value) ? Object.entries(value).filter(([key]) => !Object.hasOwn(known, key)) : [];
    return rule === false ? others.length === 0 : others.every(([, part]) => fits(rule, part));
  },
};
const SAID_ONLY = ['$schema', '$defs', 'title', 'description'];

function fits(schema: Json, value: unknown): boolean {
  return Object.entries(schema).every(([word, rule]) => {
    if (SAID_ONLY.includes(word)) return true;
    const holds = WORDS[word];
    if (holds === undefined) throw new Error(`The schema uses ${word}, which this test does not know`);
    return holds(rule as never, value, schema);
  });
}

function accepts(value: unknown): boolean {
  try {
    checkTheme(value);
    return true;
  } catch {
    return false;
  }
}

test('the schema beside the themes is the one that is made of the lists', () => {
  expect(read('skin.schema')).toEqual(JSON.parse(JSON.stringify(THEME_SCHEMA)));
});

test.each(THEME_NAMES)('%s names the schema, fits it and is accepted', (name) => {
  expect(read(name).$schema).toBe('skin.schema.json');
  expect(fits(THEME_SCHEMA, read(name))).toBe(true);
  expect(accepts(read(name))).toBe(true);
});

/** Every value in a theme put in the place of every other, and every key left out or added. */
function* changed(value: unknown, root: unknown = value, path: readonly string[] = []): Generator<unknown> {
  const put = (at: readonly string[], change: (holder: Record<string, unknown>, key: string) => unknown): unknown => {
    const copy = structuredClone(root) as Record<string, unknown>;
    const holder = at.slice(0, -1).reduce((one, key) => one[key] as Record<string, unknown>, copy);
    change(holder, at.at(-1) ?? '');
    return copy;
  };
  if (path.length > 0) {
    yield put(path, (holder, key) => delete holder[key]);
    for (const other of [null, true, 0, '', 'Xx!', '#12345g', '#12345', '#AbCdEf', 'red', 'bright-red', [], {}, { rgb: '#000000' }])
      yield put(path, (holder, key) => Object.assign(holder, { [key]: other }));
  }
  if (!isRecord(value)) return;
  for (const key of ['$schema', 'blink', 'bold', 'zz'])
    yield put([...path, key], (holder, name) => Object.assign(holder, { [name]: 'red' }));
  for (const [key, part] of Object.entries(value)) yield* changed(part, root, [...path, key]);
}

/** What only the check can know: whether a role's colour is one of the palette. */
function namesNoColor(theme: unknown): boolean {
  if (!isRecord(theme) || !isRecord(theme['roles']) || !isRecord(theme['palette'])) return false;
  const { palette, roles } = theme as { palette: Json; roles: Json };
  return Object.values(roles).some(
    (look) => isRecord(look) && ['fg', 'bg'].some((layer) => typeof look[layer] === 'string' && !Object.hasOwn(palette, look[layer])),
  );
}

test('what is changed in a theme is refused by both or by none', () => {
  const attributes = Object.fromEntries(ATTRIBUTES.map((attribute) => [attribute, true]));
  const roles = Object.fromEntries(ROLES.map((role) => [role, role === 'alarm' ? { fg: 'red', bg: 'own', ...attributes } : {}]));
  const theme = { $schema: 'x', name: 'mine', palette: { red: 'red', own: { rgb: '#123456', ansi: 'blue' } }, roles };
  const counts = { accepted: 0, refused: 0 };
  for (const one of changed(theme)) {
    if (namesNoColor(one)) expect(accepts(one), JSON.stringify(one)).toBe(false);
    else expect(fits(THEME_SCHEMA, one), JSON.stringify(one)).toBe(accepts(one));
    counts[accepts(one) ? 'accepted' : 'refused']++;
  }
  expect(counts.accepted).toBeGreaterThan(10);
  expect(counts.refused).toBeGreaterThan(100);
});

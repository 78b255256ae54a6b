// The parameter table as a table: whatever it holds, each entry reads, prints, comes back and explains itself.
import { describe, expect, test } from 'vitest';
import { SET_OPTIONS } from '../../src/cli/commands/set.ts';
import { idleLines, restartReasons } from '../../src/engine/ct/set-live.ts';
import { parseConf } from '../../src/engine/spec/conf.ts';
import { LIST_FIELDS } from '../../src/engine/spec/list-fields.ts';
import { enforcerText } from '../../src/engine/spec/params/enforcer.ts';
import { readConf, saveConf } from '../../src/engine/spec/params/read.ts';
import { PARAMS, paramOf, sectionOf } from '../../src/engine/spec/params/table.ts';
import type { Param } from '../../src/engine/spec/params/types.ts';
import { fixedBecause } from '../../src/tui/forms/parameter-form.ts';
import { AROUND } from '../engine/spec/around.ts';

/** Value → line of a config → value. */
function throughConf(param: Param, value: string): string | undefined {
  return readConf(saveConf('', new Map(), new Map([[param.key, value]])), 'F', AROUND).values.get(param.key);
}

/** Texts that any option may be given; seeded, so that a failure comes again. */
function* randomTexts(count: number): Generator<string> {
  let seed = 42;
  const next = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const alphabet = '0123456789:.,-/+ KMGTPB%"\\$`=;#abcdefxyzunlimitedallonyesc_ü';
  for (let n = 0; n < count; n++) yield Array.from({ length: next(12) }, () => alphabet[next(alphabet.length)]).join('');
}

describe.each(PARAMS.map((param) => [param.key, param] as const))('%s', (key, param) => {
  test('explains itself', () => {
    expect(param.help).toMatch(/^[^.]{4,}$/);
    expect(param.grammar.hint).not.toBe('');
    for (const flag of param.flags) expect((flag.help ?? param.help).length).toBeGreaterThan(4);
  });

  test('says who holds a container to it, or why nobody does', () => {
    const { enforcer, effect } = param;
    expect(enforcer.how).toMatch(/.[^.]$/);
    if (enforcer.by === 'cgroup') expect(enforcer.files).toBeDefined();
    if (enforcer.by !== 'cgroup' && enforcer.by !== 'kernel') expect(enforcer.files).toBeUndefined();
    // what nobody enforces acts on nothing, unless being kept and shown is all that it is for
    if (enforcer.by === 'nobody') expect(effect === 'none' || param.acts === 'stored').toBe(true);
    for (const version of [undefined, 1, 2] as const) expect(enforcerText(enforcer, version)).toContain(enforcer.by);
  });

  test('its examples come back as they are', () => {
    expect(param.grammar.examples.length).toBeGreaterThan(0);
    for (const value of param.grammar.examples) {
      const reading = (param.grammar.readFile ?? param.grammar.read)(value, AROUND);
      expect(reading).toMatchObject({ ok: true, value });
      expect(throughConf(param, value)).toBe(value);
    }
  });

  test('whatever an option accepts is kept, read again and is the same', () => {
    for (const flag of param.flags) {
      const grammar = flag.grammar ?? param.grammar;
      for (const text of [...randomTexts(400), ...grammar.examples]) {
        const reading = grammar.read(text, AROUND);
        if (!reading.ok || flag.op !== 'set') continue;
        const value = param.grammar.merge ? reading.value.replace(/\S+:none ?/g, '').trim() : reading.value;
        if (key.startsWith('VE_') && value.endsWith('/')) continue;
        expect(throughConf(param, value), `${text} → ${value}`).toBe(value);
      }
    }
  });

  test('its line is one line, with nothing that a shell would run', () => {
    for (const text of randomTexts(200)) {
      const reading = param.grammar.read(text, AROUND);
      if (!reading.ok) continue;
      const line = saveConf('', new Map(), new Map([[key, reading.value]]));
      expect(line.match(/\n/g)?.length ?? 0).toBeLessThanOrEqual(1);
      expect(line.replace(/\\./g, '')).not.toMatch(param.grammar.expands ? /`/ : /[`$]/);
      expect(parseConf(line).faults).toEqual([]);
    }
  });

  test('is found by its key and its aliases, and has a section', () => {
    for (const name of [key, ...(param.aliases ?? [])]) expect(paramOf(name)).toBe(param);
    expect(sectionOf(param)).not.toBe('');
  });

  test('the field that shows it exists', () => {
    if (param.field) expect(LIST_FIELDS.map((field) => field.name)).toContain(param.field);
  });
});

test('no two parameters share a key, no two options a name or a letter', () => {
  const keys = PARAMS.flatMap((param) => [param.key, ...(param.aliases ?? [])]);
  const flags = PARAMS.flatMap((param) => param.flags);
  const letters = flags.flatMap((flag) => flag.short ?? []);
  for (const names of [keys, flags.map((flag) => flag.name), letters])
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

/** Options of create only. */
const CREATE_ONLY = new Set(['layout', 've_layout', 'velayout', 'local_uid', 'local_gid']);

test('every option of the table is one of vzctl set, once, but for those of create', () => {
  const offered = SET_OPTIONS.map((option) => option.name);
  const table = PARAMS.flatMap((param) => param.flags.map((flag) => flag.name)).filter((name) => !CREATE_ONLY.has(name));
  expect(table.filter((name) => !offered.includes(name))).toEqual([]);
  expect(new Set(offered).size).toBe(offered.length);
});

test('what waits for a restart says so, and what nothing acts on says why', () => {
  for (const { key, acts, effect, enforcer, grammar, flags } of PARAMS.filter((param) => param.flags.length > 0)) {
    const values = ['', ...grammar.examples];
    const told = values.some((a) => values.some((b) => restartReasons(new Map([[key, a]]), new Map([[key, b]])).length > 0));
    expect(told, `${key}, ${flags[0]?.name}`).toBe(acts === 'restart');
    const idle = acts === 'live' && effect === 'none';
    expect(
      idleLines(new Map([[key, values[1] ?? '']])).some((line) => line.includes(enforcer.how)),
      key,
    ).toBe(idle);
  }
});

test('every option that the manager’s form writes is one of vzctl set', () => {
  const known = new Set(SET_OPTIONS.map(({ name }) => name));
  for (const param of PARAMS.filter((one) => fixedBecause(one) === null))
    for (const { name } of param.flags) expect(known, `--${name} of ${param.key}`).toContain(name);
});

import { describe, expect, test } from 'vitest';
import { keysFor } from '../../../src/tui/keys/action.ts';
import { NO_BINDINGS } from '../../../src/tui/keys/bindings.ts';
import { worksIn } from '../../../src/tui/keys/dispatch.ts';
import { parseWithLines } from '../../../src/tui/keys/json-lines.ts';
import { MODES } from '../../../src/tui/keys/mode.ts';
import { readBindings } from '../../../src/tui/keys/read-bindings.ts';
import { KEYS, tableOf } from '../../../src/tui/keys/table.ts';

const read = (text: string) => readBindings(text, 'keys.json');
const keysOf = (text: string, action: string): readonly string[] | undefined => tableOf(read(text)).rows[action]?.keys;

describe('lines of JSON', () => {
  test('are those on which the parts begin', () => {
    const { lineOf } = parseWithLines('{\n "a": {\n  "b": [1,\n   {"c": "x:\\"y,"}]\n },\n "d": 2 }');
    expect(['a', 'a.b', 'a.b.0', 'a.b.1', 'a.b.1.c', 'd', 'a.missing', 'nothing'].map(lineOf)).toEqual([2, 3, 3, 4, 4, 6, 2, 1]);
  });
});

describe('other keys', () => {
  test('replace those of the table, several of them', () => {
    expect(keysOf('{"keys": {"stop": ["ctrl-k", "f9"]}}', 'stop')).toEqual(['ctrl-k', 'f9']);
    expect(keysOf('{"keys": {"stop": "ctrl-k"}}', 'start')).toEqual(KEYS.start.keys);
  });

  test('may change places', () => {
    const text = '{"keys": {"stop": "X", "kill": "x"}}';
    expect(read(text).faults).toEqual([]);
    expect([keysOf(text, 'stop'), keysOf(text, 'kill')]).toEqual([['X'], ['x']]);
  });

  test.each([
    ['{"keys": {\n"stopp": "x"}}', 'keys.json, line 2: there is no action "stopp"; docs/reference/keys.md lists them'],
    ['{"keys": {"stop":\n "s"}}', 'keys.json, line 1: s is taken by "start" in table; its own keys stay'],
    ['{"keys": {"stop": "Q",\n"start": "Q"}}', 'keys.json, line 2: Q is taken by "stop" in table; its own keys stay'],
    ['{"keys": {"stop": "ctrl-]"}}', 'is the terminal'],
    ['{"keys": {"stop": []}}', 'no key is given'],
    ['{"keys": {"stop": "hello"}}', 'hello is no key'],
    ['{"keys": {\n\n"stop": 7}}', 'keys.json, line 3: it is no key'],
    ['{"keys": {"stop": "Q"},\n}', 'keys.json, line 2: '],
    ['[]', 'expected {"keys": {…}, "commands": […]}'],
    ['{"key": {}}', '"key" is not known'],
  ])('that can not be are told with their line: %s', (text, said) => {
    const { faults } = read(text);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(said);
    expect(keysOf(text, text.includes('"stop": "Q"') && !text.includes(',\n}') ? 'start' : 'stop')).toEqual(
      text.includes('"stop": "Q"') && !text.includes(',\n}') ? KEYS.start.keys : KEYS.stop.keys,
    );
  });

  test('of a wish that gives way free nobody else: whoever counted on them gives way as well', () => {
    // stop wants kill's key and kill one that is taken: kill keeps X, so stop keeps x.
    const { bindings, faults } = read('{"keys": {"stop": "X", "kill": "s"}}');
    expect(faults).toHaveLength(2);
    expect(bindings.keys.size).toBe(0);
  });

  test.each(['', null, '{}'])('are none without a file or in an empty one', (text) => {
    expect(readBindings(text, 'keys.json')).toMatchObject({ faults: [] });
  });
});

describe('own commands', () => {
  const command = (fields: string): string => `{"commands": [\n{"name": "mine", "run": "true", ${fields}}]}`;

  test('are rows of the table: changing unless they say otherwise', () => {
    const { rows } = tableOf(read(command('"keys": "U", "label": "do mine"')));
    expect(rows['own:mine']).toMatchObject({ keys: ['U'], label: 'do mine', changes: true });
    expect(tableOf(read(command('"reads": true'))).rows['own:mine']?.changes).toBeUndefined();
  });

  test('are offered where there is a container to be about', () => {
    const about = tableOf(
      read(
        '{"commands": [{"name": "a", "run": "echo {name}"}, {"name": "b", "run": "uptime"}, {"name": "c", "run": "id", "in": "container"}]}',
      ),
    ).rows;
    expect(about['own:a']?.when).toEqual(expect.arrayContaining(['table', 'container', 'trouble']));
    expect(about['own:b']?.when).toContain('tasks');
    expect(about['own:c']?.when).not.toContain('tasks');
  });

  test.each([
    ['{"commands": [{"name": "A"}]}', '"name" must be'],
    ['{"commands": [{"name": "a", "run": "echo \'"}]}', '"run" must be'],
    ['{"commands": [{"name": "a", "run": "echo {nmae}"}]}', 'there is no {nmae}; known are {ctid}'],
    ['{"commands": [{"name": "a", "run": "sh -c \'echo {name}\'"}]}', 'would be read as script'],
    ['{"commands": [{"name": "a", "run": "x", "in": "moon"}]}', '"in" must be'],
    ['{"commands": [{"name": "a", "run": "x", "where": ["moon"]}]}', '"where" must be of table'],
    ['{"commands": [{"name": "a", "run": "x", "danger": "yes"}]}', '"danger" must be true or false'],
    ['{"commands": [{"name": "a", "run": "x", "ask": "What?"}]}', '"ask" is what {answer}'],
    ['{"commands": [{"name": "a", "run": "x {answer}"}]}', '"ask" is what {answer}'],
    ['{"commands": {}}', '"commands" must be a list'],
  ])('that are wrong are told and left out: %s', (text, said) => {
    const { bindings, faults } = read(text);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(said);
    expect(bindings.own).toEqual([]);
  });

  test('that want a key that is taken have none', () => {
    const { bindings, faults } = read(command('"keys": ["s"]'));
    expect(faults).toEqual(['keys.json, line 2: s is taken by "start" in table; it has no key now, : finds it']);
    expect(bindings.own).toMatchObject([{ name: 'mine', keys: [] }]);
  });
});

test('whatever the file says, no key means two things', () => {
  const actions = Object.keys(KEYS);
  const keys = [...new Set(Object.values(KEYS).flatMap((row) => row.keys))];
  let seed = 7;
  const next = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return seed % below;
  };
  for (let round = 0; round < 60; round++) {
    const wishes = Object.fromEntries(
      Array.from({ length: 6 }, () => [actions[next(actions.length)], [keys[next(keys.length)], keys[next(keys.length)]]]),
    );
    const own = [{ name: 'mine', run: 'echo {name}', keys: [keys[next(keys.length)]] }];
    const { rows } = tableOf(read(JSON.stringify({ keys: wishes, commands: own })));
    for (const mode of MODES) {
      const taken = Object.values(rows).flatMap((row) =>
        row.when.includes(mode) ? keysFor(row, mode).filter((key) => worksIn(key, mode)) : [],
      );
      expect(new Set(taken).size, JSON.stringify(wishes)).toBe(taken.length);
    }
  }
  expect(tableOf({ bindings: NO_BINDINGS }).rows['stop']?.keys).toEqual(KEYS.stop.keys);
});

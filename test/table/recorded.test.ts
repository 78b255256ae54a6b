// What the original made of values, from its recorded runs: each option takes and refuses the same, and stores the same text.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseConf } from '../../src/engine/spec/conf.ts';
import { applyChanges, saveConf } from '../../src/engine/spec/params/read.ts';
import { flagOf } from '../../src/engine/spec/params/table.ts';
import { AROUND } from '../engine/spec/around.ts';

type Taken = string | readonly [given: string, stored: string];
const TEXT = readFileSync(new URL('recorded-values.txt', import.meta.url), 'utf8');
const RECORDED = [...TEXT.matchAll(/^([a-z]\S*)\n {2}takes (.*)(?:\n {2}refuses (.*))?$/gm)].map(
  ([, option = '', takes = '[]', refuses = '[]']) => ({
    option,
    takes: JSON.parse(takes) as readonly Taken[],
    refuses: JSON.parse(refuses) as readonly string[],
  }),
);

/** Text between the quotes of the written line; null when nothing is written. */
function stored(option: string, value: string): string | null {
  const found = flagOf(option);
  if (!found) throw new Error(`--${option} is not in the table`);
  const { param, flag } = found;
  const reading = (flag.grammar ?? param.grammar).read(value, AROUND);
  if (!reading.ok) throw new Error('refused');
  const { values, refusal } = applyChanges(new Map(), new Map([[param.key, { [flag.op]: reading.value }]]), 101, AROUND);
  expect(refusal).toBe('');
  return parseConf(saveConf('', new Map(), values)).lines[0]?.value ?? null;
}

test('the record is there', () => expect(RECORDED.flatMap((r) => [...r.takes, ...r.refuses]).length).toBeGreaterThan(800));

describe.each(RECORDED.map((r) => [r.option, r] as const))('--%s', (option, { takes, refuses }) => {
  test('takes and stores', () => {
    for (const one of takes) {
      const [given, written] = typeof one === 'string' ? [one, one] : one;
      // hardware addresses are made from that of the node's first card
      if (/mac=/.test(written) && !given.includes(':')) continue;
      expect([given, stored(option, given)]).toEqual([given, written]);
    }
  });
  if (refuses.length > 0) {
    test('refuses', () => {
      for (const given of refuses) expect(() => stored(option, given), JSON.stringify(given)).toThrow('refused');
    });
  }
});

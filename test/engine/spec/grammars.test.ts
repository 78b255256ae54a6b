// Each grammar against the original's, on 10,000 random values: the same are taken and refused, and what is stored is the same; and whatever
// is stored comes back the same from a config. The seed changes daily and is told; VZDECK_SEED repeats one.
import { describe, expect, test } from 'vitest';
import { readConf, saveConf } from '../../../src/engine/spec/params/read.ts';
import { flagOf } from '../../../src/engine/spec/params/table.ts';
import { AROUND } from './around.ts';
import { ORIGINAL } from './original.ts';
import { type Random, SEED, seeded } from './seeded.ts';

const VALUES = 10_000;
const LETTERS = '0123456789.:,-+% kKmMgGtTpPbBunlimtedaoffyesrwq_';

/** What a hand may make of a value: as it is, slips, pieces of two, or anything. */
function typed(random: Random, words: readonly string[]): string {
  let text = random.pick(words);
  if (random.below(12) === 0) return random.text(LETTERS, 8);
  if (random.below(5) === 0) text += random.pick([':', ',', ' ', '']) + random.pick(words);
  for (let slips = random.below(4); slips > 1; slips--) {
    const at = random.below(text.length + 1);
    text = text.slice(0, at) + random.text(LETTERS, 2) + text.slice(at + random.below(3));
  }
  return text;
}

describe.each(Object.entries(ORIGINAL))(`--%s, seed ${SEED}`, (option, { judge, typed: words }) => {
  test('takes, refuses and stores as the original does', () => {
    const found = flagOf(option);
    if (!found) throw new Error(`--${option} is not in the table`);
    const { param, flag } = found;
    const random = seeded(SEED ^ [...option].reduce((sum, c) => sum * 31 + c.charCodeAt(0), 7));
    const counts = { taken: 0, refused: 0 };
    for (let n = 0; n < VALUES; n++) {
      const text = typed(random, words);
      const wanted = judge(text);
      const reading = (flag.grammar ?? param.grammar).read(text, AROUND);
      const got = reading.ok ? reading.value : null;
      counts[got === null ? 'refused' : 'taken']++;
      if (got !== wanted) expect({ seed: SEED, text, got }).toEqual({ seed: SEED, text, got: wanted });
      if (got === null) continue;
      const back = readConf(saveConf('', new Map(), new Map([[param.key, got]])), 'F', AROUND).values.get(param.key);
      if (back !== got) expect({ seed: SEED, text, back }).toEqual({ seed: SEED, text, back: got });
    }
    expect(counts.taken).toBeGreaterThan(VALUES / 20);
    expect(counts.refused).toBeGreaterThan(VALUES / 20);
  });
});

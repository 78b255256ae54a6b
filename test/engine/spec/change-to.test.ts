// From a value to the change and the options that lead to it, and back: what a form writes is what vzctl set reads.
import { describe, expect, test } from 'vitest';
import { amountText, changeTo, optionsOf, setFlag, setLine, valueText } from '../../../src/engine/spec/params/change-to.ts';
import { applyChanges } from '../../../src/engine/spec/params/read.ts';
import { flagOf, PARAMS, paramOf } from '../../../src/engine/spec/params/table.ts';
import { UNLIMITED } from '../../../src/engine/spec/units.ts';
import { AROUND } from './around.ts';

const param = (key: string) => paramOf(key)!;
const ID = 101;

describe('a value as a person writes it', () => {
  test.each([
    ['PHYSPAGES', '0:65536', '256M'],
    ['PHYSPAGES', '10:65537', '40K:262148K'],
    ['PRIVVMPAGES', '65536:69632', '256M:272M'],
    ['NUMPROC', '240', '240'],
    ['KMEMSIZE', '14372700:14790164', '14372700:14790164'],
    ['VMGUARPAGES', '33792:unlimited', '132M:unlimited'],
    ['DISKSPACE', '2097152:2306867', '2G:2306867K'],
    ['IOLIMIT', '10485761', '10485761B'],
    ['IOLIMIT', '10485760', '10M'],
    ['CPULIMIT', '50', '50'],
    ['HOSTNAME', 'a b', 'a b'],
  ])('%s=%s is %s, and is read back as it was', (key, value, text) => {
    expect(valueText(param(key), value)).toBe(text);
    const flag = setFlag(param(key), text);
    const reading = (flag?.grammar ?? param(key).grammar).read(text, AROUND);
    expect(reading).toMatchObject({ ok: true, value });
  });

  test('every example of every grammar comes back from its text', () => {
    for (const one of PARAMS.filter(({ flags }) => flags.some(({ op }) => op === 'set')))
      for (const example of one.grammar.examples) {
        const first = one.grammar.read(example, AROUND);
        if (!first.ok) continue;
        const text = valueText(one, first.value);
        const again = (setFlag(one, text)?.grammar ?? one.grammar).read(text, AROUND);
        // RAM and swap are limits: a barrier of the same amount is none.
        const same = first.value === (again.ok ? again.value : '') || valueText(one, again.ok ? again.value : '') === text;
        expect(same, `${one.key} ${example} ${text}`).toBe(true);
      }
  });

  test('what is no limit says so', () => {
    expect(amountText(UNLIMITED, 'pages')).toBe('unlimited');
    expect(amountText(0n, 'pages')).toBe('0');
  });
});

describe('the change that leads to a value', () => {
  test.each([
    ['NUMPROC', '60', '120', { set: '120' }],
    ['IP_ADDRESS', undefined, '10.0.0.1', { add: '10.0.0.1' }],
    ['IP_ADDRESS', '10.0.0.1 10.0.0.2', '10.0.0.2 10.0.0.3', { del: '10.0.0.1', add: '10.0.0.3' }],
    ['IP_ADDRESS', '10.0.0.1', '', { del: '10.0.0.1' }],
    ['NETDEV', 'eth1 eth2', 'eth2', { del: 'eth1' }],
    ['FEATURES', 'nfs:on', 'nfs:off', { set: 'nfs:off' }],
    ['DEVICES', 'c:10:200:rw b:8:all:r', 'b:8:all:r', { set: 'c:10:200:none' }],
  ] as const)('%s from %s to %s', (key, before, wanted, expected) => {
    const change = changeTo(param(key), before, wanted, ID, AROUND);
    expect(change).toEqual(expected);
    const stored = new Map(before === undefined ? [] : [[key as string, before as string]]);
    const { values } = applyChanges(stored, new Map([[key as string, change!]]), ID, AROUND);
    expect(values.get(key)).toBe(wanted);
  });

  test('is none where no option takes a word away, and for what the engine writes itself', () => {
    expect(changeTo(param('FEATURES'), 'nfs:on sit:on', 'sit:on', ID, AROUND)).toBeNull();
    expect(changeTo(param('ORIGIN_SAMPLE'), 'light', 'basic', ID, AROUND)).toBeNull();
  });
});

describe('the line for a shell', () => {
  test('asks in the order of the table, quoted', () => {
    const changes = new Map([
      ['HOSTNAME', { set: "it's" }],
      ['PHYSPAGES', { set: '0:131072' }],
      ['IP_ADDRESS', { add: '10.0.0.2', del: '10.0.0.1' }],
    ]);
    expect(setLine(ID, changes, true)).toBe("vzctl set 101 --ram 512M --ipdel 10.0.0.1 --ipadd 10.0.0.2 --hostname 'it'\\''s' --save");
    for (const [key, change] of changes) for (const [name] of optionsOf(key, change)) expect(flagOf(name)?.param.key).toBe(key);
  });
});

// The rules of vzcfgvalidate(8): each is found where it is broken, said in the original's words, and mended by its repair.
import { describe, expect, test } from 'vitest';
import { readConf } from '../../../src/engine/spec/params/read.ts';
import { printPair } from '../../../src/engine/spec/units.ts';
import { findingsIn, type NodeSize, rulesFor, validation } from '../../../src/engine/spec/validate/rules.ts';
import { SAMPLES } from '../../../src/engine/store/samples.ts';
import { AROUND } from './around.ts';

const SIZE: NodeSize = { ram: 1_000_000n, swap: 500_000n };
const sample = (name: string): Map<string, string> => new Map(readConf(SAMPLES.get(name)!, name, AROUND).values);
const basic = (other: Readonly<Record<string, string>> = {}): Map<string, string> =>
  new Map([...sample('basic'), ...Object.entries(other)]);

test.each([...SAMPLES.keys()])('the sample %s keeps them', (name) => {
  expect(findingsIn(sample(name), null).filter(({ severity }) => severity !== 'Recommendation')).toEqual([]);
});

describe('one that is broken', () => {
  test.each([
    ['NUMPROC', '200:240', 'Error: barrier should be equal to limit for numproc (currently, 200:240)', '240'],
    ['LOCKEDPAGES', '5:4', 'Error: barrier should be <= limit for lockedpages (currently, 5:4)', '5'],
    ['PHYSPAGES', '1:unlimited', 'Error: barrier should be = 0 for physpages (currently, 1)', '0:unlimited'],
    ['DGRAMRCVBUF', '32768:262144', 'Recommendation: dgramrcvbuf.bar should be > 132096 (currently, 32768)', '132096:361472'],
    ['NUMFLOCK', '206:188', 'Error: barrier should be <= limit for numflock (currently, 206:188)', '206'],
    ['OOMGUARPAGES', '26112', 'Error: limit should be = 9223372036854775807 for oomguarpages (currently, 26112)', '26112:unlimited'],
    ['DCACHESIZE', '3409920:3500000', 'Warning: dcachesize.lim should be > 3575808 (currently, 3500000)', '3409920:3575808'],
    [
      'TCPSNDBUF',
      '1720320:2000000',
      'Error: tcpsndbuf.lim-tcpsndbuf.bar should be > 921600 (currently, 2000000-1720320=279680)',
      '1720320:2641920',
    ],
    ['TCPRCVBUF', '60000:2703360', 'Warning: tcprcvbuf.bar should be > 65536 (currently, 60000)', '65536:2708896'],
    ['NUMFILE', '1000', 'Warning: numfile should be > 5760 (currently, 1000)', '5760'],
    ['KMEMSIZE', '1000000:1100000', 'Error: kmemsize.bar should be > 10997760 (currently, 1000000)', '10997760:11097760'],
    ['PRIVVMPAGES', '30000:31000', 'Warning: privvmpages.bar should be > 33792 (currently, 30000)', '33792'],
  ])('%s=%s', (key, value, text, mended) => {
    const found = findingsIn(basic({ [key]: value }), SIZE).find(({ names }) => names[0] === key.toLowerCase())!;
    expect(`${found.severity}: ${found.text}`).toBe(text);
    expect(printPair(found.repair)).toBe(mended);
    const again = findingsIn(basic({ [key]: mended }), SIZE).filter(({ names }) => names[0] === key.toLowerCase());
    expect(again.map((one) => one.text)).not.toContain(found.text);
  });

  test('of RAM and swap has rules of its own', () => {
    const values = new Map([...sample('vswap-512m'), ['PHYSPAGES', '5:2000000']]);
    expect(findingsIn(values, SIZE).map(({ severity, text }) => `${severity}: ${text}`)).toEqual([
      'Error: physpages.bar should be = 0 (currently, 5)',
      'Warning: physpages.lim should be <= 1000000 (currently, 2000000)',
    ]);
    expect(rulesFor(true)).toHaveLength(4);
  });

  test('what is not said breaks no rule', () => {
    const values = basic();
    values.delete('NUMFILE');
    values.delete('AVNUMPROC');
    expect(findingsIn(values, SIZE).filter(({ names }) => names.includes('numfile'))).toEqual([]);
  });

  test('of an unknown node nothing is too large', () => {
    const values = new Map([...sample('vswap-1g'), ['PHYSPAGES', '0:9000000000']]);
    expect(findingsIn(values, null)).toEqual([]);
  });
});

/** Texts in the order in which they come, everything mended. */
function validated(values: ReadonlyMap<string, string>, mend: boolean, vswap = false): readonly string[] {
  const steps = validation(values, SIZE, vswap);
  const texts: string[] = [];
  for (let at = steps.next(); ; at = steps.next(mend)) {
    if (at.done) return [...texts, [...at.value].map(([name, pair]) => `${name}=${printPair(pair)}`).join(' ')];
    texts.push('missing' in at.value ? `no ${at.value.missing}` : at.value.found.text);
  }
}

describe('one after another', () => {
  test('what is mended counts for the rules that follow', () => {
    const values = basic({ DGRAMRCVBUF: '100:50', NUMTCPSOCK: '360:400' });
    expect(validated(values, true)).toEqual([
      'barrier should be equal to limit for numtcpsock (currently, 360:400)',
      'barrier should be <= limit for dgramrcvbuf (currently, 100:50)',
      'tcpsndbuf.lim-tcpsndbuf.bar should be > 1024000 (currently, 2703360-1720320=983040)',
      'tcprcvbuf.lim-tcprcvbuf.bar should be > 1024000 (currently, 2703360-1720320=983040)',
      'dgramrcvbuf.bar should be > 32768 (currently, 100)',
      'numtcpsock=400 dgramrcvbuf=32768 tcpsndbuf=1720320:2744320 tcprcvbuf=1720320:2744320',
    ]);
    expect(validated(values, false).at(-1)).toBe('');
  });

  test('without one that it needs it looks no further; others are named where they are looked at', () => {
    const values = basic();
    values.delete('NUMPTY');
    values.delete('NUMFLOCK');
    expect(validated(values, true)).toEqual(['no numpty', '']);
    expect(validated(values.set('NUMPTY', '16'), true)).toEqual(['no numflock', '']);
    expect(validated(new Map(), true, true)).toEqual(['no physpages', 'no swappages', '']);
  });
});

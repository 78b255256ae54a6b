import { describe, expect, test } from 'vitest';
import type { CtSample } from '../../../src/engine/index.ts';
import { readAmount } from '../../../src/tui/store/amount.ts';
import { FILTER_EXAMPLES, filterOf, readFilter } from '../../../src/tui/store/filter.ts';
import { MIB, sampleOf, stoppedOf } from '../fake-engine.ts';
import { freshSeed, random } from '../screen/random.ts';

const ROWS: readonly CtSample[] = [
  stoppedOf(9),
  sampleOf(101, {
    name: 'web',
    hostname: 'web.example.org',
    ips: ['10.0.0.101', 'fd00::65'],
    numproc: { held: 60, limit: 60, failcnt: 4 },
    memory: { held: 200 * MIB, limit: 256 * MIB, failcnt: 0 },
    cpu: 12,
    uptime: 90,
    fields: { 'kmemsize.f': 3, 'physpages.l': 2n ** 63n - 1n, onboot: 'yes' },
  }),
  sampleOf(102, {
    name: 'my web shop',
    ips: ['10.1.0.2'],
    uptime: 3 * 86_400,
    memory: { held: 64 * MIB, limit: null, failcnt: 0 },
    fields: { onboot: 'no' },
  }),
  stoppedOf(103, { name: 'db', trouble: 'Init exited with 127', layout: 'overlay' }),
  sampleOf(104, { state: 'frozen', unattended: true, description: 'of Ann' }),
];
const kept = (text: string): readonly number[] => ROWS.filter(readFilter(text).test).map((row) => row.id);

describe('a filter', () => {
  test.each([
    // words
    ['', [9, 101, 102, 103, 104]],
    ['   ', [9, 101, 102, 103, 104]],
    ['WEB', [101, 102]],
    ['web shop', [102]],
    ['shop web', [102]],
    ['"web shop"', [102]],
    ['"web sh', [102]],
    ['ann', [104]],
    ['failed', [103]],
    ['10.0.0', [101]],
    ['fd00::65', [101]],
    ['web db', []],
    // negation
    ['!web', [9, 103, 104]],
    ['!"my web"', [9, 101, 103, 104]],
    ['!', [9, 101, 102, 103, 104]],
    ['!state:running', [9, 103, 104]],
    ['!fd00::65', [9, 102, 103, 104]],
    // texts
    ['state:running', [101, 102]],
    ['status:run', [101, 102]],
    ['state:failed', [103]],
    ['state:stopped', [9, 103]],
    ['state=unattended', [104]],
    ['state:stopped,frozen', [9, 103, 104]],
    ['state!=stopped', [101, 102, 104]],
    ['name~web', [101, 102]],
    ['NAME:web', [101, 102]],
    ['name=web', [101, 102]],
    ['name="my web shop"', [102]],
    ['name:"web shop"', [102]],
    ['name:eb', []],
    ['ip:10.0', [101]],
    ['ip_addr:fd00', [101]],
    ['ip:0.0', []],
    ['ip:none', [9, 103, 104]],
    ['!ip:none', [101, 102]],
    ['template:busybox layout:overlay', [103]],
    ['onboot:yes', [101]],
    // figures
    ['nproc>=50', [101]],
    ['numproc=8', [102, 104]],
    ['nproc!=8', [9, 101, 103]],
    ['nproc>80%', [101]],
    ['nproc<=10%', [102, 104]],
    ['mem>70%', [101]],
    ['mem>0%', [101, 104]],
    ['mem>=64M', [101, 102]],
    ['memory<.1G', [102, 104]],
    ['cpu>10', [101]],
    ['cpu>10%', [101]],
    ['up<2m', [101, 104]],
    ['uptime>=3d', [102]],
    ['failcnt>0', [101]],
    ['kmemsize.f>0', [101]],
    ['physpages.l=unlimited', [101]],
    ['ctid:101-103', [101, 102, 103]],
    ['ctid:9,104', [9, 104]],
    ['id~10', [101, 102, 103, 104]],
    ['mem:60M-70M', [102]],
    ['web nproc>50 !state:frozen', [101]],
  ])('%j keeps %j', (text, expected) => {
    expect(kept(text)).toEqual(expected);
    expect(readFilter(text).fault).toBe('');
  });

  test.each([
    ['foo:bar', 'No column is called foo'],
    ['hostn:bar', 'No column is called hostn; hostname?'],
    ['mem>', 'MEM > what? A size: 64M, 1.5G, or 80% of its limit'],
    ['state:', 'STATUS : what? A text'],
    ['mem>much', 'MEM > much? A size: 64M, 1.5G, or 80% of its limit'],
    ['failcnt>80%', 'FAILCNT > 80%? A number: 60'],
    ['up>3y', 'UP > 3y? A time: 90s, 2h, 3d'],
    ['name>5', 'NAME is no figure: it takes : ~ = and !='],
    ['ctid:101-x', 'CTID <= x? A number: 60'],
    ['cpu>=!', 'CPU >= !? Percent: 50'],
  ])('%j: %s, and the rest goes on', (text, fault) => {
    expect(readFilter(text).fault).toBe(fault);
    expect(kept(text)).toHaveLength(ROWS.length);
    expect(kept(`${text} web`)).toEqual([101, 102]);
    expect(kept(`!${text}`)).toHaveLength(ROWS.length);
  });

  test('asks for columns that no row may carry yet', () => {
    expect(readFilter('web kmemsize.f>0 !onboot:yes').columns).toEqual(['kmemsize.f', 'onboot']);
  });

  test('is read once for a text', () => {
    expect(filterOf('web')).toBe(filterOf('web'));
  });

  test.each(FILTER_EXAMPLES)('is as help says: %s', (text) => {
    expect(readFilter(text)).toMatchObject({ fault: '', all: false });
  });

  test('takes whatever is typed', () => {
    const seed = freshSeed();
    const { below, pick } = random(seed);
    const bits = [
      'name',
      'mem',
      'ctid',
      'x',
      ':',
      '~',
      '=',
      '!=',
      '<',
      '<=',
      '>',
      '!',
      '"',
      ',',
      '-',
      ' ',
      '.',
      '80%',
      '64M',
      'none',
      '漢',
      '\\',
      '(',
      '[',
    ];
    for (let i = 0; i < 3000; i++) {
      const text = Array.from({ length: below(9) }, () => pick(bits)).join('');
      expect(() => kept(text), `seed ${seed}: ${text}`).not.toThrow();
    }
  });
});

test.each([
  ['60', 'count', { number: 60, share: false }],
  ['1.5k', 'count', { number: 1500, share: false }],
  ['1k', 'bytes', { number: 1024, share: false }],
  ['1.5G', 'bytes', { number: 1.5 * 2 ** 30, share: false }],
  ['2w', 'seconds', { number: 14 * 86_400, share: false }],
  ['50%', 'percent', { number: 50, share: false }],
  ['', 'count', null],
  ['-5', 'count', null],
  ['1e9', 'bytes', null],
  ['7m', 'percent', null],
] as const)('%s as %s', (text, kind, amount) => {
  expect(readAmount(text, kind, false)).toEqual(amount);
});

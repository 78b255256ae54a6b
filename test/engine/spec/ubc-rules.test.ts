// The rules of vzcfgvalidate: the shipped samples keep all of them, each that is broken is told with what would do, and that does.
import { describe, expect, test } from 'vitest';
import { readConf } from '../../../src/engine/spec/params/read.ts';
import { ubcFindings } from '../../../src/engine/spec/validate/ubc-rules.ts';
import { SAMPLES } from '../../../src/engine/store/samples.ts';
import { AROUND } from './around.ts';

const sample = (name: string): Map<string, string> => readConf(SAMPLES.get(name) ?? '', name, AROUND).values;

test.each([...SAMPLES.keys()])('sample %s keeps them', (name) =>
  expect(ubcFindings(sample(name)).filter((f) => f.severity !== 'recommendation')).toEqual([]),
);

describe('a sample with one value changed', () => {
  test.each<[string, string, string, string, string]>([
    ['NUMPROC', '240:300', 'error', 'barrier should be equal to limit for numproc (currently, 240:300)', '300'],
    ['LOCKEDPAGES', '5:4', 'error', 'barrier should be <= limit for lockedpages (currently, 5:4)', '5'],
    ['VMGUARPAGES', '33792', 'error', 'limit should be = 9223372036854775807 for vmguarpages (currently, 33792)', '33792:unlimited'],
    ['PHYSPAGES', '1:unlimited', 'error', 'barrier should be = 0 for physpages (currently, 1)', '0:unlimited'],
    ['DCACHESIZE', '3409920:3409920', 'warning', 'dcachesize.lim should be > 3575808 (currently, 3409920)', '3409920:3575808'],
    ['KMEMSIZE', '1000:2000', 'error', 'kmemsize.bar should be > 10997760 (currently, 1000)', '10997760:10998760'],
    ['PRIVVMPAGES', '30000:40000', 'warning', 'privvmpages.bar should be > 33792 (currently, 30000)', '33792:40000'],
    [
      'TCPSNDBUF',
      '1720320:1720321',
      'error',
      'tcpsndbuf.lim-tcpsndbuf.bar should be > 921600 (currently, 1720321-1720320=1)',
      '1720320:2641920',
    ],
    ['TCPRCVBUF', '65535:2703360', 'warning', 'tcprcvbuf.bar should be > 65536 (currently, 65535)', '65536:2703361'],
    ['DGRAMRCVBUF', '32768:262144', 'recommendation', 'dgramrcvbuf.bar should be > 132096 (currently, 32768)', '132096:361472'],
    ['NUMFILE', '100', 'warning', 'numfile.bar should be > 5760 (currently, 100)', '5760'],
  ])('%s=%s', (key, value, severity, text, repair) => {
    const values = sample('basic').set(key, value);
    expect(ubcFindings(values)).toContainEqual({ severity, key, text, repair });
    expect(ubcFindings(values.set(key, repair)).filter((f) => f.text === text)).toEqual([]);
  });
});

test('RAM and swap are judged as such, against those of the node where they are known', () => {
  const values = sample('vswap-1g').set('NUMPROC', '1:2').set('PHYSPAGES', '5:262144');
  expect(ubcFindings(values)).toEqual([
    { severity: 'error', key: 'PHYSPAGES', text: 'physpages.bar should be = 0 (currently, 5)', repair: '0:262144' },
  ]);
  expect(ubcFindings(sample('vswap-1g'), { ram: 1000n, swap: 10n ** 9n })).toEqual([
    { severity: 'warning', key: 'PHYSPAGES', text: 'physpages.lim should be <= 1000 (currently, 262144)', repair: '0:1000' },
  ]);
});

import { expect, test } from 'vitest';
import { scaleValues } from '../../../src/engine/spec/scale.ts';

const VALUES = new Map([
  ['NUMPROC', '240'],
  ['KMEMSIZE', '14372700:14790164'],
  ['VMGUARPAGES', '33792:unlimited'],
  ['PRIVVMPAGES', '4611686018427387904:5000000000000000000'],
  ['CPUUNITS', '400000'],
  ['DISKSPACE', '2097152:2306867'],
  ['RATE', 'eth0:1:800 eth1:1:100'],
  ['HOSTNAME', 'web'],
]);

test('each factor is about its own keys', () => {
  expect([...scaleValues(VALUES, {})]).toEqual([]);
  expect([...scaleValues(VALUES, { cpu: 0.5 })]).toEqual([['CPUUNITS', '200000']]);
  expect([...scaleValues(VALUES, { disk: 1.5 })]).toEqual([['DISKSPACE', '3145728:3460300']]);
  expect([...scaleValues(VALUES, { net: 2 })]).toEqual([['RATE', 'eth0:1:1600 eth1:1:200']]);
  expect(Object.fromEntries(scaleValues(VALUES, { ubc: 0.5 }))).toMatchObject({ NUMPROC: '120', KMEMSIZE: '7186350:7395082' });
});

test('no limit stays none, and nothing goes beyond what the kernel takes', () => {
  const scaled = scaleValues(VALUES, { ubc: 3, cpu: 10 });
  expect(scaled.get('VMGUARPAGES')).toBe('101376:unlimited');
  expect(scaled.get('PRIVVMPAGES')).toBe('unlimited');
  expect(scaled.get('CPUUNITS')).toBe('500000');
  expect(scaleValues(VALUES, { cpu: 0.000_001 }).get('CPUUNITS')).toBe('8');
});

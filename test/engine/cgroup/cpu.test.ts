import { expect, it } from 'vitest';
import { limitOfQuota, quotaOf, sharesOf, unitsOfShares, unitsOfWeight, weightOf } from '../../../src/engine/cgroup/cpu.ts';

it.each([
  [8, 8, 1],
  [100, 102, 10],
  [250, 256, 25],
  [1000, 1024, 100],
  [2000, 2048, 200],
  [10_000, 10_240, 1000],
  [100_000, 102_400, 10_000],
  [500_000, 262_144, 10_000],
])('cpuunits %i are %i shares and weight %i', (units, shares, weight) => {
  expect(sharesOf(units)).toBe(shares);
  expect(weightOf(units)).toBe(weight);
});

it.each([
  [0, 0, null],
  [25, 0, 25_000],
  [0, 2, 200_000],
  [250, 2, 200_000],
  [150, 2, 150_000],
  [200, 2, 200_000],
  [1, 64, 1000],
])('cpulimit %i %% with %i cpus is a quota of %s µs', (cpulimit, cpus, quota) => {
  expect(quotaOf({ cpulimit, cpus })).toBe(quota);
});

it.each([100, 250, 1000, 2000, 10_000])('units %i come back from shares and weight', (units) => {
  expect([unitsOfShares(sharesOf(units)), unitsOfWeight(weightOf(units))]).toEqual([units, units]);
});

it('a quota is percent again, and what is none is no limit', () => {
  expect([25_000, 200_000, -1, Number('max')].map((quota) => limitOfQuota(quota, 100_000))).toEqual([25, 200, null, null]);
});

import { expect, it } from 'vitest';
import { quotaOf, sharesOf, weightOf } from '../../../src/engine/cgroup/cpu.ts';

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

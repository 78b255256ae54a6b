// CPU figures of OpenVZ in the words of the two cgroup versions. Pure arithmetic.
//
// cpuunits are relative: 1000 is OpenVZ's default, as 1024 is of v1's cpu.shares and 100 of v2's cpu.weight. So units map linearly, default
// on default, and a container weighs the same against another one, and against the node's own services, on both versions:
//   cpuunits   8     100   250   1000   2000   10000   100000   500000
//   shares     8     102   256   1024   2048   10240   102400   262144 (the kernel's maximum)
//   weight     1     10    25    100    200    1000    10000    10000  (the kernel's maximum)
import type { Limits } from './face.ts';

const clamp = (n: number, low: number, high: number): number => Math.min(high, Math.max(low, Math.round(n)));

export const sharesOf = (cpuunits: number): number => clamp((cpuunits * 1024) / 1000, 2, 262_144);
export const weightOf = (cpuunits: number): number => clamp(cpuunits / 10, 1, 10_000);

/** Microseconds; the kernel's default on both versions. */
export const PERIOD = 100_000;

/** CPU time in microseconds per PERIOD, the smaller one of cpulimit (percent of one CPU) and cpus (whole CPUs); null = no limit. */
export function quotaOf({ cpulimit, cpus }: Pick<Limits, 'cpulimit' | 'cpus'>): number | null {
  const bounds = [cpulimit, cpus * 100].filter((percent) => percent > 0);
  return bounds.length === 0 ? null : Math.min(...bounds) * (PERIOD / 100);
}

/** The other way round, as far as the kernel's rounding lets it. */
export const unitsOfShares = (shares: number): number => Math.round((shares * 1000) / 1024);
export const unitsOfWeight = (weight: number): number => weight * 10;

/** Percent of one CPU; a quota that is none ("max", -1) is no limit. */
export const limitOfQuota = (quota: number, period: number): number | null =>
  quota > 0 && period > 0 ? Math.round((100 * quota) / period) : null;

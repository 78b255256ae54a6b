// What many samples of one thing come down to: the median and how far the middle half lies around it.

export interface Spread {
  readonly median: number;
  /** Quartiles. */
  readonly low: number;
  readonly high: number;
  /** Number of samples. */
  readonly rounds: number;
}

/** `share` 0…1 of the samples lie below; between two samples it is interpolated. Throws RangeError without samples. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  if (below === undefined || above === undefined) throw new RangeError('No sample, no quantile');
  return below + (above - below) * (at - Math.floor(at));
}

export function spread(samples: readonly number[]): Spread {
  return { median: quantile(samples, 0.5), low: quantile(samples, 0.25), high: quantile(samples, 0.75), rounds: samples.length };
}

/** One high quantile as the figure, without a spread of its own. */
export function tail(samples: readonly number[], share: number): Spread {
  const value = quantile(samples, share);
  return { median: value, low: value, high: value, rounds: samples.length };
}

/** Round by round, so that a slow minute of the machine counts for both. */
export function ratio(ours: readonly number[], theirs: readonly number[]): Spread {
  return spread(ours.map((value, round) => value / (theirs[round] ?? Number.NaN)));
}

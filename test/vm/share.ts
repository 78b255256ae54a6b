// Which machine runs which files, so that all end at about the same time. Knows nothing of machines.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { FileReport } from './report.ts';

/** Seconds that a file took when it ran last, by its path; kept in a file beside the test machine. */
export type Times = Readonly<Record<string, number>>;

/** Of a file that has never run. */
const UNKNOWN = 15;

/** The longest first, each to whoever has least to do. Empty shares are left out. */
export function shares(files: readonly string[], times: Times, machines: number): readonly (readonly string[])[] {
  const secondsOf = (file: string): number => times[file] ?? UNKNOWN;
  const all = Array.from({ length: machines }, () => ({ seconds: 0, files: [] as string[] }));
  for (const file of [...files].sort((a, b) => secondsOf(b) - secondsOf(a))) {
    const least = all.reduce((a, b) => (b.seconds < a.seconds ? b : a));
    least.files.push(file);
    least.seconds += secondsOf(file);
  }
  return all.map((share) => share.files).filter((share) => share.length > 0);
}

export function readTimes(file: string): Times {
  try {
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Times) : {};
  } catch {
    return {};
  }
}

export function keepTimes(file: string, reports: readonly FileReport[]): void {
  const times = { ...readTimes(file), ...Object.fromEntries(reports.map((report) => [report.file, report.seconds])) };
  writeFileSync(file, JSON.stringify(times, null, 1));
}

// The results file: docs/figures.json holds the last measurement of every figure and the machine that it was made on. README quotes it.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Figure, Shown } from './figure.ts';
import { run } from './processes.ts';
import type { Spread } from './statistics.ts';

export interface Measured extends Shown, Spread {}

export interface FigureResult {
  readonly name: string;
  readonly what: string;
  /** Day of the measurement. */
  readonly on: string;
  readonly values: readonly Measured[];
}

export interface Machine {
  readonly system: string;
  readonly kernel: string;
  readonly cpu: string;
  readonly cores: number;
  /** GiB. */
  readonly memory: number;
  /** Program → version. */
  readonly peers: Readonly<Record<string, string>>;
}

export interface Results {
  readonly machine: Machine;
  readonly figures: readonly FigureResult[];
}

const VERSIONS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  lxc: ['lxc-start', '--version'],
  runc: ['runc', '--version'],
  'systemd-nspawn': ['systemd-nspawn', '--version'],
  tmux: ['tmux', '-V'],
  htop: ['htop', '--version'],
};

export async function thisMachine(): Promise<Machine> {
  const peers: Record<string, string> = {};
  for (const [name, [file, ...args]] of Object.entries(VERSIONS)) peers[name] = /\d[\w.~+-]*/.exec((await run(file, args)).out)?.[0] ?? '?';
  const system = existsSync('/etc/os-release') ? /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] : undefined;
  return {
    system: system ?? 'Linux',
    kernel: release().replace(/^(\d+\.\d+).*/, '$1'),
    cpu: cpus()[0]?.model.trim() ?? '',
    cores: cpus().length,
    memory: Math.round(totalmem() / 2 ** 30),
    peers: { node: process.versions.node, ...peers },
  };
}

/** Three digits are more than a shared machine repeats. */
const rounded = (value: number): number => Number(value.toPrecision(3));

export function resultOf(figure: Figure, measured: Readonly<Record<string, Spread>>, on: string): FigureResult {
  const values = Object.entries(figure.shows).flatMap(([key, shown]) => {
    const spread = measured[key];
    if (!spread) return [];
    return [{ ...shown, median: rounded(spread.median), low: rounded(spread.low), high: rounded(spread.high), rounds: spread.rounds }];
  });
  return { name: figure.name, what: figure.what, on, values };
}

export const reached = ({ median, atMost, atLeast }: Measured): boolean | null =>
  atMost === undefined && atLeast === undefined ? null : median <= (atMost ?? Infinity) && median >= (atLeast ?? -Infinity);

const FILE = 'docs/figures.json';

export function readResults(home: string): Results | null {
  const file = join(home, FILE);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : null;
}

/** New results replace those of the same name; the order is that of `names`, and figures that no longer exist go. */
export function writeResults(home: string, machine: Machine, fresh: readonly FigureResult[], names: readonly string[]): void {
  const known = [...fresh, ...(readResults(home)?.figures ?? [])];
  const figures = names.flatMap((name) => known.find((result) => result.name === name) ?? []);
  const file = join(home, FILE);
  writeFileSync(`${file}.new`, `${JSON.stringify({ machine, figures }, null, 1)}\n`);
  renameSync(`${file}.new`, file);
}

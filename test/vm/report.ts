// What a run in the test machine leaves behind: written there, read here.

import { relative } from 'node:path';

export const BUNDLES = 'build/vm-tests';
/** Where the bundle of a file lies in the test machine, below the project; and back. */
export const bundleOf = (file: string): string => `${BUNDLES}/${file.replace(/ts$/, 'mjs')}`;
export const pathOf = (bundle: string): string => relative(BUNDLES, bundle).replace(/mjs$/, 'ts');

export interface FileReport {
  /** Path in the project. */
  readonly file: string;
  readonly passed: number;
  /** Titles with those of their suites. */
  readonly failed: readonly string[];
  /** Reason → number of tests. */
  readonly skipped: Readonly<Record<string, number>>;
  readonly seconds: number;
}

export interface Report {
  /** The kernel that ran them, e.g. "6.12.5 (cgroup v2, systemd)". */
  readonly kernel: string;
  readonly files: readonly FileReport[];
}

export const REPORT = 'tests.json';

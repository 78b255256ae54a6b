// What a run in the test machine tells of each file, when it is done: said there, heard here. A machine that dies takes no report with it.

import { relative } from 'node:path';

export const BUNDLES = 'build/vm-tests';
/** Where the bundle of a file lies in the test machine, below the project; and back. */
export const bundleOf = (file: string): string => `${BUNDLES}/${file.replace(/ts$/, 'mjs')}`;
export const pathOf = (bundle: string): string => relative(BUNDLES, bundle).replace(/mjs$/, 'ts');

/** Whether a file, or its bundle, comes last on its machine, which is shut down and booted, and then cut off and booted: it runs once per boot. */
export const acrossBoots = (path: string): boolean => path.includes('/kernel/boot/');

export interface FileReport {
  /** The kernel that ran it, e.g. "6.12.5 (cgroup v2, systemd)". */
  readonly kernel: string;
  /** Path in the project. */
  readonly file: string;
  readonly passed: number;
  /** Titles with those of their suites. */
  readonly failed: readonly string[];
  /** Reason → number of tests. */
  readonly skipped: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** What a machine says on its port of questions: that a file is done, with its report, or that it wants the next, which is the answer. */
export const NEXT = 'NEXT';
const DONE = 'DONE ';
export const doneLine = (report: FileReport): string => DONE + JSON.stringify(report);
/** The report that a line is, or null. */
export const readDone = (line: string): FileReport | null =>
  line.startsWith(DONE) ? (JSON.parse(line.slice(DONE.length)) as FileReport) : null;

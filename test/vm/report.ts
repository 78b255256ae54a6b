// What a run in the test machine leaves behind: written there, read here.

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

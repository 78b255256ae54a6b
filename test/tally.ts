// Counts what a run of vitest did and why tests were skipped, for the closing line of `npm test`. Knows nothing of what is tested.
import { readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import type { Reporter, TestModule } from 'vitest/node';

export interface TallyResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Reason → number of tests. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly kernel: string;
}

/** Written to the file named by VZDECK_TALLY, if any. */
export class Tally implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let [passed, failed, skipped] = [0, errors.length, 0];
    const reasons: Record<string, number> = {};
    for (const module of modules) {
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') passed += 1;
        else if (result.state === 'failed') failed += 1;
        else {
          skipped += 1;
          const why =
            ('note' in result ? result.note : undefined) ?? /\(skipped: (.*?)\)( >|$)/.exec(test.fullName)?.[1] ?? 'no reason given';
          reasons[why] = (reasons[why] ?? 0) + 1;
        }
      }
    }
    const file = process.env['VZDECK_TALLY'];
    const result: TallyResult = { passed, failed, skipped, reasons, kernel: kernel() };
    if (file) writeFileSync(file, JSON.stringify(result));
  }
}

/** The running kernel and where its controllers are, e.g. "6.12.5 (cgroup v2)". */
function kernel(): string {
  const mounts = readFileSync('/proc/self/mounts', 'utf8');
  const v1 = /^\S+ \S+ cgroup /m.test(mounts);
  const v2 = /^\S+ \S+ cgroup2 /m.test(mounts);
  return `${release()} (${v1 && v2 ? 'hybrid cgroups' : v2 ? 'cgroup v2' : v1 ? 'cgroup v1' : 'no cgroups'})`;
}

// Counts what a run of vitest did and why tests were skipped, for the closing line of `npm test`. Knows nothing of what is tested.
import { readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import type { Reporter, TestModule } from 'vitest/node';

export interface FileTally {
  readonly passed: number;
  /** A line for each: the file, the test and the first line of what it said. */
  readonly failures: readonly string[];
  /** Why tests were skipped → their number. */
  readonly reasons: Readonly<Record<string, number>>;
}

export interface TallyResult {
  readonly kernel: string;
  /** By path in the project. */
  readonly files: Readonly<Record<string, FileTally>>;
  /** What failed outside of all files. */
  readonly outside: readonly string[];
}

/** Written to the file named by VZDECK_TALLY, if any. */
export class Tally implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const file = process.env['VZDECK_TALLY'];
    const result: TallyResult = {
      kernel: kernel(),
      files: Object.fromEntries(modules.map((module) => [module.relativeModuleId, tallyOf(module)])),
      outside: errors.map((error) => failure('outside of all tests', error)),
    };
    if (file) writeFileSync(file, JSON.stringify(result));
  }
}

function tallyOf(module: TestModule): FileTally {
  const file = module.relativeModuleId;
  let passed = 0;
  const failures = module.errors().map((error) => failure(file, error));
  const reasons: Record<string, number> = {};
  for (const suite of module.children.allSuites())
    failures.push(...suite.errors().map((error) => failure(`${file} > ${suite.fullName}`, error)));
  for (const test of module.children.allTests()) {
    const result = test.result();
    if (result.state === 'passed') passed += 1;
    else if (result.state === 'failed') failures.push(failure(`${file} > ${test.fullName}`, result.errors[0]));
    else {
      const why = ('note' in result ? result.note : undefined) ?? /\(skipped: (.*?)\)( >|$)/.exec(test.fullName)?.[1] ?? 'no reason given';
      reasons[why] = (reasons[why] ?? 0) + 1;
    }
  }
  return { passed, failures, reasons };
}

function failure(where: string, error: unknown): string {
  const said = error !== null && typeof error === 'object' && 'message' in error ? String(error.message) : String(error ?? '');
  return `${where}: ${said.trim().split('\n')[0]}`;
}

/** The running kernel and where its controllers are, e.g. "6.12.5 (cgroup v2)". */
function kernel(): string {
  const mounts = readFileSync('/proc/self/mounts', 'utf8');
  const v1 = /^\S+ \S+ cgroup /m.test(mounts);
  const v2 = /^\S+ \S+ cgroup2 /m.test(mounts);
  return `${release()} (${v1 && v2 ? 'hybrid cgroups' : v2 ? 'cgroup v2' : v1 ? 'cgroup v1' : 'no cgroups'})`;
}

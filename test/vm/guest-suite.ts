// Runs what a file has described, one test after the other: hooks outside in before each, inside out and in reverse after it, a limit of time
// for each step. What fails is said at once, and counted.
import { inspect } from 'node:util';
import type { FileReport } from './report.ts';

export type Body = (...args: never[]) => unknown;

export interface Bound {
  readonly body: Body;
  /** Milliseconds. */
  readonly limit: number;
}

export interface SuiteItem extends Bound {
  readonly title: string;
  /** Why it is not run, or "". */
  readonly skipped: string;
}

export interface Suite {
  readonly title: string;
  readonly skipped: string;
  readonly items: (Suite | SuiteItem)[];
  readonly before: Bound[];
  readonly after: Bound[];
  readonly beforeEach: Bound[];
  readonly afterEach: Bound[];
}

export const emptySuite = (title: string, skipped: string): Suite => ({
  title,
  skipped,
  items: [],
  before: [],
  after: [],
  beforeEach: [],
  afterEach: [],
});

const isTest = (item: Suite | SuiteItem): item is SuiteItem => 'body' in item;
/** Whether anything in it is to be run: hooks of others are not. */
const isRun = (item: Suite | SuiteItem): boolean => (isTest(item) ? item.skipped === '' : item.items.some(isRun));

async function within({ body, limit }: Bound): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not done after ${limit / 1000} s`)), limit);
  });
  try {
    await Promise.race([body(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Does all of them, also after a failure; throws the first. */
async function all(steps: readonly Bound[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) await within(step).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

/** Stops at the first failure. */
async function inOrder(steps: readonly Bound[]): Promise<void> {
  for (const step of steps) await within(step);
}

export type Counts = Omit<FileReport, 'kernel' | 'file' | 'seconds'>;

/** `say` gets a line for each failure. */
export async function runSuite(root: Suite, say: (text: string) => void): Promise<Counts> {
  let passed = 0;
  const failed: string[] = [];
  const skipped: Record<string, number> = {};
  const fail = (title: string, error: unknown): void => {
    failed.push(title);
    say(`✗ ${title}\n${inspect(error, { depth: 4 }).replace(/^/gm, '    ')}`);
  };
  /** Nobody waits for it, so it belongs to whatever runs now. */
  let now = '';
  const stray = (error: unknown): void => fail(`${now} (meanwhile)`, error);
  process.on('uncaughtException', stray).on('unhandledRejection', stray);

  async function runItem(item: Suite | SuiteItem, above: readonly Suite[], broken: unknown): Promise<void> {
    const title = [...above.slice(1).map((suite) => suite.title), item.title].filter(Boolean).join(' > ');
    now = title;
    if (isTest(item)) await runTest(item, title, above, broken);
    else await runGroup(item, title, above, broken);
  }

  async function runTest(item: SuiteItem, title: string, above: readonly Suite[], broken: unknown): Promise<void> {
    if (item.skipped !== '') {
      skipped[item.skipped] = (skipped[item.skipped] ?? 0) + 1;
      return;
    }
    try {
      if (broken !== null) throw broken;
      try {
        await inOrder([...above.flatMap((suite) => suite.beforeEach), item]);
      } finally {
        await all(above.flatMap((suite) => suite.afterEach).toReversed());
      }
      passed += 1;
    } catch (error) {
      fail(title, error);
    }
  }

  async function runGroup(suite: Suite, title: string, above: readonly Suite[], broken: unknown): Promise<void> {
    const runs = isRun(suite) && broken === null;
    let trouble = broken;
    if (runs)
      await inOrder(suite.before).catch((error: unknown) => {
        trouble = error ?? new Error('A hook failed');
      });
    for (const item of suite.items) await runItem(item, [...above, suite], trouble);
    now = title;
    if (runs) await all(suite.after.toReversed()).catch((error: unknown) => fail(`${title} (afterwards)`.trim(), error));
  }

  await runGroup(root, '', [], null);
  process.off('uncaughtException', stray).off('unhandledRejection', stray);
  return { passed, failed, skipped };
}

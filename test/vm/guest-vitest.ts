// What tests import as "vitest" when they run bundled in the test machine: the same words on Node's own runner, since vitest takes 16–26
// times longer to start there. Only what test/kernel uses; anything else is missing by name, and then the bundle does not build or the test fails.
import {
  after,
  before,
  afterEach as nodeAfterEach,
  beforeEach as nodeBeforeEach,
  describe as nodeDescribe,
  test as nodeTest,
} from 'node:test';
import { PATIENCE } from './guest-expect.ts';

export { expect } from './guest-expect.ts';

type Body = (...args: never[]) => unknown;

/** Milliseconds, as vitest.config.ts has them for test/kernel. */
const limits = { testTimeout: 60_000, hookTimeout: 60_000 };
export const vi = { setConfig: (changed: Partial<typeof limits>): void => void Object.assign(limits, changed) };

/** %s, %d, %i, %j and %% in titles of tables, and $name where a row is an object. */
function titled(title: string, row: readonly unknown[]): string {
  let next = 0;
  const named = row[0] as Readonly<Record<string, unknown>> | null;
  return title
    .replace(/\$(\w+)/g, (mark, name: string) =>
      typeof named === 'object' && named !== null && name in named ? String(named[name]) : mark,
    )
    .replace(/%[sdij%]/g, (mark) => (mark === '%%' ? '%' : mark === '%j' ? JSON.stringify(row[next++]) : String(row[next++])));
}

type Second = Body | { readonly timeout?: number };
type Word = (title: string, second: Second, third?: Body | number) => void;
/** `why` is the reason to skip it, or "". */
type Runner = (title: string, why: string, body: Body, timeout: number) => void;

/** vitest's orders of arguments: title, body, timeout or title, options, body. */
function told(second: Second, third?: Body | number): { readonly body: Body; readonly timeout: number } {
  const [body, timeout] = typeof second === 'function' ? [second, third] : [third, second.timeout];
  return { body: body as Body, timeout: typeof timeout === 'number' ? timeout : limits.testTimeout };
}

function words(run: Runner) {
  const word =
    (why: string): Word =>
    (title, second, third) => {
      const { body, timeout } = told(second, third);
      run(title, why, body, timeout);
    };
  const table =
    (rows: readonly unknown[]): Word =>
    (title, second, third) => {
      const { body, timeout } = told(second, third);
      for (const row of rows) {
        const args = Array.isArray(row) ? row : [row];
        run(titled(title, args), '', () => body(...(args as never[])), timeout);
      }
    };
  return Object.assign(word(''), {
    skip: (title: string, body: Body): void => run(title, /\(skipped: (.*)\)$/.exec(title)?.[1] ?? NO_REASON, body, 0),
    skipIf: (condition: unknown): Word => word(condition ? NO_REASON : ''),
    each: table,
  });
}
const NO_REASON = 'no reason given';

/** The suite that is being described. */
interface Suite {
  /** Why nothing in it is run, or "". */
  readonly skipped: string;
  /** What it undoes at its end and after each test: vitest does that in reverse, node:test would not. */
  readonly undone: Body[];
  readonly undoneEach: Body[];
}
const suiteOf = (skipped: string): Suite => ({ skipped, undone: [], undoneEach: [] });
let suite = suiteOf('');

export const describe = words((title, why, body) => {
  nodeDescribe(title, () => {
    const outer = suite;
    suite = suiteOf(why || outer.skipped);
    body();
    suite = outer;
  });
});

export const test = words((title, why, body, timeout) => {
  const skip = why || suite.skipped;
  nodeTest(title, { timeout: timeout * PATIENCE, ...(skip === '' ? {} : { skip }) }, () => body() as Promise<void>);
});
export const it = test;

type Hook = (body: Body, timeout?: number) => void;
type NodeHook = typeof before;

const hook =
  (node: NodeHook): Hook =>
  (body, timeout = limits.hookTimeout) => {
    if (suite.skipped === '') node(() => body() as Promise<void>, { timeout: timeout * PATIENCE });
  };

/** All that a suite undoes is one hook of its own; the timeout of the first is that of all. */
const undoing =
  (node: NodeHook, listOf: (of: Suite) => Body[]): Hook =>
  (body, timeout) => {
    const list = listOf(suite);
    if (list.push(body) > 1) return;
    hook(node)(async () => {
      for (const each of list.toReversed()) await each();
    }, timeout);
  };

export const beforeAll = hook(before);
export const beforeEach = hook(nodeBeforeEach);
export const afterAll = undoing(after, ({ undone }) => undone);
export const afterEach = undoing(nodeAfterEach, ({ undoneEach }) => undoneEach);

// What tests import as "vitest" when they run bundled in the test machine: the same words on a runner of its own. vitest takes 16–26 times
// longer to start there, and node:test watches every promise, which costs more than what is tested. Only what test/kernel uses; anything
// else is missing by name, and then the bundle does not build or the test fails.
import { PATIENCE } from './guest-expect.ts';
import { type Body, type Bound, emptySuite, type Suite, type SuiteItem } from './guest-suite.ts';

export { expect } from './guest-expect.ts';

/** Milliseconds, as vitest.config.ts has them for test/kernel. */
const LIMITS = { testTimeout: 60_000, hookTimeout: 60_000 };
const limits = { ...LIMITS };
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

/** The suite that is being described; at first the file. */
let suite: Suite = emptySuite('', '');

/** What `describing` describes by these words, with limits of its own. */
export async function described(describing: () => Promise<unknown>): Promise<Suite> {
  suite = emptySuite('', '');
  Object.assign(limits, LIMITS);
  await describing();
  return suite;
}

const bound = (body: Body, timeout: number): Bound => ({ body, limit: timeout * PATIENCE });

export const describe = words((title, why, body) => {
  const outer = suite;
  suite = emptySuite(title, why || outer.skipped);
  outer.items.push(suite);
  body();
  suite = outer;
});

export const test = words((title, why, body, timeout) => {
  suite.items.push({ title, skipped: why || suite.skipped, ...bound(body, timeout) } satisfies SuiteItem);
});
export const it = test;

const hook =
  (listOf: (of: Suite) => Bound[]) =>
  (body: Body, timeout = limits.hookTimeout): void =>
    void listOf(suite).push(bound(body, timeout));

export const beforeAll = hook(({ before }) => before);
export const beforeEach = hook(({ beforeEach: list }) => list);
export const afterAll = hook(({ after }) => after);
export const afterEach = hook(({ afterEach: list }) => list);

// What failed in a run of the tests, beside all else, is tried once more alone: only a race passes then.

/** More files than this fail for a reason that all of them have. */
const MOST = 5;

/** The files of failures as test/tally.ts tells them; none where they are too many, or where something failed outside of all files. */
export function toTryAgain(failures) {
  const files = failures.map((what) => /^test\/[\w./-]+\.test\.tsx?(?= > |: )/.exec(what)?.[0]);
  const each = [...new Set(files)];
  return each.includes(undefined) || each.length > MOST ? [] : each;
}

/** The tally of a run with what a second run of `files` made of them; `races` is what failed only at the first try. */
export function joinTries(first, second, files) {
  const passes = files.filter((file) => !second.failures.some((what) => what.startsWith(file)));
  const races = first.failures.filter((what) => passes.some((file) => what.startsWith(file)));
  return {
    ...first,
    passed: first.passed + Math.max(0, first.failed - second.failed),
    failed: second.failed,
    failures: second.failures,
    races,
  };
}

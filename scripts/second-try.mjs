// What failed in a run of the tests, beside all else, is tried once more alone: only a race passes then. Tallies are those of test/tally.ts.

/** More files than this fail for a reason that all of them have. */
const MOST = 5;

/** The files in which something failed; none where they are too many, or where something failed outside of all files. */
export function toTryAgain({ files, outside }) {
  const failed = Object.keys(files).filter((file) => files[file].failures.length > 0);
  return outside.length > 0 || failed.length > MOST ? [] : failed;
}

/** A tally in which files are as a second run of them left them; `races` is what failed only at the first try. */
export function joinTries(first, second) {
  const passed = Object.keys(second.files).filter((file) => second.files[file].failures.length === 0);
  return {
    ...first,
    outside: second.outside,
    files: { ...first.files, ...second.files },
    races: passed.flatMap((file) => first.files[file]?.failures ?? []),
  };
}

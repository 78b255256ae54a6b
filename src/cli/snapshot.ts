// The command line with all of its programs loaded, which `node --build-snapshot` writes down (scripts/setup/practice.cjs): whoever starts from that loads
// nothing. Modules are evaluated at that time, on behalf of everybody: none of them may look at the environment, the user, the clock or the node before
// it runs (test/cli/snapshot.test.ts).
import { setFlagsFromString } from 'node:v8';
import { loadPrograms, runProgram } from './program.ts';

void loadPrograms();
// what every verb that changes something needs: 5 ms for it, less than 1 for whoever does not
for (const name of ['node:child_process', 'node:net']) process.getBuiltinModule(name);

/**
 * How much is to run before V8 makes better code of it: calls of a function (400 by its own choice), bytes of code that wait for the plain compiler (4,096),
 * uses of a regular expression (1). For a program that ends within a third of a second that is a tenth of the processor's work, and of no use. One that
 * goes on, as with --watch, gets there a little later.
 */
const BETTER_CODE = [
  '--invocation-count-for-maglev=6000',
  '--invocation-count-for-maglev-osr=1500',
  '--baseline-batch-compilation-threshold=16384',
  '--regexp-tier-up-ticks=50',
];

/** What a process does that starts from it. */
export function main(): void {
  for (const flag of BETTER_CODE) setFlagsFromString(flag);
  runProgram();
}

// Runs the bundled tests of files in the test machine, one after the other in one process: what they have in common is loaded once, which takes
// longer than most tests, and is compiled by the second file. Arguments: the bundles. A message to who started it after each: what became of it.
import { pathToFileURL } from 'node:url';
import { running } from './guest-expect.ts';
import { type Counts, runSuite } from './guest-suite.ts';
import { described } from './guest-vitest.ts';
import { pathOf } from './report.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const tell = (counts: Counts): Promise<void> =>
  new Promise((resolve, reject) => process.send?.(counts, (error: Error | null) => (error ? reject(error) : resolve())));

const guard = await described(() => import('../kernel/guard.ts'));
const environment = { ...process.env };

for (const bundle of process.argv.slice(2)) {
  running.file = pathOf(bundle);
  const { before, after, ...suite } = await described(() => import(pathToFileURL(bundle).href));
  await tell(await runSuite({ ...suite, before: [...guard.before, ...before], after: [...guard.after, ...after] }, say));
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
}
// also when something still runs: the guard has looked at what is left
process.exit();

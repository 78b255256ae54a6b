// Runs the bundled tests of files in the test machine, one after the other in one process: what they have in common is loaded once, which takes
// longer than most tests, and is compiled by the second file. Whoever started it sends the
// next bundle, and is sent what became of it.
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { running } from './guest-expect.ts';
import { type Counts, runSuite } from './guest-suite.ts';
import { described } from './guest-vitest.ts';
import { pathOf } from './report.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const tell = (counts: Counts): Promise<void> =>
  new Promise((resolve, reject) => process.send?.(counts, (error: Error | null) => (error ? reject(error) : resolve())));

/** null at the end. To be called before it can come: a message for which nobody waits is lost. */
const nextBundle = async (): Promise<string | null> => ((await once(process, 'message')) as [{ bundle: string | null }])[0].bundle;

let next = nextBundle();
const guard = await described(() => import('../kernel/guard.ts'));
const environment = { ...process.env };

for (let bundle = await next; bundle !== null; bundle = await next) {
  const url = pathToFileURL(bundle).href;
  running.file = pathOf(bundle);
  const { before, after, ...suite } = await described(() => import(url));
  const counts = await runSuite({ ...suite, before: [...guard.before, ...before], after: [...guard.after, ...after] }, say);
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
  next = nextBundle();
  await tell(counts);
}
// also when something still runs: the guard has looked at what is left
process.exit();

// Runs the bundled tests of one file in the test machine. Arguments: the bundle, and the file for what became of it.
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { runSuite } from './guest-suite.ts';
import { described } from './guest-vitest.ts';

const [bundle = '', result = ''] = process.argv.slice(2);
await import(pathToFileURL(bundle).href);
const counts = await runSuite(described(), (text) => void process.stdout.write(`${text}\n`));
writeFileSync(result, JSON.stringify(counts));
// also when something still runs: the guard has looked at what is left
process.exit(counts.failed.length > 0 ? 1 : 0);

// npm run test:vm: bundles test/kernel (or those files of it whose path has one of the arguments in it), runs them in a test machine, and
// closes with counts as `npm test` does.
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { inProject } from '../../scripts/setup/machine.mjs';
import { inTestMachine } from '../../scripts/vm/use.ts';
import { builtDebian } from '../kernel/debian.ts';
import { debianArchive } from '../kernel/debian-archive.ts';
import { bundleTests } from './bundle.ts';
import { REPORT, type Report } from './report.ts';

/** Seconds. */
const LIMIT = 20 * 60;
/** Emulated, everything takes 2 to 25 times longer: tests wait longer, start programs that are compiled, and try less at random. */
const SETTINGS = { VZDECK_PATIENCE: 10, VZDECK_CLI: '/project/dist/cli.cjs', FUZZ_READ: 5000, FUZZ_STARTED: 200, VZDECK_CYCLES: 80 };

const wanted = process.argv.slice(2);
const files = globSync('test/kernel/**/*.test.ts', { cwd: inProject() })
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort();

async function test(): Promise<number> {
  if (files.length === 0) {
    console.error(`No file of test/kernel has in its path: ${wanted.join(', ')}`);
    return 1;
  }
  const dir = mkdtempSync(join(tmpdir(), 'vzdeck-vm-'));
  try {
    const bundles = join(dir, 'bundles');
    await bundleTests(files, bundles);
    const names = files.map((file) => `build/vm-tests/${file.replace(/ts$/, 'mjs')}`);
    // with job control as under a shell: in an orphaned process group nothing could be stopped
    const script = `set -m
export ${Object.entries(SETTINGS)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}
[ -d build/vm-cache ] && mkdir -p ~/.cache && ln -s /project/build/vm-cache ~/.cache/vzdeck
node_modules/.bin/node test/vm/guest-run.ts ${names.join(' ')}`;
    const more = { [bundles]: 'build/vm-tests', ...(await debian()) };
    const status = await inTestMachine({ script, limit: LIMIT, reports: dir }, { more });
    if (existsSync(join(dir, REPORT))) summary(JSON.parse(readFileSync(join(dir, REPORT), 'utf8')));
    return status;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The template of Debian 12 for the cache of test/kernel, since no mirror is reached from there. */
async function debian(): Promise<Readonly<Record<string, string>>> {
  if (!files.some((file) => readFileSync(inProject(file), 'utf8').includes("'debian'"))) return {};
  try {
    if (!existsSync(debianArchive())) console.error('Template of Debian 12: not built yet …');
    const file = await builtDebian();
    return { [file]: `build/vm-cache/${basename(file)}` };
  } catch (error) {
    console.error(`Tests of Debian 12 are skipped: ${error instanceof Error ? error.message : error}`);
    return {};
  }
}

function summary({ kernel, files: reports }: Report): void {
  const skipped = new Map<string, number>();
  for (const [why, count] of reports.flatMap((report) => Object.entries(report.skipped))) skipped.set(why, (skipped.get(why) ?? 0) + count);
  const total = (of: (report: Report['files'][number]) => number): number => reports.reduce((sum, report) => sum + of(report), 0);
  for (const [why, count] of skipped) console.log(`${count} skipped: ${why}`);
  console.log(`Kernel: ${kernel}`);
  if (reports.length < files.length) console.log(`Not run: ${files.slice(reports.length).join(', ')}`);
  const skips = [...skipped.values()].reduce((sum, count) => sum + count, 0);
  console.log(`${total((r) => r.passed)} passed, ${total((r) => r.failed.length)} failed, ${skips} skipped`);
}

process.exitCode = await test();

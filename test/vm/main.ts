// npm run test:vm: bundles test/kernel (or those files of it whose path has one of the arguments in it; --differ: those that kernels differ in), runs
// them in test machines, and closes with counts as `npm test` does.
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { inProject } from '../../scripts/setup/machine.mjs';
import { snapshotFile } from '../../scripts/setup/snapshot.mjs';
import type { Accelerator } from '../../scripts/vm/accelerator.ts';
import { cacheDir } from '../../scripts/vm/cache.ts';
import { QUESTIONS } from '../../scripts/vm/job.ts';
import { withTestMachines } from '../../scripts/vm/use.ts';
import { wholeLines } from '../../scripts/vm/whole-lines.ts';
import { builtStock, builtTree } from '../kernel/stock.ts';
import { STOCK_NAMES, stockArchive } from '../kernel/stock-archive.ts';
import type { FileTally, TallyResult } from '../tally.ts';
import { bundleTests } from './bundle.ts';
import { differs } from './differs.ts';
import { keepTimes, Queue, readTimes, type Times } from './queue.ts';
import { acrossBoots, BUNDLES, bundleOf, type FileReport, readDone } from './report.ts';

/** Seconds; beside much other work a machine has a seventh of a processor. */
const LIMIT = 100 * 60;
/** One for each CPU here, as far as there is work for them: each has one. */
const MACHINES = Math.min(2, availableParallelism());
/** Emulated, everything takes 2 to 25 times longer: tests wait longer, start programs that are compiled, and try less at random. */
const SETTINGS = {
  VZDECK_PATIENCE: 10,
  VZDECK_PROJECT: '/project',
  VZDECK_QUEUE: QUESTIONS,
  FUZZ_READ: 2000,
  FUZZ_STARTED: 40,
  VZDECK_CYCLES: 8,
  VZDECK_ROBOT: 200,
  NODE_COMPILE_CACHE: '/tmp/compiled',
  // a start without V8's threads takes a fifth less
  NODE_OPTIONS: '--v8-pool-size=0',
};
/**
 * Of the guest's kernel, below /sys/kernel/debug: each change of address space, and each flush of more pages than the last number here, empties QEMU's
 * table of jumps, so processes have longer turns, whoever is woken waits for one, and pages are flushed one by one.
 */
const CALM = { 'sched/base_slice_ns': 20_000_000, 'sched/features': 'NO_WAKEUP_PREEMPTION', 'x86/tlb_single_page_flush_ceiling': 500 };

const wanted = process.argv.slice(2);
const files = globSync('test/kernel/**/*.test.ts', { cwd: inProject() })
  .filter((file) => wanted.length === 0 || wanted.some((part) => (part === '--differ' ? differs(file) : file.includes(part))))
  .sort();

/** Seconds of the processor that files take which are run across boots: each file in all of its boots, and the boots themselves. */
const ACROSS_BOOTS_TAKES = { file: 40, boots: 60 };

/** With job control as under a shell: in an orphaned process group nothing could be stopped. */
const scriptFor = (last: readonly string[]): string => `set -m
${Object.entries(CALM)
  .map(([file, value]) => `echo ${value} >/sys/kernel/debug/${file} || exit`)
  .join('\n')}
export ${Object.entries(SETTINGS)
  .map(([name, value]) => `${name}=${value}`)
  .join(' ')}
[ -d build/vm-cache ] && mkdir -p ~/.cache && ln -sfn /project/build/vm-cache ~/.cache/vzdeck
node_modules/.bin/node test/vm/guest-run.ts ${last.map(bundleOf).join(' ')}`;

async function test(): Promise<number> {
  if (files.length === 0) {
    console.error(`No file of test/kernel has in its path: ${wanted.join(', ')}`);
    return 1;
  }
  const dir = mkdtempSync(join(tmpdir(), 'vzdeck-vm-'));
  try {
    const bundles = join(dir, 'bundles');
    await bundleTests(files, bundles);
    const times = join(cacheDir(), 'times.json');
    const machines = Array.from({ length: Math.max(1, Math.min(MACHINES, files.length)) }, (_, i) => ({
      last: i === 0 ? files.filter(acrossBoots) : [],
    }));
    const reports: FileReport[] = [];
    const others = files.filter((file) => !acrossBoots(file));
    const { file: each, boots } = ACROSS_BOOTS_TAKES;
    const afterwards = machines.length > 1 ? machines.map(({ last }) => (last.length === 0 ? 0 : boots + each * last.length)) : [];
    const queue = new Queue(others, readTimes(times), afterwards);
    const status = await withTestMachines({ [bundles]: BUNDLES, ...commands(), ...(await templates()) }, async (run, by) => {
      const statuses = machines.map(({ last }, i) =>
        run(
          {
            script: scriptFor(last),
            limit: LIMIT,
            reboots: last.length > 0,
            answer: (line, spent) => {
              const report = readDone(line);
              if (report !== null) {
                reports.push(report);
                return '';
              }
              const file = queue.next(i, spent);
              return file === null ? '' : bundleOf(file);
            },
          },
          { output: wholeLines(process.stdout), errors: wholeLines(process.stderr) },
        ),
      );
      const worst = Math.max(...(await Promise.all(statuses)));
      keepTimes(times, queue.times);
      tellTimes(queue.times, by);
      // what failed before a reboot is not in the status of the last boot
      return Math.max(worst, reports.some(({ failed }) => failed.length > 0) ? 1 : 0);
    });
    tell(reports, status);
    return status;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** All commands start soonest there from the snapshot with all functions compiled. */
function commands(): Readonly<Record<string, string>> {
  const [plain, compiled] = [snapshotFile(), snapshotFile('-compiled')];
  return plain === null || compiled === null ? {} : { [compiled]: relative(inProject(), plain) };
}

/** Templates of distributions that these tests start, for the cache of test/kernel, since no mirror is reached from there. */
async function templates(): Promise<Readonly<Record<string, string>>> {
  const sources = files.map((file) => readFileSync(inProject(file), 'utf8'));
  const names = STOCK_NAMES.filter((name) => sources.some((text) => text.includes(`'${name}'`)));
  try {
    const handed: Record<string, string> = {};
    for (const name of names) {
      if (!existsSync(stockArchive(name))) console.error(`Template ${name}: not built yet …`);
      for (const made of [await builtStock(name), await builtTree(name)]) handed[made] = `build/vm-cache/${basename(made)}`;
    }
    return handed;
  } catch (error) {
    console.error(`Tests of distributions are skipped: ${error instanceof Error ? error.message : error}`);
    return {};
  }
}

const shortName = (file: string): string => file.replace(/^test.kernel.|.test.ts$/g, '');

const ACCELERATORS: Readonly<Record<Accelerator, string>> = { kvm: 'with KVM', tcg: 'emulated' };

/** What most of the time goes into. */
function tellTimes(times: Times, by: Accelerator): void {
  const all = Object.entries(times).sort(([, a], [, b]) => b - a);
  // what goes on across boots is not measured
  if (all.length === 0) return;
  const sum = all.reduce((seconds, [, more]) => seconds + more, 0);
  const dearest = all.slice(0, DEAREST).map(([file, seconds]) => `${shortName(file)} ${seconds}`);
  console.log(`${Math.round(sum)} seconds of processors, ${ACCELERATORS[by]}: ${dearest.join(', ')} …`);
}
const DEAREST = 12;

/** What files have reported; one that goes on after a reboot reports more than once. */
function tallyOf(reports: readonly FileReport[]): Readonly<Record<string, FileTally>> {
  const tallies: Record<string, FileTally> = {};
  for (const { file, passed, failed, skipped } of reports) {
    const before = tallies[file] ?? { passed: 0, failures: [], reasons: {} };
    const reasons = { ...before.reasons };
    for (const [why, count] of Object.entries(skipped)) reasons[why] = (reasons[why] ?? 0) + count;
    const failures = [...before.failures, ...failed.map((title) => `${file} > ${title}`)];
    tallies[file] = { passed: before.passed + passed, failures, reasons };
  }
  return tallies;
}

/** Closing lines, and the tally for `npm test`. */
function tell(reports: readonly FileReport[], status: number): void {
  const kernel = reports[0]?.kernel ?? 'the test machine never came up';
  const ran = tallyOf(reports);
  const notRun = files.filter((file) => ran[file] === undefined);
  const lost = notRun.map((file): [string, FileTally] => [file, { passed: 0, failures: [`${file}: was not run`], reasons: {} }]);
  const tallies = { ...ran, ...Object.fromEntries(lost) };
  const all = Object.values(tallies);
  const failures = all.flatMap(({ failures: told }) => told);
  // a machine that ends badly after its last report is a failure as well
  const outside = failures.length === 0 && status !== 0 ? [`a test machine ended with ${status}`] : [];
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  for (const why of new Set(all.flatMap(({ reasons }) => Object.keys(reasons)))) {
    const where = Object.keys(tallies).filter((file) => tallies[file]?.reasons[why] !== undefined);
    console.log(`${sum(all.map(({ reasons }) => reasons[why] ?? 0))} skipped (${where.map(shortName).join(', ')}): ${why}`);
  }
  console.log(`Kernel: ${kernel}, ${files.length - notRun.length} of ${files.length} files`);
  const tally: TallyResult = { kernel, files: tallies, outside };
  const file = process.env['VZDECK_TALLY'];
  if (file) writeFileSync(file, JSON.stringify(tally));
  else for (const what of [...failures, ...outside]) console.log(`Failed: ${what}`);
  const skipped = sum(all.flatMap(({ reasons }) => Object.values(reasons)));
  console.log(`${sum(all.map(({ passed }) => passed))} passed, ${failures.length + outside.length} failed, ${skipped} skipped`);
}

process.exitCode = await test();

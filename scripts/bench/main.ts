// npm run bench [-- NAME…]: measures all figures or the named ones, says what was reached and what was not, and keeps the results. It never
// judges by exit status: on a shared machine a figure that is missed today is no fault.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HOME } from '../throw-away.ts';
import { atBench, type Figure } from './figure.ts';
import { BEANS } from './measures/beans.ts';
import { COMMANDS } from './measures/commands.ts';
import { CONFIGS } from './measures/configs.ts';
import { DAY } from './measures/day.ts';
import { FORM } from './measures/form.ts';
import { ITERATORS } from './measures/iterators.ts';
import { KEYS_IN_TABLE } from './measures/keys.ts';
import { LEDGER } from './measures/ledger.ts';
import { MANAGER } from './measures/manager.ts';
import { NEIGHBOURS } from './measures/neighbours.ts';
import { NETWORK } from './measures/network.ts';
import { OVERHEAD } from './measures/overhead.ts';
import { PANES } from './measures/pane.ts';
import { PANE_MANY } from './measures/pane-many.ts';
import { SOAK } from './measures/soak.ts';
import { SOCKETS } from './measures/sockets.ts';
import { START } from './measures/start.ts';
import { THOUSAND } from './measures/thousand.ts';
import { UBC_TICK } from './measures/ubc.ts';
import { WHO } from './measures/who.ts';
import { type FigureResult, resultOf, thisMachine, writeResults } from './results.ts';
import { valueText, verdict } from './words.ts';

const FIGURES: readonly Figure[] = [
  ...START,
  ...COMMANDS,
  ...CONFIGS,
  ...MANAGER,
  ...KEYS_IN_TABLE,
  UBC_TICK,
  SOAK,
  BEANS,
  SOCKETS,
  DAY,
  ITERATORS,
  FORM,
  LEDGER,
  ...PANES,
  PANE_MANY,
  OVERHEAD,
  ...NEIGHBOURS,
  ...NETWORK,
  ...THOUSAND,
  WHO,
];

function chosen(names: readonly string[]): readonly Figure[] {
  const unknown = names.filter((name) => !FIGURES.some((figure) => figure.name === name));
  if (unknown.length > 0) throw new Error(`No figure is called ${unknown.join(' ')}. There are: ${FIGURES.map((f) => f.name).join(' ')}`);
  return names.length === 0 ? FIGURES : FIGURES.filter((figure) => names.includes(figure.name));
}

function open(): { dir: string; clock: string } {
  const dir = mkdtempSync('/tmp/vzdeck-bench-');
  const clock = join(dir, 'clock');
  execFileSync('gcc', ['-O2', '-static', '-o', clock, join(HOME, 'scripts/bench/clock.c')]);
  return { dir, clock };
}

function tell(result: FigureResult): void {
  console.log(`\n${result.name}: ${result.what}`);
  for (const value of result.values) console.log(`  ${value.says.padEnd(44)} ${valueText(value).padEnd(28)} ${verdict(value)}`);
}

async function bench(names: readonly string[]): Promise<void> {
  const figures = chosen(names);
  const results: FigureResult[] = [];
  const on = new Date().toISOString().slice(0, 10);
  await atBench(
    HOME,
    async (bench) => {
      bench.later(() => rmSync(bench.dir, { recursive: true, force: true }));
      for (const figure of figures) {
        try {
          const result = resultOf(figure, await figure.measure(bench), on);
          results.push(result);
          tell(result);
        } catch (error) {
          console.error(`\n${figure.name} could not be measured: ${error instanceof Error ? error.message : error}`);
          process.exitCode = 1;
        }
      }
    },
    open,
  );
  if (results.length > 0)
    writeResults(
      HOME,
      await thisMachine(),
      results,
      FIGURES.map((figure) => figure.name),
    );
}

await bench(process.argv.slice(2));

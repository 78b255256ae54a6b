// vzdeck net check: what keeps networks of containers from working, each finding with its cause, what shows it, and the line that helps.
import { drawable, type NetCheck, type NetFinding } from '../../engine/index.ts';
import { scanOptions } from '../args.ts';
import { CliExit, type OptionRow } from '../command.ts';
import { knownContainers } from '../select.ts';
import type { NetCall } from './net-call.ts';

const NET_CHECK_OPTIONS: readonly OptionRow[] = [{ name: 'repair', value: false, help: 'make anew what is ours, and look again' }];

/** Something was found. */
const FOUND = 1;

const whom = (cts: readonly number[]): string => (cts.length === 0 ? 'node' : cts.join(', '));

function findingLines({ cts, object, cause, remedy, evidence }: NetFinding): readonly string[] {
  return [`${whom(cts)}: ${object} ${cause}.`, ...evidence.map((line) => `      - ${line}`), `      > ${remedy}`];
}

const list = (words: readonly string[]): string => words.join(', ').replace(/, ([^,]*)$/, ' and $1');

function netCheckLines({ findings, looked, notes, cts }: NetCheck): readonly string[] {
  const calm = `Nothing keeps the network of ${cts.length} container${cts.length === 1 ? '' : 's'} from working: nothing was found in ${list(looked)}`;
  const lines = findings.length === 0 ? [calm] : findings.flatMap((one, at) => [...(at === 0 ? [] : ['']), ...findingLines(one)]);
  return [...lines, ...notes.map((note) => `(${note})`)].map(drawable);
}

/** 1 where something was found, else 0. */
export async function netCheck(words: readonly string[], { engine, json, dryRun, run }: NetCall): Promise<number> {
  let repair = false;
  const operands = scanOptions(words, NET_CHECK_OPTIONS, () => {
    repair = true;
  });
  const [id = null, more] = operands.length === 0 ? [] : knownContainers(engine, operands);
  if (more !== undefined) throw new CliExit(21, 'vzdeck net check takes one container, or none: then it looks at all and at the node');
  if (repair && dryRun) {
    const lines = await engine.plan(async (planned) => void (await planned.netRepair(id)));
    if (json) process.stdout.write(`${JSON.stringify({ plan: lines })}\n`);
    else for (const { what, detail } of lines) process.stdout.write(`${what.padEnd(8)} ${detail}\n`);
    return 0;
  }
  const repaired = repair ? await engine.netRepair(id, run) : [];
  const found = await engine.netCheck(id);
  if (json) process.stdout.write(`${JSON.stringify({ ...found, repaired })}\n`);
  else {
    if (repaired.length > 0) process.stdout.write(`Made anew: what the node has for the network of ${repaired.join(', ')}\n`);
    for (const line of netCheckLines(found)) process.stdout.write(`${line}\n`);
  }
  return found.findings.length > 0 ? FOUND : 0;
}

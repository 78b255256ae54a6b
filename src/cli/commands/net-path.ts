// vzdeck net path: what a packet meets on its way, step by step, and one sentence about where it ends.
import { drawable, type NetPath } from '../../engine/index.ts';
import { scanOptions } from '../args.ts';
import { CliExit, type OptionRow } from '../command.ts';
import type { NetCall } from './net-call.ts';

const OPTIONS: readonly OptionRow[] = [{ name: 'probe', value: false, help: 'send a connection for real, and tell what came back' }];

/** It does not arrive. */
const LOST = 1;

const mark = (ok: boolean | null): string => (ok === null ? '?' : ok ? ' ' : '!');

function pathLines({ steps, ends, probe }: NetPath): readonly string[] {
  const width = Math.max(...steps.map(({ where }) => where.length), 0);
  return [
    ...steps.flatMap(({ where, says, ok, evidence }) => [
      `${mark(ok)} ${where.padEnd(width)}  ${says}`,
      ...evidence.map((line) => `${''.padEnd(width + 4)}- ${line}`),
    ]),
    ends,
    ...(probe === null ? [] : [`Tried: ${probe.says}.`]),
  ].map(drawable);
}

/** 1 where it ends on the way, by what can be seen or by what was tried, else 0. */
export async function netPath(words: readonly string[], { engine, json }: NetCall): Promise<number> {
  let probe = false;
  const [from, to, ...more] = scanOptions(words, OPTIONS, () => {
    probe = true;
  });
  if (from === undefined || to === undefined || more.length > 0)
    throw new CliExit(21, 'From where to where? vzdeck net path 101 10.0.0.9:80, vzdeck net path node web:80');
  const path = await engine.netPath(from, to, { probe });
  if (json) process.stdout.write(`${JSON.stringify(path)}\n`);
  else for (const line of pathLines(path)) process.stdout.write(`${line}\n`);
  return path.arrives === false || path.probe?.reached === false ? LOST : 0;
}

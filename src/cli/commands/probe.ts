// vzdeck probe: what this kernel offers the engine, as a table for people or as JSON.
import { drawable, type Engine, type Finding } from '../../engine/index.ts';

const WORDS = { yes: 'yes', no: 'no', unknown: '?' } as const;

function line({ title, answer, detail, use, without }: Finding): string {
  const does = answer === 'no' ? without : use;
  const said = drawable(answer === 'unknown' ? `not known: ${detail}` : detail);
  return `  ${title.padEnd(38)} ${WORDS[answer].padEnd(3)}  ${does}${said === '' ? '' : ` (${said})`}`;
}

export async function probe(engine: Engine, json: boolean): Promise<void> {
  const findings = await engine.probe();
  if (json) {
    process.stdout.write(`${JSON.stringify(findings)}\n`);
    return;
  }
  const groups = Map.groupBy(findings, (one) => one.group);
  for (const [group, found] of groups) process.stdout.write(`${group}\n${found.map(line).join('\n')}\n\n`);
}

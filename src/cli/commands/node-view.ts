// vzdeck node view: what all that runs holds, was promised and may take of the node, against what it has.
import { type Engine, humanBytes, type NodePromise } from '../../engine/index.ts';

const SAYS: Readonly<Record<NodePromise['name'], string>> = {
  ram: 'RAM',
  swap: 'swap',
  guaranteed: 'memory guaranteed when the node runs out',
  allocated: 'memory that may be asked for',
  cpu: 'CPU units',
};
const HEAD = ['', 'HELD', 'PROMISED', 'LIMITS', 'NODE HAS', 'SOLD'];

/** The greater of what is promised and what may be taken, in percent of what there is; null where nobody knows that. */
function sold({ has, promised, limits }: NodePromise): number | null {
  const most = Math.max(promised ?? 0, limits ?? 0);
  return has > 0 ? Math.round((100 * most) / has) : null;
}

const figure = (name: NodePromise['name'], value: number | null): string =>
  value === null ? '-' : name === 'cpu' ? String(value) : humanBytes(value);

function cells(one: NodePromise): readonly string[] {
  const { name, has, held, promised, limits } = one;
  const percent = sold(one);
  return [
    SAYS[name],
    figure(name, held),
    figure(name, promised),
    figure(name, limits),
    has === 0 ? '-' : figure(name, has),
    percent === null ? '-' : `${percent}%${percent > 100 ? ' !' : ''}`,
  ];
}

/** Sentences for what no figure tells. */
function remarks(promises: readonly NodePromise[]): readonly string[] {
  const over = promises.filter((one) => (sold(one) ?? 0) > 100).map(({ name }) => SAYS[name]);
  const open = promises
    .filter(({ unbounded }) => unbounded.length > 0)
    .map(({ name, unbounded }) => `${SAYS[name]}, without limit and therefore in no sum: ${unbounded.join(', ')}`);
  return [...(over.length === 0 ? [] : [`! Sold more than there is: ${over.join(', ')}`]), ...open];
}

export function nodeView(engine: Engine, json: boolean): void {
  const running = engine.tools().running();
  const promises = engine.promises(engine.ubc(running));
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ running: running.length, promises: promises.map((one) => ({ ...one, sold: sold(one) })) })}\n`,
    );
    return;
  }
  const rows = [HEAD, ...promises.map(cells)];
  const widths = HEAD.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  const pad = (text: string, at: number): string => (at === 0 ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0));
  process.stdout.write(`${running.length === 1 ? '1 container runs' : `${running.length} containers run`}\n\n`);
  for (const row of rows) process.stdout.write(`${row.map(pad).join('  ').trimEnd()}\n`);
  for (const [at, remark] of remarks(promises).entries()) process.stdout.write(`${at === 0 ? '\n' : ''}${remark}\n`);
}

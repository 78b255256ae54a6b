// vzdeck node view: what all that runs holds, was promised and may take of the node, against what it has.
import { type Engine, humanBytes, type NodePromise, soldOf } from '../../engine/index.ts';

const SAYS: Readonly<Record<NodePromise['name'], string>> = {
  ram: 'RAM',
  swap: 'swap',
  guaranteed: 'memory guaranteed',
  allocated: 'memory allocatable',
  cpu: 'CPU units',
};
const HEAD = ['', 'HELD', 'PROMISED', 'LIMITS', 'NODE HAS', 'SOLD'];

/** In percent; null where nobody knows how much there is, or there is nothing of it. */
function sold(one: NodePromise): number | null {
  const part = soldOf(one);
  return part === null || !Number.isFinite(part) ? null : Math.round(100 * part);
}

/** More than there is, or some of what is not there at all. */
const isOver = (one: NodePromise): boolean => (soldOf(one) ?? 0) > 1;

const figure = (name: NodePromise['name'], value: number | null): string =>
  value === null ? '-' : name === 'cpu' ? String(value) : humanBytes(value);

function cells(one: NodePromise): readonly string[] {
  const { name, has, held, promised, limits } = one;
  const percent = sold(one);
  const level = percent === null ? (isOver(one) ? 'over' : '-') : `${percent}%`;
  return [
    SAYS[name],
    figure(name, held),
    figure(name, promised),
    figure(name, limits),
    figure(name, has),
    isOver(one) ? `${level} !` : level,
  ];
}

/** Sentences for what no figure tells. */
function remarks(promises: readonly NodePromise[]): readonly string[] {
  const over = promises.filter(isOver).map(({ name, has }) => `${SAYS[name]}${has === 0 ? ' (the node has none)' : ''}`);
  const open = promises
    .filter(({ unbounded }) => unbounded.length > 0)
    .map(({ name, unbounded }) => `${SAYS[name]}, without limit and therefore in no sum: ${unbounded.join(', ')}`);
  const broken = promises.flatMap(({ name, unkept = [] }) =>
    unkept.length === 0
      ? []
      : [`${SAYS[name]}: nobody keeps it on this node (vzdeck ubc --json has the reason), promised to ${unkept.join(', ')}`],
  );
  return [...(over.length === 0 ? [] : [`! Sold more than there is: ${over.join(', ')}`]), ...broken, ...open];
}

export function nodeView(engine: Engine, json: boolean): void {
  const running = engine.tools().running();
  const promises = engine.promises(engine.ubc(running));
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ running: running.length, promises: promises.map((one) => ({ ...one, sold: sold(one), over: isOver(one) })) })}\n`,
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

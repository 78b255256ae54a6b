// The blocks of README that are made and not written: each stands between a begin and an end mark of its name. Knows Markdown and the results.
import { type Machine, type Measured, type Results, reached } from './bench/results.ts';
import { reachText, valueText } from './bench/words.ts';

function machine({ system, kernel, cpu, cores, memory, peers }: Machine): string {
  const versions = Object.entries(peers).map(([name, version]) => `${name} ${version}`);
  return `${system}, kernel ${kernel}, ${cpu}, ${cores} cores, ${memory} GiB; ${versions.join(', ')}`;
}

const judged = (value: Measured): string => {
  const is = reached(value);
  return is === null ? '' : `${reachText(value)}: ${is ? 'reached' : '**not reached**'}`;
};

function when({ figures }: Results): string {
  const days = figures.map((figure) => figure.on).sort();
  return days[0] === days.at(-1) ? `${days[0]}` : `${days[0]} to ${days.at(-1)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** What was to be reached, one line each. */
function figures(results: Results): string {
  const rows = results.figures.flatMap(({ what, values }) => {
    const wanted = values.filter((value) => reached(value) !== null);
    return wanted.map((value, i) => [i === 0 ? what : '', value.says, valueText(value), judged(value)]);
  });
  const about = `Medians, in brackets the middle half of the rounds, on a shared machine of ${results.machine.cores} cores (${when(results)}). [docs/figures.md](docs/figures.md) has all values and the peers; \`npm run bench\` measures them on yours.`;
  return `${about}\n\n${table(['figure', '', 'measured', 'to reach'], rows)}`;
}

/** docs/figures.md: every value of every figure. */
export function figuresPage(results: Results): string {
  const groups = results.figures.map(({ what, values }) => {
    const rows = values.map((value) => [value.says, valueText(value), judged(value)]);
    return `## ${what}\n\n${table(['', 'measured', 'to reach'], rows)}\n`;
  });
  return [
    '# Figures\n',
    '<!-- Made by npm run docs from figures.json, which npm run bench writes. -->\n',
    `Medians of rounds that are interleaved with those of the peers, in brackets the middle half of them. The machine is shared: read the ratios first.\n`,
    `Measured ${when(results)} on ${machine(results.machine)}.\n`,
    ...groups,
  ].join('\n');
}

const PICTURE = '![The manager with a dozen containers](docs/manager.svg)';

/** Replaces the text between the marks of each block. Throws Error when README has lost a mark. */
function withBlock(readme: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md has no block between "${begin}" and "${end}"`);
  return `${readme.slice(0, from + begin.length)}\n${text}\n${readme.slice(to)}`;
}

/** README as it should be; without results the block of figures stays as it is. */
export function withBlocks(readme: string, results: Results | null): string {
  const pictured = withBlock(readme, 'picture', PICTURE);
  return results === null ? pictured : withBlock(pictured, 'figures', figures(results));
}

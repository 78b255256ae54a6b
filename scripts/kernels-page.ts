// docs/kernels.md: what the kernels that the project is tested on offer, beside each other.
import type { Finding } from '../src/engine/index.ts';
import type { Kernel } from './kernels.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** A mechanism and the kernel's part of it may have one name: "memory" is a controller as well as a limit. */
const keyOf = ({ group, name }: Finding): string => `${group} ${name}`;

function answerOf({ findings }: Kernel, asked: Finding): string {
  const found = findings.find((one) => keyOf(one) === keyOf(asked));
  if (!found) return '–';
  const { answer, detail } = found;
  const said = answer === 'unknown' ? `not asked: ${detail}` : answer;
  return answer === 'no' && detail !== '' ? `${said}: ${detail}` : said;
}

/** Rows in the order of the first kernel that has them. */
function rowsOf(kernels: readonly Kernel[]): readonly Finding[] {
  return [...new Map(kernels.flatMap(({ findings }) => findings).map((one) => [keyOf(one), one] as const)).values()];
}

export function kernelsPage(kernels: readonly Kernel[]): string {
  const groups = Map.groupBy(rowsOf(kernels), (one) => one.group);
  const head = ['', ...kernels.map(({ name }) => name), 'with it', 'without it', 'lxc-checkconfig'];
  const mode = kernels.map(({ findings }) => findings.find((one) => one.name === 'cgroup-mode')?.detail ?? '');
  const tables = [...groups].map(([group, rows]) => {
    const lines = rows.map((one) =>
      [one.title, ...kernels.map((kernel) => answerOf(kernel, one)), one.use, one.without, one.checkconfig ?? ''].map(cell),
    );
    return [
      `## ${group}`,
      '',
      `| ${head.map(cell).join(' | ')} |`,
      `|${' --- |'.repeat(head.length)}`,
      ...lines.map((line) => `| ${line.join(' | ')} |`),
      '',
    ].join('\n');
  });
  return [
    '<!-- Made by npm run docs from kernels.json, which scripts/kernels.ts writes. -->',
    '# What a kernel offers, and what vzdeck does about it',
    '',
    `Each line was found by doing it once: \`vzdeck probe\` does that on yours (\`--json\` for programs). The first kernel is that of the machine where`,
    `the project is developed (cgroups: ${mode[0]}), the second that of the test machine (${mode[1]}; see [vm.md](vm.md)). "nothing yet": no part of`,
    'the project uses it so far. The last column names the line of lxc-checkconfig that asks for the same.',
    '',
    ...tables,
  ].join('\n');
}

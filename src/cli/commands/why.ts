// vzdeck why: what goes wrong and who is to blame, worst first, for people at night and for scripts.
import { drawable, type Engine, type Sentence, type Why } from '../../engine/index.ts';
import { scanOptions } from '../args.ts';
import { CliExit, type OptionRow } from '../command.ts';
import { knownContainers } from '../select.ts';

const WHY_OPTIONS: readonly OptionRow[] = [
  { name: 'evidence', value: false, help: 'with --json: all that was seen as well, enough to judge it again' },
];

/** Something was found that is more than a note. */
const TROUBLE = 1;

const INDENT = '      ';
/** What a line of evidence begins with where it goes on. */
const GOES_ON = `${INDENT}  `;
const WIDE = 120;
const NARROW = 40;

const MARKS: Readonly<Record<Sentence['severity'], string>> = { alarm: 'ALARM ', warning: 'warn  ', note: 'note  ' };

/** Lines of at most `width` cells, broken at blanks; a word that is longer stays whole where it can. */
function wrapped(text: string, width: number, first: string, next: string): readonly string[] {
  const lines: string[] = [];
  let line = first;
  let begun = false;
  for (const word of drawable(text).replaceAll('\n', ' ').split(' ')) {
    if (begun && line.length + 1 + word.length > width) {
      lines.push(line);
      [line, begun] = [next, false];
    }
    line += begun ? ` ${word}` : word;
    begun = true;
  }
  return [...lines, line];
}

function sentenceLines({ severity, subject, text, evidence, remedy }: Sentence, width: number): readonly string[] {
  return [
    ...wrapped(`${subject}: ${text}.`, width, MARKS[severity], INDENT),
    ...evidence.flatMap((line) => wrapped(line, width, `${INDENT}- `, GOES_ON)),
    ...(remedy === '' ? [] : [`${INDENT}> ${drawable(remedy)}`]),
  ];
}

const list = (words: readonly string[]): string => words.join(', ').replace(/, ([^,]*)$/, ' and $1');

/** For people: a sentence, what it is told by, and what can be done. */
export function whyLines({ sentences, looked, evidence }: Why, width: number): readonly string[] {
  if (sentences.length > 0) return sentences.flatMap((one, at) => [...(at === 0 ? [] : ['']), ...sentenceLines(one, width)]);
  const all = evidence.containers.length;
  const whom = evidence.only === null ? `this node and its ${all === 1 ? 'container' : `${all} containers`}` : String(evidence.only);
  return wrapped(`Nothing wrong with ${whom}: in ${evidence.seconds.toFixed(1)} s nothing was found in ${list(looked)}`, width, '', '  ');
}

/** 1 where an alarm or a warning was found, else 0. */
export async function why(engine: Engine, words: readonly string[], json: boolean, signal: AbortSignal): Promise<number> {
  let whole = false;
  const operands = scanOptions(words, WHY_OPTIONS, () => {
    whole = true;
  });
  const ids = operands.length === 0 ? [null] : knownContainers(engine, operands);
  if (ids.length > 1) throw new CliExit(21, 'vzdeck why takes one container, or none: then it looks at all and at the node');
  const found = await engine.why(ids[0], signal);
  const { evidence, ...answer } = found;
  if (json) {
    const about = { at: evidence.at, seconds: evidence.seconds, only: evidence.only };
    process.stdout.write(`${JSON.stringify(whole ? found : { ...about, ...answer })}\n`);
  } else {
    const room = process.stdout.isTTY ? Math.max(NARROW, Math.min(WIDE, process.stdout.columns)) : WIDE;
    for (const line of whyLines(found, room)) process.stdout.write(`${line}\n`);
  }
  return answer.sentences.some(({ severity }) => severity !== 'note') ? TROUBLE : 0;
}

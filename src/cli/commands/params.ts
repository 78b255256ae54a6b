// vzdeck params: what there is to set, from the table: all of it in short, what words find, or one parameter whole.
import { badgeOf, drawable, enforcerText, PARAMS, type Param, sectionOf } from '../../engine/index.ts';
import { CliExit } from '../command.ts';

const BADGES = { live: 'at once', restart: 'next start', kept: 'kept only' } as const;

const flagsOf = ({ flags }: Param): readonly string[] => flags.map(({ name, short }) => (short ? `-${short}, --${name}` : `--${name}`));
const namesOf = ({ key, aliases = [], flags, field }: Param): readonly string[] => [
  key,
  ...aliases,
  ...flags.map(({ name }) => name),
  ...(field ? [field] : []),
];

function line(param: Param): string {
  return `  ${param.key.padEnd(15)} ${BADGES[badgeOf(param)].padEnd(10)} ${param.help}${param.obsolete ? ' (old)' : ''}\n`;
}

function list(params: readonly Param[]): string {
  const groups = Map.groupBy(params, sectionOf);
  return [...groups].map(([section, some]) => `${section}\n${some.map(line).join('')}`).join('\n');
}

const fact = (name: string, text: string | undefined): string => (text ? `  ${name.padEnd(12)} ${text}\n` : '');

function whole(param: Param): string {
  const { key, aliases = [], grammar, help, unit, fallback, enforcer, since, obsolete, field, flags, means = {} } = param;
  const own = flags.filter((flag) => flag.help !== undefined).map((flag) => `  ${''.padEnd(12)} --${flag.name}: ${flag.help}\n`);
  const forms = flags.filter((flag) => flag.grammar?.hint && flag.grammar.hint !== grammar.hint && flag.op !== 'edit');
  return [
    `${key}: ${help}\n\n`,
    fact('also', aliases.join(', ')),
    fact('section', sectionOf(param)),
    fact('options', flagsOf(param).join(' ') || 'none: it is for the config alone'),
    ...own,
    fact('value', grammar.hint),
    ...forms.map((flag) => fact('', `--${flag.name}: ${flag.grammar?.hint}`)),
    ...Object.entries(means).map(([choice, what]) => fact('', `${choice}: ${what}`)),
    fact('such as', grammar.examples.filter((example) => example !== '').join('   ')),
    fact('counts', unit),
    fact('without it', fallback),
    fact('acts', BADGES[badgeOf(param)]),
    fact('held by', enforcerText(enforcer)),
    fact('since', since && `Linux ${since}`),
    fact('old', obsolete),
    fact('in vzlist', field),
  ].join('');
}

/** What programs get. */
const record = (param: Param): object => ({
  key: param.key,
  aliases: param.aliases ?? [],
  section: sectionOf(param),
  options: param.flags.map(({ name, short, op }) => ({ name, ...(short ? { short } : {}), op })),
  value: param.grammar.hint,
  examples: param.grammar.examples,
  means: param.means ?? null,
  unit: param.unit ?? null,
  fallback: param.fallback ?? null,
  acts: badgeOf(param),
  enforcer: param.enforcer,
  since: param.since ?? null,
  obsolete: param.obsolete ?? null,
  field: param.field ?? null,
  help: param.help,
});

function found(words: readonly string[]): readonly Param[] {
  if (words.length === 0) return PARAMS;
  const wanted = words.map((word) => word.replace(/^--?/, '').toLowerCase());
  const exact = PARAMS.filter((param) => namesOf(param).some((name) => wanted.includes(name.toLowerCase())));
  if (exact.length > 0) return exact;
  const text = (param: Param): string => `${namesOf(param).join(' ')} ${sectionOf(param)} ${param.help}`.toLowerCase();
  const some = PARAMS.filter((param) => wanted.every((word) => text(param).includes(word)));
  if (some.length === 0) throw new CliExit(21, drawable(`No parameter has ${words.join(' ')} in its name, options or help`));
  return some;
}

/** Words are keys, options, fields of vzlist, or parts of these and of the help. */
export function params(words: readonly string[], json: boolean): void {
  const some = found(words);
  if (json) process.stdout.write(`${JSON.stringify(some.map(record))}\n`);
  else process.stdout.write(some.length === 1 && some[0] ? whole(some[0]) : list(some));
}

// Help of vzdeck, from the tables of commands and parameters.
import { flagOf, LENS_KINDS, sectionOf } from '../engine/index.ts';
import { CliExit, type Command, type OptionRow } from './command.ts';
import { CONFIG_VERBS } from './commands/config.ts';
import { NET_VERBS } from './commands/net.ts';
import { SAMPLE_OPTIONS } from './commands/sample.ts';
import { TEMPLATE_OPTIONS, TEMPLATE_VERBS } from './commands/template.ts';
import { UBC_OPTIONS } from './commands/ubc.ts';
import { SHOWN_VERBS, verbOf } from './vzdeck-commands.ts';

const WIDTH = 28;

const row = (left: string, right: string): string =>
  left.length < WIDTH ? `  ${left.padEnd(WIDTH)}${right}\n` : `  ${left}\n  ${''.padEnd(WIDTH)}${right}\n`;

/** Verbs that are not asked container by container. */
export const OWN_VERBS: readonly (readonly [words: string, help: string])[] = [
  ['list', 'containers and what they use'],
  ['ps [CONTAINER…]', 'their processes, with pids on the node and inside'],
  [
    'why [CONTAINER]',
    'what goes wrong, who is to blame and what helps; status 1 where there is trouble; --json --evidence: all that was seen',
  ],
  ['who CONTAINER [COUNTER…]', 'processes that hold most of a beancounter (without one: of numproc and physpages)'],
  ['ubc [CONTAINER…]', 'beancounters: what is held, refused, and by whom; --failing, --since 10m, --watch'],
  ['log CONTAINER [-f] [-n N]', 'what it logs inside; --console: what its console has printed'],
  ['template list|recipes|check', 'templates that containers are made from'],
  ['template build|remove', 'make one by a recipe, or take one away'],
  ['params [NAME…]', 'every parameter: how it is written, when it acts, who holds a container to it'],
  ['config get|set|unset', 'values of a container’s file; config validate says what is wrong with files'],
  ['diff CONTAINER…', 'where what runs differs from its files'],
  ['journal [CONTAINER…]', 'who did what when with which result; --last N'],
  ['fields [WORD…]', 'what vzlist and the columns of the manager can show'],
  ['sample [NAME] [--from CONTAINER]', 'sample configs: which there are, what one says, a new one made of a container'],
  ['lens WHAT…', 'whose a pid, port, address, MAC, link, cgroup, file, inode or user id of the node is; and what stands for a container'],
  ['net check', 'networks of containers: what keeps them from working; net path FROM TO: where a packet ends; help net lists all'],
  ['node [view]', 'what all that runs holds, was promised and may take, against what the node has'],
  ['node start|stop', 'all that is to run with the node, in order, as at its boot and shutdown'],
  ['node install|remove|show', "the service of the node's systemd that does so; node status tells"],
  ['probe', 'what this kernel offers, found by trying, and what is done about it'],
  ['with-proc PROGRAM…', 'runs a program that reads /proc/user_beancounters, /proc/bc or /proc/vz of an OpenVZ kernel'],
  ['leave', 'take the empty cgroups of this node away, when no container runs'],
  ['help VERB', 'options of a verb; help set explains every parameter'],
];

export function vzdeckHelp(): string {
  return [
    'Usage: vzdeck [--read-only]                    the manager, or only to look\n',
    '       vzdeck VERB CONTAINER… [OPTIONS]        CONTAINER: id, name, range 101-110, pattern, or --all\n\n',
    ...SHOWN_VERBS.map(([word, { help }]) => row(word, help)),
    ...OWN_VERBS.map(([words, help]) => row(words, help)),
    '\nEverywhere:\n',
    row('--dry-run', 'print what would be done and change nothing'),
    row('--json', 'results for programs'),
    row('--verbose', 'every step'),
    row('--skiplock', 'do not take the lock of the container'),
    '\nvzctl and vzlist are the same as they always were; enter, exec and console take one container.\n',
  ].join('');
}

const NOTES = { live: '', start: ' [next start]', none: ' [kept only]' } as const;
const LEGEND = '\n[kept only]: read, checked and shown, but nothing of this version acts on it\n';

function option(o: OptionRow): string {
  const found = flagOf(o.name);
  const fallback = found?.flag.op === 'set' && found.param.fallback ? ` (without it: ${found.param.fallback})` : '';
  const note = NOTES[found?.param.effect ?? 'live'];
  const letter = o.short ? `-${o.short}, ` : '';
  const hint = o.value && o.hint ? row('', o.hint) : '';
  const means = Object.entries(found?.param.means ?? {}).map(([choice, what]) => row('', `${choice}: ${what}`));
  const old = found?.param.obsolete ? ` (old: ${found.param.obsolete})` : '';
  return row(`${letter}--${o.name}`, `${o.help}${fallback}${old}${note}`) + (means.join('') || hint);
}

function optionsOf({ options = [], ownOptions = [] }: Command): string {
  const shown = [...options, ...ownOptions].filter((o) => !o.hidden);
  const groups = new Map<string, OptionRow[]>();
  for (const o of shown) {
    const found = flagOf(o.name);
    const title = found ? sectionOf(found.param) : 'how';
    groups.set(title, [...(groups.get(title) ?? []), o]);
  }
  if (groups.size < 2) return shown.map(option).join('');
  return [...groups].map(([title, rows]) => `\n${title}\n${rows.map(option).join('')}`).join('') + LEGEND;
}

export const unknownVerb = (verb: string): CliExit => new CliExit(20, `vzdeck knows no verb ${verb}: vzdeck help lists them`);

/** Verbs without options of their own: what there is to say about them stands in the list. */
const LISTED = new Set([...OWN_VERBS.map(([words]) => words.split(' ')[0]), 'status', 'version']);

const verbRows = (verbs: typeof TEMPLATE_VERBS): string => verbs.map(([words, help]) => row(words, help)).join('');

function templateHelp(): string {
  const verbs = verbRows(TEMPLATE_VERBS);
  return `Usage: vzdeck template VERB\n\n${verbs}\nbuild takes:\n${TEMPLATE_OPTIONS.map(option).join('')}`;
}

/** Help of one verb. Throws CliExit 20 for a word that is none. */
export function helpOf(verb: string): string {
  const command = verbOf(verb);
  if (!command && !LISTED.has(verb)) throw unknownVerb(verb);
  if (verb === 'template') return templateHelp();
  if (verb === 'sample') return `Usage: vzdeck sample [NAME] [OPTIONS]\n\n${SAMPLE_OPTIONS.map(option).join('')}`;
  if (verb === 'ubc') return `Usage: vzdeck ubc [CONTAINER…] [OPTIONS]\n\n${UBC_OPTIONS.map(option).join('')}`;
  if (verb === 'lens') return `Usage: vzdeck lens WHAT…\n\n${verbRows(LENS_KINDS.map(({ name, looks }) => [name, looks]))}`;
  if (verb === 'net') return `Usage: vzdeck net VERB\n\n${verbRows(NET_VERBS)}`;
  if (verb === 'config') return `Usage: vzdeck config VERB\n\n${verbRows(CONFIG_VERBS)}`;
  if (!command) return vzdeckHelp();
  const one = command.words ? 'CONTAINER' : 'CONTAINER…';
  const head = `Usage: vzdeck ${verb} ${one} ${command.synopsis ?? (command.options ? '[OPTIONS]' : '')}`.trimEnd();
  return `${head}\n\n  ${command.help}\n\n${optionsOf(command)}`;
}

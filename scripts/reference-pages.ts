// The reference pages as texts, each made from the table that the program itself works from. Knows Markdown and the tables, no files.
import { TOOLS } from '../src/cli/tools.ts';
import { helpOf } from '../src/cli/vzdeck-help.ts';
import { ASKABLE } from '../src/engine/account/who/who.ts';
import { ERRORS } from '../src/engine/errors.ts';
import { capabilityNames, capabilitySet, DROPPED } from '../src/engine/rootfs/wall/capabilities.ts';
import { NODES } from '../src/engine/rootfs/wall/devices.ts';
import { HIDDEN, READ_ONLY, WRITABLE } from '../src/engine/rootfs/wall/masks.ts';
import { PROCESS_LIMITS } from '../src/engine/rootfs/wall/rlimits.ts';
import { LEFT_OPEN, NEWEST, REFUSED } from '../src/engine/rootfs/wall/syscalls.ts';
import { FEATURE_TABLE, type Feature } from '../src/engine/spec/features.ts';
import { type Badge, badgeOf, enforcerText } from '../src/engine/spec/params/enforcer.ts';
import { BIND_OPTIONS } from '../src/engine/spec/params/mounts.ts';
import { IDLE_KEYS, KNOWN_KEYS, VIRTUOZZO_KEYS } from '../src/engine/spec/params/other-keys.ts';
import { PARAMS, sectionOf } from '../src/engine/spec/params/table.ts';
import type { Param } from '../src/engine/spec/params/types.ts';
import { MATRIX, STATES, type Verdict } from '../src/engine/spec/states.ts';
import { RULES } from '../src/engine/spec/why/judge.ts';
import { SEVERITIES, type Severity } from '../src/engine/spec/why/sentence.ts';
import { CARE } from '../src/engine/template/care-steps.ts';
import { FORMATS } from '../src/engine/template/formats.ts';
import { RECIPE_NAMES, recipeOf } from '../src/engine/template/recipes.ts';
import { KEYS } from '../src/tui/keys/table.ts';
import { ASCII_GLYPHS, UNICODE_GLYPHS } from '../src/tui/screen/glyphs.ts';
import { ROLE_HELP } from '../src/tui/screen/theme.ts';
import { ATTRIBUTES } from '../src/tui/screen/theme-file.ts';
import { builtInTheme, THEME_NAMES } from '../src/tui/screen/themes.ts';
import { COLUMN_IDS, columnOf, USUAL } from '../src/tui/store/columns.ts';
import { FILTER_EXAMPLES } from '../src/tui/store/filter.ts';
import { PROCESS_EXAMPLES } from '../src/tui/store/process-filter.ts';
import { POOLS } from './shared-pools.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const code = (text: string): string => (text === '' ? '' : `\`${text}\``);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |\n`;
  return `${line(head)}${line(head.map(() => '---'))}${rows.map(line).join('')}\n`;
}

const page = (title: string, about: string, ...parts: readonly string[]): string =>
  `# ${title}\n\n<!-- Made by npm run docs; change the table in the sources instead. -->\n\n${about}\n\n${parts.join('')}`
    .trimEnd()
    .concat('\n');

const ACTS: Readonly<Record<Badge, string>> = { live: 'at once', restart: 'at the next start', kept: 'kept and shown only' };

function parameterRow(param: Param): readonly string[] {
  const { key, aliases = [], flags, grammar, fallback = '', unit = '', enforcer, since, obsolete, help, means = {} } = param;
  const options = flags.map(({ name, short }) => code(short ? `-${short} --${name}` : `--${name}`)).join(' ');
  const told = [enforcerText(enforcer), ...(since ? [`from Linux ${since}`] : [])].join('; ');
  return [
    [key, ...aliases].map(code).join(' '),
    options,
    code(grammar.hint),
    unit,
    fallback,
    ACTS[badgeOf(param)],
    told,
    [obsolete ? `${help} (old: ${obsolete})` : help, ...Object.entries(means).map(([choice, what]) => `${code(choice)}: ${what}`)].join(
      '; ',
    ),
  ];
}

function parameters(): string {
  const sections = [...new Set(PARAMS.map(sectionOf))];
  const head = ['key in the config', 'options of set', 'value', 'counts', 'without it', 'acts', 'held by', 'meaning'];
  const parts = sections.map((section) => {
    const rows = PARAMS.filter((param) => sectionOf(param) === section).map(parameterRow);
    return `## ${section[0]!.toUpperCase()}${section.slice(1)}\n\n${table(head, rows)}`;
  });
  const others = `## Other keys\n\nOf \`vz.conf\` and scripts, kept as they stand: ${[...KNOWN_KEYS].map(code).join(' ')}.\n\nOf those, kept and not obeyed:\n\n${table(
    ['key', 'why'],
    [...IDLE_KEYS].map(([key, why]) => [code(key), why]),
  )}\n\nOf OpenVZ 7, kept, and nothing here reads them:\n\n${table(
    ['key', 'was for'],
    [...VIRTUOZZO_KEYS].map(([key, what]) => [code(key), what]),
  )}`;
  return page('Parameters', 'What stands in a container’s config and what `vzctl set` takes.', ...parts, others);
}

/** What a text says where the program would put a name in. */
const FIELDS = new Proxy({}, { get: (_target, name) => `‹${String(name)}›` }) as Readonly<Record<string, string>>;

function exits(): string {
  const rows = Object.values(ERRORS)
    .map((error) => [error.exit, error.text(FIELDS), 'remedy' in error ? error.remedy(FIELDS) : ''] as const)
    .sort((a, b) => a[0] - b[0]);
  return page(
    'Exit statuses',
    'Every refusal of the engine: the exit status of `vzctl`, what it says, and what to do.',
    table(
      ['status', 'text', 'remedy'],
      rows.map(([exit, text, remedy]) => [String(exit), text, remedy]),
    ),
  );
}

function verdict(of: Verdict): string {
  if ('steps' in of) return of.steps.join(', ');
  if ('idle' in of) return 'nothing to do';
  return `refused (${ERRORS[of.refuse].exit})`;
}

function states(): string {
  const rows = Object.entries(MATRIX).map(([verb, row]) => [code(verb), ...STATES.map((state) => verdict(row[state]))]);
  return page(
    'States and verbs',
    'What each verb does in each state of a container; in brackets the exit status.',
    table(['verb', ...STATES], rows),
  );
}

function keys(): string {
  const rows = Object.entries(KEYS).map(([id, action]) => [
    [
      action.keys.map(code).join(' '),
      ...Object.entries(action.keysIn ?? {}).map(([mode, own]) => `in ${mode} ${own.map(code).join(' ')}`),
    ].join(', '),
    action.label,
    action.help,
    action.when.join(', '),
    code(id),
  ]);
  return page(
    'Keys of the manager',
    'As `?` shows them. The last column is the name by which [keys.json](../keys-and-commands.md) gives an action other keys.',
    table(['keys', 'label', 'what it does', 'where', 'name'], rows),
  );
}

function wall(): string {
  const calls = REFUSED.map((entry) => [
    entry.topic,
    Object.keys(entry.calls).map(code).join(' '),
    entry.only ?? '',
    entry.errno,
    entry.reason,
  ]);
  const masks = [
    ...HIDDEN.map((part) => ['hidden', part] as const),
    ...READ_ONLY.map((part) => ['read only', part] as const),
    ['writable', WRITABLE] as const,
  ];
  const limit = (value: bigint): string => (value === 0xffff_ffff_ffff_ffffn ? 'none' : String(value));
  return page(
    'The wall',
    'What root of a container does not get, with each entry’s reason. The same holds for its init and for every process that enters.',
    `## System calls\n\nRefused on x86-64, i386 and arm64 alike; so is, with ENOSYS, every number above ${NEWEST} and every x32 call.\n\n${table(['about', 'calls', 'only', 'answer', 'reason'], calls)}`,
    `## System calls that were judged and left open\n\n${table(
      ['calls', 'reason'],
      LEFT_OPEN.map((entry) => [entry.calls, entry.reason]),
    )}`,
    `## Capabilities that are dropped\n\n${table(
      ['capability', 'reason'],
      DROPPED.map(({ name, reason }) => [code(name), reason]),
    )}`,
    `## /proc and /sys\n\n${table(
      ['how', 'paths', 'reason'],
      masks.map(([how, part]) => [how, part.paths.map(code).join(' '), part.reason]),
    )}`,
    `## /dev\n\nOnly ${NODES.map(code).join(' ')}, the container’s own terminals, \`/dev/pts\` and \`/dev/shm\`.\n\n`,
    `## Limits of a process\n\n${table(
      ['limit', 'soft', 'hard', 'reason'],
      PROCESS_LIMITS.map((l) => [code(l.name), limit(l.soft), limit(l.hard), l.reason]),
    )}`,
    `## What all containers draw from together\n\n${table(
      ['pool', 'what bounds one container', 'remark'],
      POOLS.map(({ pool, bound, remark }) => [pool, bound || '**nothing**', remark]),
    )}`,
  );
}

const GIVES: Readonly<Record<Feature['gives'], string>> = {
  device: 'at once: a device',
  module: 'a module of the node',
  view: 'at the next start',
  nothing: '**not possible**',
};

function given(): string {
  const profiles = (['openvz', 'strict'] as const).map((profile) => [
    code(profile),
    capabilityNames(capabilitySet(profile)).map(code).join(' '),
  ]);
  return page(
    'What a container can be given',
    'Of the node: directories and files, devices, features of the kernel, rights. All of it is taken away again by the same parameters; see [the security model](../security.md#what-is-given-on-purpose).',
    `## Bind mounts\n\n\`--bindmount_add SOURCE:PLACE[,OPTION…]\`, \`--bindmount_del PLACE\`; config key \`BINDMOUNT\`. Acts at once. Options:\n\n${table(
      ['option', 'what it does'],
      Object.entries(BIND_OPTIONS).map(([name, does]) => [code(name), does]),
    )}`,
    `## Features\n\n\`--features NAME:on|off\`; config key \`FEATURES\`.\n\n${table(
      ['feature', 'how far', 'what'],
      FEATURE_TABLE.map(({ name, gives, says }) => [code(name), GIVES[gives], says]),
    )}`,
    `## Capabilities\n\n\`--profile openvz|strict\` (\`VZDECK_CAPABILITIES\`) chooses a set, \`--capability NAME:on|off\` adds to it and takes from it; both hold from the next start on. They hold in the container’s own namespaces only. Where \`sys_admin\` is missing no user namespace can be made either, which would give it back, and systemd cannot be the init.\n\n${table(
      ['profile', 'capabilities'],
      profiles,
    )}`,
  );
}

function templates(): string {
  const recipes = RECIPE_NAMES.map((name) => [code(name), recipeOf(name)?.suite ?? '', recipeOf(name)?.packages.join(' ') ?? '']);
  return page(
    'Templates',
    `An archive in \`template/cache\` is a template by its name: ${FORMATS.map(({ suffix }) => code(`NAME.tar${suffix}`)).join(', ')}, looked for in this order and told apart by its first bytes.`,
    `## What \`vzdeck template build\` makes\n\nA suite may also be given by its name. The mirror is the node’s own, or \`--mirror\`. \`--include\` adds packages, \`--as\` gives another name.\n\n${table(['name', 'suite', 'packages beside the essential ones'], recipes)}`,
    `## What create changes in every tree\n\nIn the unpacked tree, never in the archive.\n\n${table(
      ['about', 'reason'],
      CARE.map(({ name, reason }) => [name, reason]),
    )}`,
  );
}

function tableOfContainers(): string {
  const filter = `## What can be typed as a filter

Parts stand one behind the other, and all of them hold. A part is a word, several \`"in quotes"\`, or a column compared with a value; \`!\` before it means that
it does not hold. Columns go by their names or titles below, case does not matter. \`:\` begins with (a figure: is, or lies in \`from-to\`), \`~\` occurs in, \`=\` and
\`!=\` is and is not, \`<\` \`<=\` \`>\` \`>=\` compare figures: \`60\`, \`64M\` and \`1.5G\` in powers of 1024, \`90s\` \`2h\` \`3d\`, \`80%\` of the container's own limit. Several
values with commas between them: one of these. \`none\` is what there is nothing of, \`unlimited\` what has no limit. What is not understood is said beside the
input and left out.

${table(
  ['typed', 'keeps what'],
  FILTER_EXAMPLES.map(([text, meaning]) => [code(text), meaning]),
)}

Processes (\`P\`, and tab \`2\` of a container) are looked for in the same way, by the titles of their columns, and by \`threads\` and \`age\`. A word
before such a sign that is no column of theirs is looked for as it stands, since command lines are full of them.

${table(
  ['typed', 'keeps what'],
  PROCESS_EXAMPLES.map(([text, meaning]) => [code(text), meaning]),
)}`;
  const columns = COLUMN_IDS.map((id) => [code(id), columnOf(id).title, columnOf(id).help, USUAL.includes(id) ? 'yes' : '']);
  return page(
    'The table of containers',
    'What the table of the manager shows and can be asked for. `|` chooses and orders its columns; all but the first ones are the fields of `vzlist` (`vzdeck fields`): those of `vzlist -L`, then ours.',
    filter,
    `## Columns\n\n${table(['name', 'title', 'shows', 'usual'], columns)}`,
  );
}

/** What a theme makes of a role: its colour, or the terminal's, and attributes. */
function lookText(theme: string, role: keyof typeof ROLE_HELP): string {
  const { fg, bg, attributes } = builtInTheme(theme as (typeof THEME_NAMES)[number]).roles[role];
  const colors = [fg === undefined ? '' : (fg.rgb ?? fg.ansi), bg === undefined ? '' : `on ${bg.rgb ?? bg.ansi}`];
  return [...colors, ...ATTRIBUTES.filter((one) => attributes.includes(one))].filter((word) => word !== '').join(' ') || 'plain';
}

function screen(): string {
  const roles = Object.entries(ROLE_HELP).map(([role, help]) => [
    code(role),
    help,
    ...THEME_NAMES.map((theme) => lookText(theme, role as keyof typeof ROLE_HELP)),
  ]);
  const shown = (glyph: string | readonly string[]): string =>
    [glyph]
      .flat()
      .map((one) => code(one === ' ' ? 'blank' : one))
      .join(' ');
  const glyphs = Object.entries(UNICODE_GLYPHS).map(([name, glyph]) => [
    name,
    shown(glyph),
    shown(ASCII_GLYPHS[name as keyof typeof ASCII_GLYPHS]),
  ]);
  return page(
    'Roles and glyphs',
    'What the manager paints with. [The design of the screen](../design-of-the-screen.md) says what for.',
    `## Roles\n\n${table(['role', 'means', ...THEME_NAMES], roles)}`,
    `## Glyphs\n\nThe right ones stand where the locale is not UTF-8, and on the text console, whose font lacks the others. The last two are names of frames: thin or thick lines, or \`+ - |\`.\n\n${table(['for', 'UTF-8', 'ASCII'], glyphs)}`,
  );
}

/** What `vzdeck ubc --json` tells, as src/cli/commands/ubc.ts writes it. */
const UBC_JSON: readonly (readonly [string, string])[] = [
  ['`id` `name` `running`', 'of the container; `name` is "" without one'],
  ['`since`', 'failcnt and everheld count from then on, milliseconds since 1970'],
  ['`gaps`', 'times in which counts were lost, `from` and `to` in milliseconds since 1970; usually none'],
  ['`rows[].name` `rows[].unit`', 'lower-case name; bytes, pages of 4096 bytes, blocks of 1024 bytes, or items'],
  ['`rows[].held` `rows[].maxheld` `rows[].everheld`', 'now, most in this life, most in all lives'],
  ['`rows[].atLeast`', 'true: there is more of it than was looked at; in the table `≥`'],
  ['`rows[].barrier` `rows[].limit`', '`null` for none'],
  ['`rows[].failcnt` `rows[].lifeFailcnt`', 'refusals in all lives, and in this one'],
  [
    '`rows[].grown`',
    'with --since or --watch: `by` how much since `from` at least, `atMost` since the moment that was asked about at most: the same where somebody looked then; `null` where nobody ever looked, or nobody asked',
  ],
  ['`rows[].enforced` `rows[].reason`', '`kernel`, `bpf`, `partial` or `accounting-only`, and why it is not the kernel alone'],
  ['`rows[].source` `rows[].failSource`', 'what held and failcnt were read from; `none`: nobody counts it here'],
  ['`rows[].failReason`', 'why nobody counts its refusals, or which of them, where that is to be said'],
];

const tools = await Promise.all(Object.values(TOOLS).map((load) => load()));

function smallPrograms(): string {
  const parts = tools.map(
    ({ name, help, usage }) => `## ${name}\n\n${help[0]!.toUpperCase()}${help.slice(1)}.\n\n\`\`\`text\n${usage}\`\`\`\n\n`,
  );
  return page(
    'The small programs',
    'As OpenVZ had them: words, columns, rounding and exit statuses are those of vzctl 4.11.1. They ask the kernel through the engine; on a kernel of OpenVZ they read its own files, and with `VZDECK_PROC=DIR` those below DIR.',
    ...parts,
    `## vzdeck ubc\n\nThe same accounts with source, and who holds a container to each (\`kernel\`, \`bpf\`, \`partly\`, \`counted\`: nobody).\n\n\`\`\`text\n${helpOf('ubc')}\`\`\`\n\n\`--json\` is one array of containers, with \`--watch\` one on a line for each look. Fields are added, never renamed:\n\n${table(['field', 'what'], UBC_JSON)}`,
  );
}

const SAYS: Readonly<Record<Severity, string>> = {
  alarm: 'something is refused, killed, full or has ended, now',
  warning: 'it goes there, or somebody suffers',
  note: 'worth knowing; no trouble, and the exit status stays 0',
};

function why(): string {
  const rows = RULES.map(({ id, says, when, looksAt, unless = [] }) => [
    code(id),
    says,
    `${when}${unless.length === 0 ? '' : ` Not where ${unless.map(code).join(' or ')} has spoken.`}`,
    looksAt,
  ]);
  return page(
    'What vzdeck why looks for',
    'Each rule speaks of one container, or of the node, and shows what it is told by: no evidence, no sentence. The worst come first, alarms before warnings before notes; of one kind in the order of this table.',
    `## Rules\n\n${table(['rule', 'at worst', 'when', 'looks at'], rows)}`,
    `## Words\n\n${table(
      ['word', 'means'],
      SEVERITIES.map((one) => [one, SAYS[one]]),
    )}`,
    `## For scripts\n\nThe exit status of \`vzdeck why\` is 0 where nothing but notes was found, 1 where there is an alarm or a warning, and another one where it could not look (20 for words that it does not know, 21 for a container that is none). \`--json\` is one object with \`at\` (milliseconds since 1970), \`seconds\` (between the looks), \`only\` (the container that was asked about, or null), \`sentences\` (\`rule\`, \`severity\`, \`id\` with 0 for the node, \`subject\`, \`text\`, \`evidence\`, \`remedy\`) and \`looked\`; with \`--evidence\` also all that was seen.\n\n`,
    `## Who\n\n\`vzdeck who 101 numproc\` tells the processes that hold most of a beancounter: ${ASKABLE.map(code).join(' ')}.\n`,
  );
}

/** File name below docs/reference → text. */
export const PAGES: Readonly<Record<string, () => string>> = {
  'parameters.md': parameters,
  'exit-statuses.md': exits,
  'states.md': states,
  'tools.md': smallPrograms,
  'keys.md': keys,
  'table.md': tableOfContainers,
  'screen.md': screen,
  'given.md': given,
  'wall.md': wall,
  'templates.md': templates,
  'why.md': why,
};

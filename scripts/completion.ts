// Completion of words on a command line, for bash, from the tables of commands, options, parameters and fields.
import type { Command, OptionRow } from '../src/cli/command.ts';
import { CONFIG_VERBS } from '../src/cli/commands/config.ts';
import { NET_VERBS } from '../src/cli/commands/net.ts';
import { TEMPLATE_VERBS } from '../src/cli/commands/template.ts';
import type { Tool } from '../src/cli/tool.ts';
import { TOOLS } from '../src/cli/tools.ts';
import { COMMANDS, LATER } from '../src/cli/vzctl-commands.ts';
import { SHOWN_VERBS } from '../src/cli/vzdeck-commands.ts';
import { OWN_VERBS } from '../src/cli/vzdeck-help.ts';
import { VZLIST_OPTIONS } from '../src/cli/vzlist.ts';
import { LIST_FIELDS } from '../src/engine/spec/list-fields.ts';
import { flagOf, PARAMS } from '../src/engine/spec/params/table.ts';

const GLOBAL = { vzctl: '--verbose --quiet --skiplock --dry-run', vzdeck: '--dry-run --json --verbose --skiplock --all' } as const;

const shown = (options: readonly OptionRow[]): readonly OptionRow[] => options.filter(({ hidden, name }) => !hidden && name !== '');
const dashed = (options: readonly OptionRow[]): string =>
  shown(options)
    .map(({ name }) => `--${name}`)
    .join(' ');

/** What an option's value can be: the words of its grammar, or of a hint that lists them. */
function choices({ name, hint = '' }: OptionRow): readonly string[] {
  const found = flagOf(name);
  const grammar = found?.flag.grammar ?? found?.param.grammar;
  if (grammar) return grammar.choices ?? grammar.words ?? [];
  return /^[a-z]+(\|[a-z]+)+$/.test(hint) ? hint.split('|') : [];
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const array = (name: string, entries: readonly (readonly [string, string])[]): string =>
  `declare -gA ${name}=(\n${entries.map(([key, words]) => `  [${quoted(key)}]=${quoted(words)}\n`).join('')})\n`;

type Verbs = readonly (readonly [word: string, command: Command])[];
const optionsOf = (program: string, verbs: Verbs): readonly (readonly [string, string])[] =>
  verbs.flatMap(([word, { options = [], ownOptions = [] }]) => {
    const all = program === 'vzdeck' ? [...options, ...ownOptions] : options;
    return shown(all).length === 0 ? [] : [[`${program} ${word}`, dashed(all)] as const];
  });

const first = (rows: readonly (readonly [words: string, help: string])[]): string =>
  [...new Set(rows.flatMap(([words]) => (words.split(' ')[0] ?? '').split('|')))].join(' ');

const tools = await Promise.all(Object.values(TOOLS).map((load) => load()));

const toolsOf = (operands: Tool['operands']): string =>
  tools
    .filter((tool) => tool.operands === operands)
    .map(({ name }) => name)
    .join(' | ');

/** The file that a shell reads. */
export function bashCompletion(): string {
  const vzctl = Object.entries({ ...COMMANDS, ...LATER });
  const all = [...vzctl, ...SHOWN_VERBS].flatMap(([, { options = [] }]) => shown(options));
  const values = new Map(all.flatMap((option) => (choices(option).length === 0 ? [] : [[`--${option.name}`, choices(option).join(' ')]])));
  const takers = [...new Set(all.filter(({ value }) => value).map(({ name }) => `--${name}`))].sort();
  const more = OWN_VERBS.map(([words]) => words.split(' ')[0] ?? '');
  return `# Completion for bash: vzctl, vzlist, vzdeck and the small programs. Made by npm run docs from the tables of the sources.
# Source it, or put it into /usr/share/bash-completion/completions under each of the names.

${array('_vz_verbs', [
  ['vzctl', vzctl.map(([word]) => word).join(' ')],
  ['vzdeck', [...new Set([...SHOWN_VERBS.map(([word]) => word), ...more])].sort().join(' ')],
])}
${array('_vz_global', Object.entries(GLOBAL))}
${array('_vz_options', [...optionsOf('vzctl', vzctl), ...optionsOf('vzdeck', SHOWN_VERBS)])}
${array(
  '_vz_values',
  [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, words]) => [key, words ?? ''] as const),
)}
# options with a value of their own
_vz_takers=' ${takers.join(' ')} '
_vz_parameters='${PARAMS.map(({ key }) => key).join(' ')}'
_vz_fields='${LIST_FIELDS.map(({ name }) => name).join(' ')}'

_vz_containers() {
  vzlist -a -H -t -o ctid,name 2>/dev/null | while read -r id name; do printf '%s\\n' "$id"; [ "$name" = - ] || printf '%s\\n' "$name"; done
}
_vz_samples() {
  local file
  for file in "\${VZDECK_ROOT%/}"/etc/vz/conf/ve-*.conf-sample; do file=\${file##*/ve-} && printf '%s\\n' "\${file%.conf-sample}"; done
}
_vz_templates() {
  local file
  printf '%s\\n' busybox
  for file in "\${VZDECK_ROOT%/}"/vz/template/cache/*.tar*; do file=\${file##*/} && printf '%s\\n' "\${file%.tar*}"; done
}
_vz_reply() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2"); }

_vz_command() {
  local program=\${1##*/} cur=$2 prev=$3 verb='' after=0 at word
  [ "$prev" = = ] && prev=\${COMP_WORDS[COMP_CWORD - 2]}
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    if [[ -z $verb && $word != -* ]]; then verb=$word; elif [[ -n $verb && $word != -* ]]; then after=$((after + 1)); fi
  done
  if [[ -z $verb ]]; then
    if [[ $cur == -* ]]; then _vz_reply "\${_vz_global[$program]} --help --version" "$cur"; else _vz_reply "\${_vz_verbs[$program]}" "$cur"; fi
    return
  fi
  case $prev in
    --config | --applyconfig) _vz_reply "$(_vz_samples)" "$cur" && return ;;
    --ostemplate) _vz_reply "$(_vz_templates)" "$cur" && return ;;
    --private | --root) compopt -o dirnames && COMPREPLY=() && return ;;
  esac
  if [[ -n \${_vz_values[$prev]-} ]]; then _vz_reply "\${_vz_values[$prev]}" "$cur" && return; fi
  if [[ $_vz_takers == *" $prev "* ]]; then COMPREPLY=() && return; fi
  if [[ $cur == -* ]]; then _vz_reply "\${_vz_options[$program $verb]-} \${_vz_global[vzdeck]}" "$cur" && return; fi
  if [[ $program == vzdeck ]]; then
    case $verb in
      params) _vz_reply "$_vz_parameters" "$cur" && return ;;
      help) _vz_reply "\${_vz_verbs[vzdeck]}" "$cur" && return ;;
      template) [[ $after -gt 0 ]] || { _vz_reply '${first(TEMPLATE_VERBS)}' "$cur" && return; } ;;
      net) [[ $after -gt 0 ]] || { _vz_reply '${first(NET_VERBS)}' "$cur" && return; } ;;
      config)
        if [[ $after -eq 0 ]]; then _vz_reply '${first(CONFIG_VERBS)}' "$cur" && return; fi
        if [[ $after -gt 1 ]]; then compopt -o nospace && _vz_reply "$_vz_parameters" "$cur" && return; fi
        ;;
    esac
  fi
  if [[ $program == vzdeck || $after -eq 0 ]]; then _vz_reply "$(_vz_containers)" "$cur"; fi
}

_vz_list() {
  local cur=$2 prev=$3 before=''
  case $prev in
    -o | --output | -s | --sort)
      [[ $cur == *,* ]] && before=\${cur%,*},
      compopt -o nospace
      mapfile -t COMPREPLY < <(compgen -P "$before" -W "$_vz_fields" -- "\${cur##*,}")
      return
      ;;
  esac
  if [[ $cur == -* ]]; then
    _vz_reply '${VZLIST_OPTIONS.filter(({ name }) => name !== '')
      .map(({ name }) => `--${name}`)
      .join(' ')}' "$cur"
  else _vz_reply "$(_vz_containers)" "$cur"; fi
}

${array(
  '_vz_tools',
  tools.map(({ name, options }) => [name, options.join(' ')] as const),
)}
_vz_tool() {
  local program=\${1##*/} cur=$2 prev=$3
  case $program:$prev in
    vzubc:-f | vzubc:--file | vzcfgscale:-o | vzcfgscale:--output-file) compopt -o filenames && mapfile -t COMPREPLY < <(compgen -f -- "$cur") && return ;;
    vzpid:-i) _vz_reply "$(_vz_containers)" "$cur" && return ;;
    vzcfgvalidate:-v | vzsplit:-v) _vz_reply 'yes no' "$cur" && return ;;
  esac
  if [[ $cur == -* ]]; then _vz_reply "\${_vz_tools[$program]}" "$cur" && return; fi
  case $program in
    ${toolsOf('containers')}) _vz_reply "$(_vz_containers)" "$cur" ;;
    ${toolsOf('files')}) compopt -o filenames && mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
  esac
}

complete -F _vz_command vzctl vzdeck
complete -F _vz_list vzlist
complete -F _vz_tool ${tools.map(({ name }) => name).join(' ')}
`;
}

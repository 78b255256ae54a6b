// The file in which a person gives actions other keys and adds commands of their own (docs/keys-and-commands.md says how). Each fault is
// told with its line and costs only what it is about: the rest holds, and the table's own keys stay.
import { clean } from '../screen/text.ts';
import { keysFor } from './action.ts';
import { type Bindings, NO_BINDINGS } from './bindings.ts';
import { worksIn } from './dispatch.ts';
import { JsonFault, parseWithLines } from './json-lines.ts';
import { MODES, PLAIN } from './mode.ts';
import { isVariable, type OwnCommand, scriptWithVariable, splitWords, VARIABLES, variablesIn } from './own-command.ts';
import { isActionId, ownId, tableOf } from './table.ts';

export interface ReadBindings {
  readonly bindings: Bindings;
  /** Sentences, each with file and line. */
  readonly faults: readonly string[];
}

/** Answers null, which is what is left of what it is about. */
type Say = (path: string, text: string) => null;
type Json = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const texts = (value: unknown): readonly string[] | null => {
  const list = Array.isArray(value) ? value : [value];
  return list.every((one): one is string => typeof one === 'string') ? list : null;
};

const NAMES = 'enter|tab|escape|space|backspace|delete|insert|up|down|left|right|home|end|pageup|pagedown|f1?[0-9]';
const KEY = new RegExp(`^(?:ctrl-)?(?:alt-)?(?:shift-)?(?:${NAMES}|[^\\s\\p{Cc}])$`, 'u');
/** The terminal or the panes have them. */
const NOT_OURS = new Set(['ctrl-]', 'ctrl-\\', 'ctrl-s', 'ctrl-q']);

function readKeys(value: unknown, path: string, say: Say): readonly string[] | null {
  const keys = texts(value);
  const wrong = keys === null ? 'it' : keys.find((key) => !KEY.test(key) || NOT_OURS.has(key));
  if (keys !== null && keys.length > 0 && wrong === undefined) return [...new Set(keys)];
  const about = wrong === undefined ? 'no key is given' : NOT_OURS.has(wrong) ? `${wrong} is the terminal's` : `${wrong} is no key`;
  say(path, `${about}; expected such as "x", "ctrl-k", "alt-m", "f9" or a list of them`);
  return null;
}

const FIELDS = ['name', 'label', 'help', 'keys', 'run', 'in', 'terminal', 'where', 'states', 'confirm', 'ask', 'danger', 'reads'];

function readWords(run: unknown, path: string, say: Say): readonly string[] | null {
  const words = typeof run === 'string' ? splitWords(run) : Array.isArray(run) ? texts(run) : null;
  if (words === null || words.length === 0) {
    say(path, '"run" must be a command line with closed quotes, or a list of its words');
    return null;
  }
  const unknown = variablesIn(words).find((name) => !isVariable(name));
  if (unknown !== undefined) {
    say(
      path,
      `there is no {${unknown}}; known are ${Object.keys(VARIABLES)
        .map((name) => `{${name}}`)
        .join(' ')}`,
    );
    return null;
  }
  const script = scriptWithVariable(words);
  if (script === null) return words;
  say(
    path,
    `a value in "${clean(script, 60)}" would be read as script; give it behind the script and write "$1" there: sh -c 'echo "$1"' sh {name}`,
  );
  return null;
}

function readCommand(value: unknown, path: string, say: Say): OwnCommand | null {
  if (!isRecord(value)) return say(path, 'a command must be an object');
  for (const field of Object.keys(value))
    if (!FIELDS.includes(field)) say(`${path}.${field}`, `"${field}" is not known of a command; known are ${FIELDS.join(', ')}`);
  const { name, label = name, help = '', in: where = 'node', confirm = '', ask = '' } = value;
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]{0,31}$/.test(name)) return say(path, '"name" must be 1 to 32 of a-z, 0-9 and -');
  if (typeof label !== 'string' || typeof help !== 'string' || typeof confirm !== 'string' || typeof ask !== 'string')
    return say(path, '"label", "help", "confirm" and "ask" must be texts');
  if (where !== 'node' && where !== 'container') return say(`${path}.in`, '"in" must be "node" or "container"');
  for (const field of ['terminal', 'danger', 'reads'])
    if (typeof (value[field] ?? false) !== 'boolean') return say(`${path}.${field}`, `"${field}" must be true or false`);
  const words = readWords(value['run'], `${path}.run`, say);
  const modes = texts(value['where'] ?? []);
  const states = texts(value['states'] ?? []);
  const keys = value['keys'] === undefined ? [] : readKeys(value['keys'], `${path}.keys`, say);
  if (words === null) return null;
  if (variablesIn(words).includes('answer') !== (ask !== ''))
    return say(path, '"ask" is what {answer} in "run" is asked for with: both, or none');
  if (modes === null || modes.some((mode) => !(PLAIN as readonly string[]).includes(mode)))
    return say(`${path}.where`, `"where" must be of ${PLAIN.join(', ')}`);
  if (states === null) return say(`${path}.states`, '"states" must be such as ["running"]');
  return {
    name,
    keys: keys ?? [],
    label: clean(label, 24) || name,
    help: clean(help, 120),
    words,
    inside: where === 'container',
    terminal: value['terminal'] === true,
    where: modes,
    states,
    confirm: clean(confirm, 300),
    ask: clean(ask, 120),
    danger: value['danger'] === true,
    reads: value['reads'] === true,
  };
}

interface Wish {
  readonly id: string;
  readonly path: string;
  readonly own: boolean;
}

interface Clash {
  readonly wish: Wish;
  readonly key: string;
  readonly with: string;
  readonly mode: string;
}

/** Two actions with one key in one mode; the wish that is farther down in the file gives way. */
function findClash(bindings: Bindings, wishes: readonly Wish[]): Clash | null {
  const { rows } = tableOf({ bindings });
  for (const mode of MODES) {
    const taken = new Map<string, string>();
    for (const [id, row] of Object.entries(rows))
      for (const key of row.when.includes(mode) ? keysFor(row, mode).filter((one) => worksIn(one, mode)) : []) {
        const other = taken.get(key);
        taken.set(key, id);
        if (other === undefined) continue;
        const wish = wishes.findLast((one) => one.id === id || one.id === other);
        if (wish !== undefined) return { wish, key, with: wish.id === id ? other : id, mode };
      }
  }
  return null;
}

/** The bindings without a wish: the action has the table's keys again, the command none. */
function without({ keys, own }: Bindings, { id }: Wish): Bindings {
  return {
    keys: new Map([...keys].filter(([action]) => action !== id)),
    own: own.map((command) => (ownId(command.name) === id ? { ...command, keys: [] } : command)),
  };
}

function settle(wanted: Bindings, wanting: readonly Wish[], say: Say): Bindings {
  let bindings = wanted;
  let wishes = wanting;
  for (let clash = findClash(bindings, wishes); clash !== null; clash = findClash(bindings, wishes)) {
    const { wish, key, mode } = clash;
    const stays = wish.own ? 'it has no key now, : finds it' : 'its own keys stay';
    say(wish.path, `${key} is taken by "${clash.with.replace(/^own:/, '')}" in ${mode}; ${stays}`);
    bindings = without(bindings, wish);
    wishes = wishes.filter((one) => one !== wish);
  }
  return bindings;
}

/** The table with the person's wishes; `file` is named in what is said about them. A missing text has none. */
export function readBindings(text: string | null, file: string): ReadBindings {
  const faults: string[] = [];
  const tell = (line: number, what: string): null => {
    faults.push(clean(`${file}, line ${line}: ${what}`, 500));
    return null;
  };
  if (text === null || text.trim() === '') return { bindings: NO_BINDINGS, faults };
  try {
    const { value, lineOf } = parseWithLines(text);
    const bindings = readValue(value, (path, what) => tell(lineOf(path), what));
    return { bindings, faults };
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    tell(error.line, `${error.message}; nothing of the file holds`);
    return { bindings: NO_BINDINGS, faults };
  }
}

function readValue(value: unknown, say: Say): Bindings {
  if (!isRecord(value)) return say('', 'expected {"keys": {…}, "commands": […]}') ?? NO_BINDINGS;
  for (const part of Object.keys(value))
    if (part !== 'keys' && part !== 'commands') say(part, `"${part}" is not known; known are keys, commands`);
  const wishes: Wish[] = [];
  const keys = new Map<string, readonly string[]>();
  const given = value['keys'] ?? {};
  if (!isRecord(given)) say('keys', '"keys" must be an object: action → keys');
  for (const [action, wanted] of isRecord(given) ? Object.entries(given) : []) {
    const path = `keys.${action}`;
    if (!isActionId(action)) {
      say(path, `there is no action "${action}"; docs/reference/keys.md lists them`);
      continue;
    }
    const read = readKeys(wanted, path, say);
    if (read === null) continue;
    keys.set(action, read);
    wishes.push({ id: action, path, own: false });
  }
  const commands = value['commands'] ?? [];
  if (!Array.isArray(commands)) say('commands', '"commands" must be a list');
  const own = new Map<string, OwnCommand>();
  for (const [i, one] of (Array.isArray(commands) ? commands : []).entries()) {
    const path = `commands.${i}`;
    const command = readCommand(one, path, say);
    if (command === null) continue;
    if (own.has(command.name)) say(path, `the name "${command.name}" is taken by a command above`);
    else {
      own.set(command.name, command);
      wishes.push({ id: ownId(command.name), path: `${path}.keys`, own: true });
    }
  }
  return settle({ keys, own: [...own.values()] }, wishes, say);
}

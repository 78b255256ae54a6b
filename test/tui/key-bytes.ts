// What a terminal sends for keys, by the names that the key table has for them.

const KEYS: Readonly<Record<string, string>> = {
  enter: '\r',
  tab: '\t',
  'shift-tab': '\x1b[Z',
  escape: '\x1b',
  backspace: '\x7f',
  delete: '\x1b[3~',
  insert: '\x1b[2~',
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
  home: '\x1b[H',
  end: '\x1b[F',
  pageup: '\x1b[5~',
  pagedown: '\x1b[6~',
  f1: '\x1bOP',
  f2: '\x1bOQ',
  f3: '\x1bOR',
  f4: '\x1bOS',
  f5: '\x1b[15~',
  f6: '\x1b[17~',
  f7: '\x1b[18~',
  f8: '\x1b[19~',
  f9: '\x1b[20~',
  f10: '\x1b[21~',
  f11: '\x1b[23~',
  f12: '\x1b[24~',
  space: ' ',
};

/** xterm's modifier parameter, in the order in which names have them. */
const MODIFIED = /^(?:(ctrl)-)?(?:(shift)-)?(up|down|right|left|home|end)$/;

/** Bytes of a key by name ("enter", "ctrl-c", "alt-x", "shift-up"); single characters stand for themselves. */
export function keyBytes(name: string): string {
  const known = KEYS[name];
  if (known !== undefined) return known;
  const modified = MODIFIED.exec(name);
  if (modified !== null) return `\x1b[1;${1 + (modified[1] ? 4 : 0) + (modified[2] ? 1 : 0)}${KEYS[modified[3]!]!.at(-1)}`;
  if (/^ctrl-.$/.test(name)) return String.fromCharCode(name.charCodeAt(5) & 31);
  if (name.startsWith('alt-')) return `\x1b${keyBytes(name.slice(4))}`;
  if ([...name].length !== 1) throw new Error(`No key is called ${name}`);
  return name;
}

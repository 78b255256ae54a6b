// What a robot types: keys, words, pastes, mouse events, sizes of the terminal and line noise, all from one seed.
import { ACTION_IDS, KEYS } from '../../../src/tui/keys/table.ts';
import { keyBytes } from '../key-bytes.ts';
import type { Random } from '../screen/random.ts';

export type RobotInput =
  | { readonly what: 'packet'; readonly bytes: Buffer }
  | { readonly what: 'resize'; readonly columns: number; readonly rows: number };

/** The leave chord. */
export const LEAVE = '\x1d';
/** An escape that cannot be the head of something longer. */
export const ESCAPE = '\x1b[27u';
const PASTE_END = '\x1b[201~';

/** They end it, or everything that could be tried afterwards; the palette has them as well. */
const LEFT_OUT = new Set(['ctrl-z', 'q', 'f10', 'ctrl-c', 'ctrl-r']);
const OWN = ['alt-t', 'alt-n', 'alt-o'];
const NAMED = [...OWN, ...new Set(ACTION_IDS.flatMap((id) => KEYS[id].keys))].filter((key) => !LEFT_OUT.has(key));
const bytesOf = (key: string): string => (key === 'escape' ? ESCAPE : keyBytes(key));

const WALK = ['up', 'down', 'left', 'right', 'enter', 'tab', 'pageup', 'pagedown', 'home', 'end', 'j', 'k', 'escape'];
const LETTERS = [...'abzqxyn019-._ /:;|%"\'~é中😀'];

/** Words that lead somewhere: filters, forms, palettes. */
const PHRASES = [
  '/state:running\r',
  '/mem>1%\r',
  '/web\r',
  '/((\r',
  '/a"b:\r',
  'c\r\r',
  'cweb\t\t\t40\t64M\r',
  'c-103\r\r',
  '\x15120-123\r\r',
  ':start\r',
  '\x0bstop\r',
  '\x10destroy\r',
  'Dy',
  'xy',
  'x\r',
  'zy',
  'Z',
  's',
  'r\r',
  'm',
  'u',
  'i',
  'i',
  'i',
  'C',
  'P',
  'O',
  '?',
  '\r1',
  '\r2Kj\r\r',
  '\r2n5\r',
  '\r4v',
  'vGs\r',
  ' j j ',
  'p\r',
  '|',
  '-',
  'aB',
  'mmB',
  '[/a\rnNvy',
  'fj\r*',
  'f/num\rj\r\x1512',
  'fjjj\r\x0e\rw',
  'f/cpu\rjj\r+++\r',
  'fc\r<',
  '<w\r',
  '\x15y',
  'A',
];

/** What changes containers, from the table. */
const ACTS = [
  's',
  'x\r',
  'X\r',
  'r\r',
  'zy',
  'z\r',
  'Z',
  'Dy',
  'm',
  'u',
  'i',
  'i',
  'C',
  'c\r\r\r',
  ' jj s\r',
  '\r2jK\r\r',
  '\r2jn5\r',
  'f/numproc\rj\r+\rw\r',
  'f/ram\rj\r*\rwAy',
  'f\x15y',
  '\x1bt',
];

/** For a shell, if one is listening; elsewhere they are keys like any other. */
const COMMANDS = [
  'seq 1 3000',
  'ls -lR /',
  'yes | head -c 300000',
  'cat /dev/urandom | head -c 20000',
  'printf "\\033[?1049h\\033[2J\\033[5;5Hother screen"',
  'printf "\\033[?1049l"',
  'printf "\\033[?1000h\\033[?1006h"; cat -v',
  'printf "\\033[?1003h"; cat -v',
  'printf "\\033[?1l\\033>\\033[?1000l\\033[?1003l\\033[?2004l"',
  'printf "\\033[?2004h\\033[?1h\\033=\\033[?1004h"',
  'printf "\\033]0;title\\007\\033]52;c;aGFsbG8=\\007\\033[6n\\033[c"',
  'printf "\\033[31;44mcolours\\033[7m\\033[K\\033[0m中文😀\\n"',
  'printf "\\033[3;7r\\033[10S\\033[4L\\033[2M\\033[r"',
  'printf "\\033[?25l"',
  'printf "\\033[?25h"',
  'stty -echo',
  'stty sane',
  'top',
  'vi /etc/passwd',
  'sleep 100',
  'reset',
  'exit',
  'kill -9 $$',
  'echo $((6*7))',
];

const PASTES = [
  'one line',
  'two\nlines\r\nand a third\r',
  'tabs\tand \x1b[2J\x1b[31m sequences \x07\x00\x9b',
  'wide 中文 한국어 😀 e\u0301 é',
  '\x1b[200~ a beginning within',
  '101-104',
  '\u202eright to left\u200b',
  '',
];

const SIZES: readonly (readonly [number, number])[] = [
  [80, 24],
  [60, 20],
  [120, 40],
  [200, 50],
  [20, 5],
  [41, 9],
  [1, 1],
  [133, 17],
];

/** Pieces of sequences, and sequences that are nobody's. */
const NOISE = [
  '\x1b[I',
  '\x1b[O',
  '\x1b[?62;22c',
  '\x1b[12;40R',
  '\x1b[0n',
  '\x1b]11;rgb:0000/0000/0000\x1b\\',
  '\x1b[',
  '\x1b[<',
  '\x1b[1;',
  '\x1bO',
  '\xff\xfe',
  '\xe4\xb8',
  '\x00',
  '\x1b\x1b',
  '\x1b[99999999999999u',
  '\x1b[1;1:3A',
  '\x1b[M !!',
  PASTE_END,
];

/** What makes a packet, with its share among 1000. */
const KINDS: readonly (readonly [share: number, make: (random: Random) => string])[] = [
  [470, ({ pick }) => bytesOf(pick(NAMED))],
  [190, ({ pick }) => bytesOf(pick(WALK))],
  [60, ({ pick }) => pick(LETTERS)],
  [90, ({ pick }) => pick(PHRASES)],
  [35, ({ pick }) => `${pick(COMMANDS)}\r`],
  [40, ({ pick, below }) => `${ESCAPE.repeat(3)}${'j'.repeat(below(6))}${pick(ACTS)}`],
  [30, () => LEAVE],
  [35, ({ pick, below }) => `\x1b[200~${pick(PASTES).repeat(1 + below(20) * below(2))}${PASTE_END}`],
  [70, mouse],
  [11, ({ pick }) => pick(NOISE)],
  // Until somebody ends it, all that comes is pasted.
  [1, () => '\x1b[200~torn'],
];
const RESIZES = 5;

function mouse({ pick, below }: Random): string {
  const [columns, rows] = pick(SIZES);
  const at = `${1 + below(columns + 2)};${1 + below(rows + 2)}`;
  const to = `${1 + below(columns)};${1 + below(rows)}`;
  return pick([
    `\x1b[<0;${at}M\x1b[<0;${at}m`,
    `\x1b[<0;${at}M\x1b[<0;${at}m`,
    `\x1b[<0;${at}M\x1b[<32;${to}M\x1b[<0;${to}m`,
    `\x1b[<64;${at}M`,
    `\x1b[<65;${at}M`,
    `\x1b[<${below(130)};${at}${pick(['M', 'm'])}`,
  ]);
}

export function nextInput(random: Random): RobotInput {
  const total = KINDS.reduce((sum, [share]) => sum + share, RESIZES);
  let at = random.below(total);
  for (const [share, make] of KINDS) {
    // Bytes beyond ASCII in noise are meant as bytes.
    if (at < share) return { what: 'packet', bytes: packetOf(make(random)) };
    at -= share;
  }
  const [columns, rows] = random.pick(SIZES);
  return { what: 'resize', columns, rows };
}

const packetOf = (text: string): Buffer => Buffer.from(text, /[\xfe\xff]|\xe4\xb8/.test(text) ? 'latin1' : 'utf8');

/** Out of whatever swallows keys: a torn sequence or paste, a program that has the keyboard, a terminal that is lent. */
export const OUT = `${PASTE_END}${LEAVE}${ESCAPE}${ESCAPE}${ESCAPE}`;
/** Keys of the table, and the screen that each leads to wherever the cursor is. */
export const TABLE_VIEWS: readonly (readonly [key: string, mode: string])[] = [
  ['?', 'help'],
  ['t', 'tasks'],
  ['O', 'templates'],
  ['P', 'node-processes'],
  ['J', 'journal'],
  [':', 'palette'],
  ['|', 'columns'],
  ['/', 'filter'],
];

/** For messages. */
export const shownInput = (input: RobotInput): string =>
  input.what === 'resize' ? `${input.columns}x${input.rows}` : JSON.stringify(input.bytes.toString('latin1'));

// Splits what the terminal sends into events: keys by name, pastes, mouse reports, focus. Works on bytes as latin1 text, so that a
// sequence or a letter may arrive in any number of pieces. Pure: time and the terminal are the router's.

import type { InputEvent, KeyEvent } from './input-event.ts';
import { CONTROL_KEYS, FINAL_KEYS, LINUX_KEYS, MODIFIERS, TILDE_KEYS } from './key-names.ts';
import { parseMouse } from './mouse.ts';

/** One token. `event` null: something that is nobody's key (replies, unknown sequences). */
export interface Token {
  /** Bytes that it took, as latin1. */
  readonly raw: string;
  readonly event: InputEvent | null;
}

export const PASTE_BEGIN = '\x1b[200~';
export const PASTE_END = '\x1b[201~';
/** A paste whose end never comes must not swallow the keyboard for good. */
const MAX_PASTE = 1 << 20;

const CSI = /\x1b\[[0-?]*[ -/]*[@-~]/y;
const STRING_SEQUENCE = /\x1b[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\)/y;
/** What of it may still become one; it is torn as soon as something else follows, and what is torn is nobody's (ECMA-48, 5.5). */
const CSI_HEAD = /\x1b\[(?:\[|[0-?]*[ -/]*)/y;
const STRING_HEAD = /\x1b[\]P_^X][^\x07\x18\x1a\x1b]*(?:\x1b$)?/y;

/**
 * The token at `from`. Null: what is there may be the beginning of something longer; with `final` (nothing more came in time) it is taken
 * for what it is.
 */
export function nextToken(input: string, from: number, final: boolean): Token | null {
  const byte = input.charCodeAt(from);
  if (byte === 0x1b) return escapeToken(input, from, final);
  if (byte >= 0x80) return letterToken(input, from, final);
  return { raw: input[from]!, event: plainKey(byte) };
}

function plainKey(byte: number): KeyEvent {
  const name = CONTROL_KEYS[byte];
  if (name !== undefined) return key(name);
  if (byte < 0x20) return key(`ctrl-${String.fromCharCode(byte + 0x60)}`);
  return byte === 0x20 ? { type: 'key', id: 'space', text: ' ' } : printable(String.fromCharCode(byte));
}

const altO: Token = { raw: '\x1bO', event: { type: 'key', id: 'alt-O', text: '' } };

function key(id: string): KeyEvent {
  return { type: 'key', id, text: '' };
}

function printable(text: string): KeyEvent {
  return { type: 'key', id: text, text };
}

/** A letter beyond ASCII. */
function letterToken(input: string, from: number, final: boolean): Token | null {
  const lead = input.charCodeAt(from);
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
  const raw = input.slice(from, from + length);
  if (raw.length < length && !final) return null;
  const text = Buffer.from(raw, 'latin1').toString('utf8');
  if (text.includes('\ufffd') || /\p{C}/u.test(text)) return { raw: input[from]!, event: null };
  return { raw, event: printable(text) };
}

function escapeToken(input: string, from: number, final: boolean): Token | null {
  const kind = input[from + 1];
  const lone: Token = { raw: '\x1b', event: key('escape') };
  if (kind === undefined) return final ? lone : null;
  if (kind === '[') return csiToken(input, from) ?? (final ? lone : null);
  if (kind === 'O') return ss3Token(input, from) ?? (final ? altO : null);
  const sequence = match(STRING_SEQUENCE, input, from);
  if (sequence !== null) return { raw: sequence, event: null };
  if (']P_^X'.includes(kind)) {
    const rest = torn(STRING_HEAD, input, from);
    if (rest !== null || !final) return rest;
  }
  // Escape before a key is how terminals say Alt.
  const inner = nextToken(input, from + 1, final);
  if (inner === null) return null;
  if (inner.event?.type !== 'key' || inner.event.id === 'escape') return lone;
  return { raw: `\x1b${inner.raw}`, event: key(withAlt(inner.event.id)) };
}

function withAlt(id: string): string {
  if (id.includes('alt-')) return id;
  return id.startsWith('ctrl-') ? `ctrl-alt-${id.slice(5)}` : `alt-${id}`;
}

function match(pattern: RegExp, input: string, from: number): string | null {
  pattern.lastIndex = from;
  return pattern.exec(input)?.[0] ?? null;
}

/** The head, where what follows it is not its rest. */
function torn(head: RegExp, input: string, from: number): Token | null {
  const raw = match(head, input, from);
  return raw === null || from + raw.length === input.length ? null : { raw, event: null };
}

function csiToken(input: string, from: number): Token | null {
  if (input.startsWith(PASTE_BEGIN, from)) return pasteToken(input, from);
  if (input[from + 2] === '[') {
    const letter = input[from + 3];
    if (letter === undefined || letter < ' ') return torn(CSI_HEAD, input, from);
    return { raw: `\x1b[[${letter}`, event: named(LINUX_KEYS[letter], 1) };
  }
  const raw = match(CSI, input, from);
  if (raw === null) return torn(CSI_HEAD, input, from);
  const mouse = parseMouse(raw);
  return { raw, event: mouse ?? csiKey(raw.slice(2, -1), raw.at(-1)!) };
}

function csiKey(parameters: string, final: string): InputEvent | null {
  if (parameters === '' && (final === 'I' || final === 'O')) return { type: 'focus', gained: final === 'I' };
  if (parameters === '' && final === 'Z') return key('shift-tab');
  if (!/^[\d;]*$/.test(parameters)) return null;
  const [first = 0, modifier = 1, code = 0] = parameters.split(';').map(Number);
  if (final === '~') return first === 27 ? codePoint(code, modifier) : named(TILDE_KEYS[first], modifier);
  if (final === 'u') return codePoint(first, modifier);
  return named(FINAL_KEYS[final], modifier);
}

/** A key that is sent as its code point. */
function codePoint(code: number, modifier: number): KeyEvent | null {
  if (!(code > 0 && code < 0x110000)) return null;
  const base = code < 0x20 || code === 0x20 || code === 0x7f ? (code === 0x20 ? 'space' : CONTROL_KEYS[code]) : String.fromCodePoint(code);
  const shifted = [...(base ?? '')].length === 1;
  if (shifted && modifier <= 2) return printable(base!);
  return named(base, shifted ? ((modifier - 1) & ~1) + 1 : modifier);
}

function named(name: string | undefined, modifier: number): KeyEvent | null {
  if (name === undefined) return null;
  const bits = Math.max(1, modifier) - 1;
  return key(
    MODIFIERS.filter(([bit]) => (bits & bit) !== 0)
      .map(([, prefix]) => prefix)
      .join('') + name,
  );
}

function ss3Token(input: string, from: number): Token | null {
  const letter = input[from + 2];
  if (letter === undefined) return null;
  return letter < ' ' ? altO : { raw: `\x1bO${letter}`, event: named(FINAL_KEYS[letter], 1) };
}

function pasteToken(input: string, from: number): Token | null {
  const begin = from + PASTE_BEGIN.length;
  const end = input.indexOf(PASTE_END, begin);
  if (end < 0 && input.length - begin < MAX_PASTE) return null;
  const body = end < 0 ? input.slice(begin) : input.slice(begin, end);
  const raw = end < 0 ? input.slice(from) : input.slice(from, end + PASTE_END.length);
  return { raw, event: { type: 'paste', text: pasteText(body) } };
}

function pasteText(latin1: string): string {
  return Buffer.from(latin1, 'latin1')
    .toString('utf8')
    .replace(/\r\n?/g, '\n')
    .replace(/(?![\n\t])\p{Cc}/gu, '');
}

// SGR state as a canonical text: what a terminal's pen looks like after a row of SGR sequences. ECMA-48 §8.3.117 and xterm's colours.

/** Parameters of the one SGR sequence that, from default attributes, gives this look: "" is the default, "1;38;5;208;44" an example. */
export type Style = string;

interface Pen {
  readonly on: Set<number>;
  fg: string;
  bg: string;
}

/** What switches attributes off: 22 ends both bold and dim. */
const ENDS: Readonly<Record<number, readonly number[]>> = { 22: [1, 2], 23: [3], 24: [4], 25: [5], 27: [7], 28: [8], 29: [9] };
const ATTRIBUTES = [1, 2, 3, 4, 5, 7, 8, 9];

/** Hostile truecolor output could make every pair a new one. */
const MAX_REMEMBERED = 4096;
const remembered = new Map<string, Style>();

/** The look after an SGR sequence with these parameters. */
export function applySgr(style: Style, parameters: string): Style {
  if (parameters === '' || parameters === '0') return '';
  const key = `${style}|${parameters}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const pen: Pen = { on: new Set(), fg: '', bg: '' };
  if (style !== '') write(pen, style);
  write(pen, parameters);
  const made = [...ATTRIBUTES.filter((attribute) => pen.on.has(attribute)), pen.fg, pen.bg].filter((part) => part !== '').join(';');
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(key, made);
  return made;
}

/** The sequence that changes the pen from one look to another. */
export function penChange(from: Style, to: Style): string {
  if (from === to) return '';
  if (to === '') return '\x1b[m';
  return from === '' ? `\x1b[${to}m` : `\x1b[0;${to}m`;
}

function write(pen: Pen, parameters: string): void {
  const list = parameters.split(';');
  for (let i = 0; i < list.length; i++) {
    const [head = '', ...sub] = list[i]!.split(':');
    const code = Number(head);
    if (code === 38 || code === 48 || code === 58) {
      const rest = sub.length > 0 ? sub : list.slice(i + 1);
      const { color, used } = extended(rest);
      if (sub.length === 0) i += used;
      if (color !== '' && code === 38) pen.fg = `38;${color}`;
      if (color !== '' && code === 48) pen.bg = `48;${color}`;
    } else if (code === 4 && sub[0] === '0') pen.on.delete(4);
    else simple(pen, code);
  }
}

function simple(pen: Pen, code: number): void {
  if (code === 0) {
    pen.on.clear();
    pen.fg = '';
    pen.bg = '';
  } else if (ATTRIBUTES.includes(code)) pen.on.add(code);
  else if (code === 21) pen.on.add(4);
  else if (ENDS[code] !== undefined) for (const attribute of ENDS[code]) pen.on.delete(attribute);
  else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) pen.fg = String(code);
  else if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107)) pen.bg = String(code);
  else if (code === 39) pen.fg = '';
  else if (code === 49) pen.bg = '';
}

/** "5;n" or "2;r;g;b" at the head of the list, also in the colon form with a colour space; "" where it is malformed. */
function extended(list: readonly string[]): { readonly color: string; readonly used: number } {
  if (list[0] === '5') return { color: byte(list[1]) ? `5;${list[1]}` : '', used: 2 };
  if (list[0] !== '2') return { color: '', used: 1 };
  const rgb = list.length === 5 && list[1] === '' ? list.slice(2) : list.slice(1, 4);
  return { color: rgb.length === 3 && rgb.every(byte) ? `2;${rgb.join(';')}` : '', used: 4 };
}

function byte(text: string | undefined): boolean {
  return text !== undefined && /^\d{1,3}$/.test(text) && Number(text) < 256;
}

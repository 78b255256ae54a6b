// What is typed to narrow the list, as one small language: words that occur anywhere, and columns compared with values. Reads a text into a
// test of rows; what can't be understood is said and left out, so that the list never goes while somebody types. Knows no screen.
//
//   filter   = { ["!"] (compare | word | "several words") }        all of them hold
//   compare  = column (":" | "~" | "=" | "!=" | "<" | "<=" | ">" | ">=") value { "," value }
//
// ":" begins with, or a figure and a range of figures; "~" occurs in; "none" is what a container has nothing of.
import type { CtSample } from '../../engine/index.ts';
import { amountHint, readAmount } from './amount.ts';
import type { Column } from './column.ts';
import { COLUMN_IDS, type ColumnId, columnNamed, columnOf, stateWord } from './columns.ts';

type Test = (row: CtSample) => boolean;

export interface Filter {
  readonly test: Test;
  /** Columns that are compared. */
  readonly columns: readonly ColumnId[];
  /** What of the text is not understood, and so left out; "" when all is. */
  readonly fault: string;
  /** Nothing is asked for. */
  readonly all: boolean;
}

/** A part that is understood, or why it is not. */
type Part = { readonly test: Test; readonly column?: ColumnId } | { readonly fault: string };

const TERM = /\s*(!?)(?:([\w.]+)(!=|<=|>=|[:~=<>])((?:"[^"]*"?|[^\s"])*)|"([^"]*)"?|(\S+))/y;
const VALUE = /"([^"]*)"?|[^,]+/g;
/** Has colons, and no column before them. */
const ADDRESS = /^[\da-f:.]+$/i;
const NOTHING = 'none';

/** Reads a filter; never fails. */
export function readFilter(text: string): Filter {
  const parts = termsOf(text);
  const tests = parts.flatMap((part) => ('test' in part ? [part.test] : []));
  return {
    test: (row) => tests.every((test) => test(row)),
    columns: parts.flatMap((part) => ('column' in part && part.column !== undefined ? [part.column] : [])),
    fault: parts.flatMap((part) => ('fault' in part ? [part.fault] : []))[0] ?? '',
    all: tests.length === 0,
  };
}

function termsOf(text: string): readonly Part[] {
  const parts: Part[] = [];
  TERM.lastIndex = 0;
  for (let found = TERM.exec(text); found !== null; found = TERM.exec(text)) {
    const [whole, not, name, operator, values, quoted, word] = found;
    const part =
      name === undefined ? wordPart(quoted ?? word ?? '') : comparePart(whole.trim().replace(/^!/, ''), name, operator ?? '', values ?? '');
    parts.push(not === '!' && 'test' in part ? { ...part, test: (row) => !part.test(row) } : part);
  }
  return parts;
}

function wordPart(word: string): Part {
  // Somebody is about to say what not.
  if (word === '' || word === '!') return { test: () => true };
  const wanted = word.toLowerCase();
  return { test: (row) => searchText(row).includes(wanted) };
}

const texts = new WeakMap<CtSample, string>();

function searchText(r: CtSample): string {
  let text = texts.get(r);
  if (text === undefined) {
    text =
      `${r.id} ${r.name} ${r.hostname} ${r.state} ${stateWord(r)} ${r.layout} ${r.ostemplate} ${r.ips.join(' ')} ${r.description}`.toLowerCase();
    texts.set(r, text);
  }
  return text;
}

function comparePart(term: string, name: string, operator: string, text: string): Part {
  const id = columnNamed(name);
  if (id === null) return ADDRESS.test(term) ? wordPart(term) : { fault: unknownColumn(name) };
  const column = columnOf(id);
  const values = [...text.matchAll(VALUE)].map(([plain, quoted]) => quoted ?? plain);
  const compared = compareWith(column, operator, values);
  return 'fault' in compared ? compared : { ...compared, column: id };
}

function unknownColumn(name: string): string {
  const near = COLUMN_IDS.find((id) => id.startsWith(name.toLowerCase()));
  return `No column is called ${name}${near === undefined ? '' : `; ${near}?`}`;
}

const incomplete = ({ title, kind, limit }: Column, operator: string): string =>
  `${title} ${operator} what? ${kind === 'text' ? 'A text' : amountHint(kind, limit !== undefined)}`;

function compareWith(column: Column, operator: string, values: readonly string[]): Part {
  if (values.length === 0) return { fault: incomplete(column, operator) };
  if (operator === '!=') {
    const same = compareWith(column, '=', values);
    return 'test' in same ? { test: (row) => !same.test(row) } : same;
  }
  const parts = values.map((value) => one(column, operator, value));
  const faulty = parts.find((part) => 'fault' in part);
  if (faulty !== undefined) return faulty;
  const tests = parts.flatMap((part) => ('test' in part ? [part.test] : []));
  return { test: (row) => tests.some((test) => test(row)) };
}

/** A column against one value. */
function one(column: Column, operator: string, value: string): Part {
  if (value.toLowerCase() === NOTHING && (operator === ':' || operator === '=')) return { test: (row) => column.value(row) === null };
  if (operator === '~') return textTest(column, value, (text, wanted) => text.includes(wanted));
  return column.kind === 'text' ? textPart(column, operator, value) : figurePart(column, operator, value);
}

function textTest({ value: read }: Column, value: string, fits: (text: string, wanted: string) => boolean): Part {
  const wanted = value.toLowerCase();
  return {
    test: (row) => {
      const said = read(row);
      return said !== null && fits(String(said).toLowerCase(), wanted);
    },
  };
}

function textPart(column: Column, operator: string, value: string): Part {
  // Of several words each may be the one that is meant.
  if (operator === ':') return textTest(column, value, (text, wanted) => ` ${text}`.includes(` ${wanted}`));
  if (operator === '=') return textTest(column, value, (text, wanted) => text === wanted || text.split(' ').includes(wanted));
  return { fault: `${column.title} is no figure: it takes : ~ = and !=` };
}

const ORDER: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  ':': (a, b) => a === b,
  '=': (a, b) => a === b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** Two figures with a dash between them. */
const RANGE = /^([^-]+)-([^-]+)$/;

function figurePart(column: Column, operator: string, value: string): Part {
  const range = operator === ':' || operator === '=' ? RANGE.exec(value) : null;
  if (range === null) return orderPart(column, operator, value);
  const [from, to] = [orderPart(column, '>=', range[1] ?? ''), orderPart(column, '<=', range[2] ?? '')];
  if ('fault' in from) return from;
  return 'fault' in to ? to : { test: (row) => from.test(row) && to.test(row) };
}

function orderPart(column: Column, operator: string, value: string): Part {
  const { kind, title, limit, value: read } = column;
  if (kind === 'text') return { fault: `${title} is no figure` };
  const amount = readAmount(value, kind, limit !== undefined);
  const fits = ORDER[operator];
  if (amount === null || fits === undefined)
    return { fault: `${title} ${operator} ${amountHint(kind, limit !== undefined)}, not ${value}` };
  return {
    test: (row) => {
      const said = read(row);
      if (typeof said !== 'number') return false;
      if (!amount.share) return fits(said, amount.number);
      const most = limit?.(row) ?? null;
      return most !== null && most > 0 && fits((100 * said) / most, amount.number);
    },
  };
}

let last: { readonly text: string; readonly filter: Filter } = { text: '', filter: readFilter('') };

/** The filter of a text, read once however often it is asked for. */
export function filterOf(text: string): Filter {
  if (last.text !== text) last = { text, filter: readFilter(text) };
  return last.filter;
}

/** For people: what can be typed, and what it means. */
export const FILTER_EXAMPLES: readonly (readonly [text: string, meaning: string])[] = [
  ['web 10.0', 'both occur somewhere in what is known of it'],
  ['"my shop"', 'these words, one behind the other'],
  ['!web', 'web does not occur'],
  ['state:running', 'its state begins so; also failed, unattended'],
  ['state:stopped,mounted', 'one of these'],
  ['name~web', 'its name has web in it'],
  ['ip:10.0', 'an address begins so'],
  ['ip:none', 'has no address'],
  ['mem>80%', 'holds more than that share of its limit'],
  ['mem>=64M nproc<20', 'both are so'],
  ['up<2h', 'runs for less than two hours; s m h d'],
  ['ctid:101-120', 'a range'],
  ['kmemsize.f>0', 'any column can be asked, shown or not'],
];

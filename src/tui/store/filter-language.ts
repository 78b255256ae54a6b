// What is typed to narrow a list, as one small language: words that occur anywhere, and columns compared with values. Reads a text into a
// test of rows; what can't be understood is said and left out, so that the list never goes while somebody types. Knows no screen, and no list.
//
//   filter   = { ["!"] (compare | word | "several words") }        all of them hold
//   compare  = column (":" | "~" | "=" | "!=" | "<" | "<=" | ">" | ">=") value { "," value }
//
// ":" begins with, or a figure and a range of figures; "~" occurs in; "none" is what a row has nothing of.
import { amountHint, readAmount } from './amount.ts';
import type { Kind, Value } from './column.ts';

/** A column as far as it is compared; see `Column`. */
export interface Compared<Row> {
  readonly title: string;
  readonly kind: Kind;
  readonly value: (row: Row) => Value;
  readonly limit?: (row: Row) => number | null;
}

/** What rows of a list can be asked for. */
export interface Asked<Row> {
  /** The column of a word; null where there is none. */
  readonly column: (word: string) => { readonly id: string; readonly column: Compared<Row> } | null;
  /** Everything in which a word may occur, in small letters. */
  readonly text: (row: Row) => string;
  /** What is said of a column that there is not; "" where it is a word like others. */
  readonly unknown: (word: string) => string;
}

type Test<Row> = (row: Row) => boolean;

export interface Filter<Row> {
  readonly test: Test<Row>;
  /** Columns that are compared. */
  readonly columns: readonly string[];
  /** What of the text is not understood, and so left out; "" when all is. */
  readonly fault: string;
  /** Nothing is asked for. */
  readonly all: boolean;
}

/** A part that is understood, or why it is not. */
type Part<Row> = { readonly test: Test<Row>; readonly column?: string } | { readonly fault: string };

const TERM = /\s*(!?)(?:([\w.]+)(!=|<=|>=|[:~=<>])((?:"[^"]*"?|[^\s"])*)|"([^"]*)"?|(\S+))/y;
const VALUE = /"([^"]*)"?|[^,]+/g;
/** Has colons, and no column before them. */
const ADDRESS = /^[\da-f:.]+$/i;
const NOTHING = 'none';

/** Reads a filter; never fails. */
export function readFilterOf<Row>(text: string, asked: Asked<Row>): Filter<Row> {
  const parts = termsOf(text, asked);
  const tests = parts.flatMap((part) => ('test' in part ? [part.test] : []));
  return {
    test: (row) => tests.every((test) => test(row)),
    columns: parts.flatMap((part) => ('column' in part && part.column !== undefined ? [part.column] : [])),
    fault: parts.flatMap((part) => ('fault' in part ? [part.fault] : []))[0] ?? '',
    all: tests.length === 0,
  };
}

function termsOf<Row>(text: string, asked: Asked<Row>): readonly Part<Row>[] {
  const parts: Part<Row>[] = [];
  TERM.lastIndex = 0;
  for (let found = TERM.exec(text); found !== null; found = TERM.exec(text)) {
    const [whole, not, name, operator, values, quoted, word] = found;
    const part =
      name === undefined
        ? wordPart(quoted ?? word ?? '', asked)
        : comparePart(whole.trim().replace(/^!/, ''), name, operator ?? '', values ?? '', asked);
    parts.push(not === '!' && 'test' in part ? { ...part, test: (row) => !part.test(row) } : part);
  }
  return parts;
}

function wordPart<Row>(word: string, { text }: Asked<Row>): Part<Row> {
  // Somebody is about to say what not.
  if (word === '' || word === '!') return { test: () => true };
  const wanted = word.toLowerCase();
  return { test: (row) => text(row).includes(wanted) };
}

function comparePart<Row>(term: string, name: string, operator: string, text: string, asked: Asked<Row>): Part<Row> {
  const found = asked.column(name);
  if (found === null) {
    const fault = ADDRESS.test(term) ? '' : asked.unknown(name);
    return fault === '' ? wordPart(term, asked) : { fault };
  }
  const values = [...text.matchAll(VALUE)].map(([plain, quoted]) => quoted ?? plain);
  const compared = compareWith(found.column, operator, values);
  return 'fault' in compared ? compared : { ...compared, column: found.id };
}

const incomplete = <Row>({ title, kind, limit }: Compared<Row>, operator: string): string =>
  `${title} ${operator} what? ${kind === 'text' ? 'A text' : amountHint(kind, limit !== undefined)}`;

function compareWith<Row>(column: Compared<Row>, operator: string, values: readonly string[]): Part<Row> {
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
function one<Row>(column: Compared<Row>, operator: string, value: string): Part<Row> {
  if (value.toLowerCase() === NOTHING && (operator === ':' || operator === '=')) return { test: (row) => column.value(row) === null };
  if (operator === '~') return textTest(column, value, (text, wanted) => text.includes(wanted));
  return column.kind === 'text' ? textPart(column, operator, value) : figurePart(column, operator, value);
}

function textTest<Row>({ value: read }: Compared<Row>, value: string, fits: (text: string, wanted: string) => boolean): Part<Row> {
  const wanted = value.toLowerCase();
  return {
    test: (row) => {
      const said = read(row);
      return said !== null && fits(String(said).toLowerCase(), wanted);
    },
  };
}

function textPart<Row>(column: Compared<Row>, operator: string, value: string): Part<Row> {
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

function figurePart<Row>(column: Compared<Row>, operator: string, value: string): Part<Row> {
  const range = operator === ':' || operator === '=' ? RANGE.exec(value) : null;
  if (range === null) return orderPart(column, operator, value);
  const [from, to] = [orderPart(column, '>=', range[1] ?? ''), orderPart(column, '<=', range[2] ?? '')];
  if ('fault' in from) return from;
  return 'fault' in to ? to : { test: (row) => from.test(row) && to.test(row) };
}

function orderPart<Row>(column: Compared<Row>, operator: string, value: string): Part<Row> {
  const { kind, title, limit, value: read } = column;
  if (kind === 'text') return { fault: `${title} is no figure` };
  const amount = readAmount(value, kind, limit !== undefined);
  const fits = ORDER[operator];
  if (amount === null || fits === undefined) return { fault: `${title} ${operator} ${value}? ${amountHint(kind, limit !== undefined)}` };
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

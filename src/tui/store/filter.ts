// The filter of the container table: every column of it can be asked, shown or not.
import type { CtSample } from '../../engine/index.ts';
import { COLUMN_IDS, columnNamed, columnOf, stateWord } from './columns.ts';
import { type Asked, type Filter, readFilterOf } from './filter-language.ts';

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

function unknownColumn(name: string): string {
  const near = COLUMN_IDS.find((id) => id.startsWith(name.toLowerCase()));
  return `No column is called ${name}${near === undefined ? '' : `; ${near}?`}`;
}

const CONTAINERS: Asked<CtSample> = {
  column: (word) => {
    const id = columnNamed(word);
    return id === null ? null : { id, column: columnOf(id) };
  },
  text: searchText,
  unknown: unknownColumn,
};

/** Reads a filter; never fails. */
export const readFilter = (text: string): Filter<CtSample> => readFilterOf(text, CONTAINERS);

let last: { readonly text: string; readonly filter: Filter<CtSample> } = { text: '', filter: readFilter('') };

/** The filter of a text, read once however often it is asked for. */
export function filterOf(text: string): Filter<CtSample> {
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

// vzlist: which containers there are, in columns or as JSON.
import {
  CLASSIC_FIELDS,
  type CtEntry,
  type Engine,
  isCtid,
  type ListField,
  type ListRow,
  listField,
  matchesPattern,
  parseCtid,
  parseNetif,
  systemRefusal,
  VzError,
} from '../engine/index.ts';
import { GetoptFault, type OptionSpec, scanOptions } from './args.ts';
import { CliExit } from './command.ts';
import { listJson } from './format/json.ts';
import { table } from './format/table.ts';
import { openSession } from './session.ts';
import { usageOf } from './usage-of.ts';
import { vzlistUsage } from './vzlist-usage.ts';

interface Options {
  all: boolean;
  stopped: boolean;
  header: boolean;
  trim: boolean;
  json: boolean;
  list: boolean;
  output: string | null;
  sort: string | null;
  hostname: string | null;
  name: string | null;
  description: string | null;
  netif: string | null;
}

type Taker = (o: Options, value: string) => void;
const NAMES = 'smart_name,numproc,status,ip,hostname';
const DEFAULT = 'ctid,numproc,status,ip,hostname';

const opt = (name: string, short: string, value: boolean, take: Taker): OptionSpec & { readonly take: Taker } => ({
  name,
  short,
  value,
  take,
});
/** In the order of the original's table. -h is a filter, not help; the later of -o, -n and -1 wins. */
export const VZLIST_OPTIONS = [
  opt('no-header', 'H', false, (o) => {
    o.header = false;
  }),
  opt('no-trim', 't', false, (o) => {
    o.trim = false;
  }),
  opt('stopped', 'S', false, (o) => {
    o.stopped = true;
  }),
  opt('all', 'a', false, (o) => {
    o.all = true;
  }),
  opt('name', 'n', false, (o) => {
    o.output = NAMES;
  }),
  opt('name_filter', 'N', true, (o, value) => {
    o.name = value;
  }),
  opt('hostname', 'h', true, (o, value) => {
    o.hostname = value;
  }),
  opt('description', 'd', true, (o, value) => {
    o.description = value;
  }),
  opt('netif', 'i', true, (o, value) => {
    o.netif = value;
  }),
  opt('output', 'o', true, (o, value) => {
    o.output = value;
  }),
  opt('sort', 's', true, (o, value) => {
    o.sort = value;
  }),
  opt('list', 'L', false, (o) => {
    o.list = true;
  }),
  opt('json', 'j', false, (o) => {
    o.json = true;
  }),
  opt('help', 'e', false, () => {
    throw new CliExit(1);
  }),
  opt('', '1', false, (o) => {
    o.header = false;
    o.output = 'veid';
  }),
] as const;

const NAME_MAX = 31;

function fieldNamed(name: string, json: boolean): ListField {
  if (name.length >= NAME_MAX) throw new CliExit(1, `Invalid field: ${name}`);
  const field = listField(name);
  if (!field) throw new CliExit(1, `Unknown field: ${name}`);
  if (json && field.json === null) throw new CliExit(1, `Field \`${name}' is not available in JSON output`);
  return field;
}

/** "+layout,-ip" changes the usual fields instead of naming all: added at the end, or taken out. */
function changedFields(words: readonly string[], json: boolean): readonly ListField[] {
  const fields = json ? CLASSIC_FIELDS.filter((field) => field.json !== null) : DEFAULT.split(',').map((name) => fieldNamed(name, false));
  return words.reduce((shown: readonly ListField[], word) => {
    const field = fieldNamed(word.slice(1), json);
    const others = shown.filter((one) => one !== field);
    return word.startsWith('-') ? others : [...others, field];
  }, fields);
}

function fieldsOf({ output, json }: Options): readonly ListField[] {
  if (output === null && json) return CLASSIC_FIELDS.filter((field) => field.json !== null);
  const words = (output ?? DEFAULT).split(',');
  if (!words.every((word) => /^[+-]./.test(word))) return words.map((name) => fieldNamed(name, json));
  const fields = changedFields(words, json);
  if (fields.length === 0) throw new CliExit(1, 'No field is left to show');
  return fields;
}

/** `by` has to be counted as well, whether or not it is shown. */
interface Order {
  readonly by: ListField;
  readonly sorted: (rows: ListRow[]) => ListRow[];
}

function orderOf({ sort }: Options): Order | null {
  if (sort === null) return null;
  const reverse = sort.startsWith('-');
  const field = listField(reverse ? sort.slice(1) : sort);
  if (!field) throw new CliExit(1, `Invalid sort field name: ${sort}`);
  const sorted = (rows: ListRow[]): ListRow[] => {
    const ascending = field.sort ? rows.sort(field.sort) : rows;
    return reverse ? ascending.reverse() : ascending;
  };
  return { by: field, sorted };
}

/** Operands as ids; null when there are none. A number that is no container's id is looked up as a name, 0 as well. */
function idsOf(engine: Engine, operands: readonly string[]): readonly number[] | null {
  if (operands.length === 0) return null;
  return operands.map((word) => {
    const number = parseCtid(word);
    const id = number !== null && number > 0 && isCtid(number) ? number : number === 0 ? null : engine.idOf(word);
    if (id === null) throw new CliExit(1, `CT ID ${word} is invalid.`);
    return id;
  });
}

function matches(entry: CtEntry, { hostname, name, description, netif }: Options): boolean {
  const fits = (pattern: string | null, text: string | undefined): boolean =>
    pattern === null || (text !== undefined && text !== '' && matchesPattern(pattern, text));
  const { values } = entry;
  const devices = netif === null ? [] : (parseNetif(values.get('NETIF') ?? '') ?? []);
  if (netif !== null && !devices.some((d) => fits(netif, d.ifname) || fits(netif, d.host_ifname))) return false;
  return fits(hostname, values.get('HOSTNAME')) && fits(name, entry.name) && fits(description, values.get('DESCRIPTION'));
}

/** What the state allows to be seen: by default what runs, with -S what does not. */
function wanted(entry: CtEntry, { all, stopped }: Options, named: boolean): boolean {
  const runs = entry.init !== null;
  if (!runs && !entry.exists) return false;
  if (named) return true;
  return stopped ? !runs : all || runs;
}

function readOptions(args: readonly string[]): { readonly options: Options; readonly operands: readonly string[] } {
  const options: Options = {
    all: false,
    stopped: false,
    header: true,
    trim: true,
    json: false,
    list: false,
    output: null,
    sort: null,
    hostname: null,
    name: null,
    description: null,
    netif: null,
  };
  const take = new Map<OptionSpec, Taker>(VZLIST_OPTIONS.map((row) => [row, row.take]));
  const operands = scanOptions(args, VZLIST_OPTIONS, ({ spec, value }) => take.get(spec)?.(options, value));
  return { options, operands };
}

/** Is there anything at all that the call asks for, before filters and what is hidden? */
function anything(entries: readonly CtEntry[], options: Options, named: boolean): boolean {
  if (named || options.all || options.stopped) return entries.length > 0;
  return entries.some((entry) => entry.init !== null);
}

type Shape = { readonly fields: ReturnType<typeof fieldsOf>; readonly order: ReturnType<typeof orderOf> };

async function list(engine: Engine, options: Options, operands: readonly string[], { fields, order }: Shape): Promise<number> {
  const { node } = engine;
  if (node.unread !== null) process.stderr.write(`Unable to open ${node.vzConf}: ${node.unread}\n`);
  const ids = idsOf(engine, operands);
  const warn = ({ level, text }: { level: number; text: string }): void => {
    if (level < 0) process.stderr.write(`${text}\n`);
  };
  const entries = engine.entries(ids ?? undefined, warn);
  if (!anything(entries, options, ids !== null)) {
    if (options.json) process.stdout.write('[]\n');
    else process.stderr.write('Container(s) not found\n');
    return ids === null ? 0 : 1;
  }
  const shown = entries.filter((entry) => wanted(entry, options, ids !== null));
  const withStatus = fields.some((field) => field.name === 'status');
  for (const entry of entries) {
    for (const remark of entry.remarks) warn(remark);
    if (withStatus && shown.includes(entry) && entry.missingRoot)
      process.stderr.write(`stat(${entry.missingRoot}): No such file or directory\n`);
  }
  const rows = await usageOf(
    engine,
    shown.filter((entry) => matches(entry, options)),
    order ? [...fields, order.by] : fields,
    options.json,
  );
  const sorted = order ? order.sorted(rows) : rows;
  process.stdout.write(options.json ? listJson(sorted, fields) : table(sorted, fields, options));
  return 0;
}

export async function vzlist(args: readonly string[]): Promise<number> {
  let engine: Engine | null = null;
  try {
    const { options, operands } = readOptions(args);
    if (options.list) {
      process.stdout.write(CLASSIC_FIELDS.map(({ name, head }) => `${name.padEnd(15)} ${head.padEnd(15)}\n`).join(''));
      return 0;
    }
    const shape: Shape = { fields: fieldsOf(options), order: orderOf(options) };
    // Asked before the engine looks at anything, most of which is root's alone.
    if (process.getuid?.() !== 0) throw new CliExit(1, 'This program can only be run under root.');
    engine = openSession('vzlist', []);
    return await list(engine, options, operands, shape);
  } catch (error) {
    const usage = error instanceof GetoptFault || (error instanceof CliExit && error.message === '');
    if (error instanceof GetoptFault) process.stderr.write(`vzlist: ${error.message}\n`);
    if (usage) process.stdout.write(vzlistUsage());
    else {
      const told = error instanceof CliExit || error instanceof VzError ? error.message : systemRefusal(error);
      if (told === null) throw error;
      process.stderr.write(`${told}\n`);
    }
    return 1;
  } finally {
    engine?.close();
  }
}

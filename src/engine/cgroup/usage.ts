// What a container uses and what it was refused, read from control files: of whoever looks again and again they stay open, of whoever looks once they
// do not. Refuses to know limits in the config, rates and history.
import type { CounterFile, Files } from '../host/port.ts';
import type { CgroupTopology } from './face.ts';
import { type Quantity, type Source, sourceOf } from './quantities.ts';
import { openSubtreeSum } from './subtree-sum.ts';

/** v1 says "no limit" as the largest multiple of the page size. */
const V1_UNLIMITED = 2 ** 62;

/** The number of a "key value" line, 0 when there is none. A key is found at the beginning of a line only: "oom" is not in "oom_kill 1". */
export function fieldOf(text: string, key: string): number {
  const line = `${key} `;
  let at = text.startsWith(line) ? 0 : text.indexOf(`\n${line}`);
  if (at < 0) return 0;
  if (at > 0) at += 1;
  return Number.parseInt(text.slice(at + line.length, at + line.length + 20), 10);
}

const bounded = (n: number): number => (n >= V1_UNLIMITED ? Number.POSITIVE_INFINITY : n);

export const numberOf = (text: string): number => (text.startsWith('max') ? Number.POSITIVE_INFINITY : bounded(Number.parseInt(text, 10)));

export interface Counters<Q extends Quantity> {
  /** What each is read from, "memory.stat shmem"; a quantity that no file tells is not in it. */
  readonly from: Readonly<Partial<Record<Q, string>>>;
  /** Another number whenever a value has become another one. */
  readonly edition: number;
  /**
   * Present values, the same object at each call; null when the container's groups are gone. `only`: the others stay as they were read before.
   * `after`: these have just been read, and what they share with the others is not read again. Both are known by identity.
   */
  read(only?: readonly Q[], after?: readonly Q[]): Readonly<Record<Q, number>> | null;
  /** What their files would say: these quantities need not be read. */
  take(told: ToldFiles): Readonly<Record<Q, number>>;
  close(): void;
}

/** Numbers that control files of one container would tell, from somebody who knows them of all containers at once. */
export interface ToldFiles {
  /** "pids.current", "memory.events oom_kill": the same object for all containers and looks; undefined for a number that is of no use. */
  readonly names: readonly (string | undefined)[];
  /** By the places of their names; in the unit of the file, Infinity for "max", NaN for what is not told. */
  readonly numbers: Float64Array;
}

/** The number that a quantity is made of, as `ToldFiles` calls it. */
export const numberNameOf = ({ file, field }: Source): string => (field === undefined ? file : `${file} ${field}`);

/** Which of the wanted ones need no file: all numbers that they are made of are told. */
export const toldOf = <Q extends Quantity>(topology: CgroupTopology, wanted: readonly Q[], { names, numbers }: ToldFiles): readonly Q[] => {
  const told = (name: string): boolean => !Number.isNaN(numbers[names.indexOf(name)] ?? Number.NaN);
  return wanted.filter((q) => {
    const source = sourceOf(topology, q)?.source;
    return source !== undefined && told(numberNameOf(source)) && (source.less === undefined || told(source.less));
  });
};

/** `edition`: another number whenever what it says has become another. */
interface OpenFile {
  readonly file: CounterFile;
  text: string;
  edition: number;
}

/** Files of one container, each opened and read once however many quantities it tells. */
class OpenFiles {
  readonly #files: Files;
  readonly #open = new Map<string, OpenFile | null>();
  constructor(files: Files) {
    this.#files = files;
  }
  /** null: it is not there. */
  open(path: string): OpenFile | null {
    let open = this.#open.get(path);
    if (open === undefined) {
      const file = this.#files.openCounter(path);
      open = file && { file, text: '', edition: 0 };
      this.#open.set(path, open);
    }
    return open;
  }
  close(): void {
    for (const open of this.#open.values()) open?.file.close();
  }
}

/** false when the groups are gone. */
function readAll(files: readonly OpenFile[]): boolean {
  for (const open of files) {
    const text = open.file.read();
    if (text === null) return false;
    if (text === open.text) continue;
    open.text = text;
    open.edition++;
  }
  return files.length > 0;
}

/**
 * Before kernel 6.11, and with the mount option pids_localevents, v2 counts a refused fork in the group that forked: below T/<id>, since
 * nobody lives in T/<id> itself. Nothing can have been refused as long as the peak lies below the limit (pids.peak: from 6.1 on).
 */
function forkRefusals(files: Files, open: OpenFiles, dir: string): Omit<Reader, 'from'> {
  const [peak, limit] = [open.open(`${dir}/pids.peak`), open.open(`${dir}/pids.max`)];
  const may = (): boolean => peak === null || limit === null || numberIn(peak) >= numberIn(limit);
  const read = openSubtreeSum(files, dir, 'pids.events', (text) => fieldOf(text, 'max'), may);
  return { read, source: null, files: [peak, limit].flatMap((file) => file ?? []), always: true };
}

/** What a quantity is read from. */
const nameOf = (source: Source): string => `${numberNameOf(source)}${source.less === undefined ? '' : ` - ${source.less}`}`;

/** What an open file says; null is none. */
const numberIn = (open: OpenFile | null, field?: string): number => numberInText(open?.text ?? '', field);
const numberInText = (text: string, field?: string): number => (field === undefined ? numberOf(text) : fieldOf(text, field));

/** `whole`: what the file says; `taken`: what the one that is taken off does. NaN of what is not told. */
function valueIn({ field, scale = 1, less, least = 0 }: Source, whole: number, taken: number): number {
  const all = whole * scale;
  if (field !== undefined || less === undefined || all === Number.POSITIVE_INFINITY) return all;
  const rest = all - taken;
  return rest <= least ? 0 : rest;
}

const OF_ALL_GROUPS = 'pids.events of all its groups';
/** Whether refused forks have to be looked for in all groups. `own`: is there a file of the container's own? */
const inAllGroups = (quantity: Quantity, version: 1 | 2, { localPidsEvents }: CgroupTopology, own: () => boolean): boolean =>
  quantity === 'numprocFail' && version === 2 && (localPidsEvents || !own());

/** How a quantity is read, and what it is read from. */
interface Reader {
  readonly read: () => number;
  readonly from: string;
  /** null: no number alone tells it. */
  readonly source: Source | null;
  readonly files: readonly OpenFile[];
  /** It asks others, too: files that say the same are no sign that it has not changed. */
  readonly always?: true;
}

function readerOf(files: Files, open: OpenFiles, topology: CgroupTopology, id: number | null, quantity: Quantity): Reader | null {
  const found = sourceOf(topology, quantity);
  if (found === null) return null;
  const { source } = found;
  const dir = `${found.in.mount}${topology.top}${id === null ? '' : `/${id}`}`;
  const path = `${dir}/${source.file}`;
  if (inAllGroups(quantity, found.in.version, topology, () => files.stat(path) !== null))
    return { ...forkRefusals(files, open, dir), from: OF_ALL_GROUPS };
  const whole = open.open(path);
  if (whole === null) return null;
  const taken = source.less === undefined ? null : open.open(`${dir}/${source.less}`);
  const read = (): number => valueIn(source, numberIn(whole, source.field), numberIn(taken));
  return { read, from: nameOf(source), source, files: taken === null ? [whole] : [whole, taken] };
}

/** Quantities as one look has found them; those that no file tells are left out. */
export interface Glance {
  readonly usage: Readonly<Partial<Record<Quantity, number>>>;
  /** See Counters. */
  readonly from: Readonly<Partial<Record<Quantity, string>>>;
}

/** For whoever looks once at one container after the other; a look at one whose groups are gone is null. `told`: of that container. */
export function glances(
  files: Files,
  topology: CgroupTopology,
  wanted: readonly Quantity[],
): (id: number, told?: ToldFiles) => Glance | null {
  const places: { readonly dir: string; readonly file: string }[] = [];
  const placeOf = (dir: string, file: string): number => {
    const known = places.findIndex((place) => place.dir === dir && place.file === file);
    return known < 0 ? places.push({ dir, file }) - 1 : known;
  };
  const asked = wanted.flatMap((q) => {
    const found = sourceOf(topology, q);
    if (found === null) return [];
    const { source } = found;
    const dir = `${found.in.mount}${topology.top}`;
    const less = source.less === undefined ? null : placeOf(dir, source.less);
    return [{ q, source, version: found.in.version, dir, whole: placeOf(dir, source.file), less, name: nameOf(source) }];
  });
  /** Where the numbers of those that are asked for are among those that are told. */
  const known = new Map<ToldFiles['names'], readonly { readonly whole: number; readonly less: number }[]>();
  const toldAt = ({ names }: ToldFiles) => {
    const at =
      known.get(names) ??
      asked.map(({ source }) => ({
        whole: names.indexOf(numberNameOf(source)),
        less: source.less === undefined ? -1 : names.indexOf(source.less),
      }));
    known.set(names, at);
    return at;
  };
  return (id, told) => {
    const at = told && toldAt(told);
    const texts: (string | null | undefined)[] = [];
    const textOf = (place: number): string | null => {
      const { dir, file } = places[place] as (typeof places)[number];
      const text = texts[place] === undefined ? files.readTrusted(`${dir}/${id}/${file}`) : (texts[place] ?? null);
      texts[place] = text;
      return text;
    };
    /** null: the file is not there. */
    const numberAt = (number: number | undefined, place: number, field?: string): number | null => {
      if (number !== undefined && !Number.isNaN(number)) return bounded(number);
      const text = textOf(place);
      return text === null ? null : numberInText(text, field);
    };
    const usage: Partial<Record<Quantity, number>> = {};
    const from: Partial<Record<Quantity, string>> = {};
    for (let i = 0; i < asked.length; i++) {
      const { q, source, version, dir, whole, less, name } = asked[i] as (typeof asked)[number];
      const number = numberAt(told?.numbers[at?.[i]?.whole ?? -1], whole, source.field);
      if (inAllGroups(q, version, topology, () => number !== null)) {
        if (files.stat(`${dir}/${id}`) === null) continue;
        usage[q] = openSubtreeSum(files, `${dir}/${id}`, 'pids.events', (events) => fieldOf(events, 'max'))();
        from[q] = OF_ALL_GROUPS;
      } else if (number !== null) {
        usage[q] = valueIn(source, number, less === null ? 0 : (numberAt(told?.numbers[at?.[i]?.less ?? -1], less) ?? 0));
        from[q] = name;
      }
    }
    return Object.keys(from).length === 0 ? null : { usage, from };
  };
}

/** One look at one quantity; 0 when the container's groups are gone. */
export const readCounter = (files: Files, topology: CgroupTopology, id: number, quantity: Quantity): number =>
  glances(files, topology, [quantity])(id)?.usage[quantity] ?? 0;

/** A quantity that is asked for. `edition`: of its files together, when it was taken from them last. */
interface Asked<Q> extends Reader {
  readonly q: Q;
  edition: number;
}

/** Of no files. */
const NOT_FROM_FILES = -1;

interface Told<Q> {
  readonly reader: Asked<Q>;
  readonly source: Source;
  readonly whole: number;
  /** null: nothing is taken off. */
  readonly less: number | null;
}

/** Opened for one container while its groups exist; null: for all of them together, their keepers included. A quantity that no file tells is 0. */
export function openCounters<Q extends Quantity>(
  files: Files,
  topology: CgroupTopology,
  id: number | null,
  wanted: readonly Q[],
): Counters<Q> {
  const open = new OpenFiles(files);
  const values = Object.fromEntries(wanted.map((q) => [q, 0])) as Record<Q, number>;
  const readers = wanted.flatMap((q): Asked<Q>[] => {
    const reader = readerOf(files, open, topology, id, q);
    return reader ? [{ q, edition: 0, ...reader }] : [];
  });
  let edition = 0;
  const filesOf = (some: readonly Q[]): readonly OpenFile[] => readers.flatMap((one) => (some.includes(one.q) ? one.files : []));
  const partOf = (only: readonly Q[], after: readonly Q[] = []) => {
    const known = new Set(filesOf(after));
    return { readers: readers.filter(({ q }) => only.includes(q)), files: [...new Set(filesOf(only))].filter((file) => !known.has(file)) };
  };
  /** Those of which all numbers are told, with the places of these. */
  let toldBy: { readonly names: ToldFiles['names']; readonly to: readonly Told<Q>[] } | null = null;
  const toldTo = ({ names }: ToldFiles): readonly Told<Q>[] => {
    if (toldBy?.names === names) return toldBy.to;
    const to = readers.flatMap((reader): Told<Q>[] => {
      const { source } = reader;
      if (source === null) return [];
      const [whole, less] = [names.indexOf(numberNameOf(source)), source.less === undefined ? null : names.indexOf(source.less)];
      return whole < 0 || (less ?? 0) < 0 ? [] : [{ reader, source, whole, less }];
    });
    toldBy = { names, to };
    return to;
  };
  /** Asked for again and again: what is to be read of it is found out once. */
  const parts = new Map<readonly Q[], ReturnType<typeof partOf>>();
  const put = (q: Q, value: number): void => {
    if (value === values[q]) return;
    values[q] = value;
    edition++;
  };
  const take = (reader: Asked<Q>): void => {
    let now = 0;
    for (let i = 0; i < reader.files.length; i++) now += (reader.files[i] as OpenFile).edition;
    if (now === reader.edition && !reader.always) return;
    reader.edition = now;
    put(reader.q, reader.read());
  };
  return {
    from: Object.fromEntries(readers.map(({ q, from }) => [q, from])) as Partial<Record<Q, string>>,
    get edition() {
      return edition;
    },
    read(only = wanted, after) {
      const part = parts.get(only) ?? partOf(only, after);
      parts.set(only, part);
      // files that are all shared have just been read, and what is told has none
      const there = (part.files.length === 0 && (after !== undefined || only.length === 0)) || readAll(part.files);
      if (!there) return null;
      for (const reader of part.readers) take(reader);
      return values;
    },
    take(told) {
      const to = toldTo(told);
      const { numbers } = told;
      for (let i = 0; i < to.length; i++) {
        const { reader, source, whole, less } = to[i] as Told<Q>;
        const value = valueIn(source, bounded(numbers[whole] as number), less === null ? 0 : bounded(numbers[less] as number));
        if (Number.isNaN(value)) continue;
        // its file is taken at its word when it is read next
        reader.edition = NOT_FROM_FILES;
        put(reader.q, value);
      }
      return values;
    },
    close: () => open.close(),
  };
}

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
  /** What their files would say: quantities of these files need not be read. */
  take(told: ToldFiles): Readonly<Record<Q, number>>;
  close(): void;
}

/** Numbers that control files of one container would tell, from somebody who knows them of all containers at once. */
export interface ToldFiles {
  /** The same object for all containers and looks; undefined for a number that is of no use. */
  readonly files: readonly (string | undefined)[];
  /** By the places of their names; in the unit of the file, Infinity for "max", NaN for what is not told. */
  readonly numbers: Float64Array;
}

/** Which of the wanted ones need no file: all of their files are told. */
export const toldOf = <Q extends Quantity>(topology: CgroupTopology, wanted: readonly Q[], { files, numbers }: ToldFiles): readonly Q[] => {
  const told = (file: string | undefined): boolean => file === undefined || !Number.isNaN(numbers[files.indexOf(file)] ?? Number.NaN);
  return wanted.filter((q) => {
    const source = sourceOf(topology, q)?.source;
    return source !== undefined && told(source.file) && told(source.less);
  });
};

/** `edition`: another number whenever what it says has become another. */
interface OpenFile {
  readonly path: string;
  readonly file: CounterFile;
  text: string;
  /** null: its text says it. */
  told: number | null;
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
      open = file && { path, file, text: '', told: null, edition: 0 };
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
    if (text === open.text && open.told === null) continue;
    open.text = text;
    open.told = null;
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
  return { read, files: [peak, limit].flatMap((file) => file ?? []), always: true };
}

/** What a quantity is read from. */
const nameOf = ({ file, field, less }: Source): string =>
  field === undefined ? `${file}${less === undefined ? '' : ` - ${less}`}` : `${file} ${field}`;

/** What an open file says; null is none. */
const numberIn = (open: OpenFile | null, field?: string): number => open?.told ?? numberInText(open?.text ?? '', field);
const numberInText = (text: string, field?: string): number => (field === undefined ? numberOf(text) : fieldOf(text, field));

/** `whole`: what the file says; `taken`: what the one that is taken off does. */
function valueIn({ field, scale = 1, less, least = 0 }: Source, whole: number, taken: number): number {
  const all = whole * scale;
  if (field !== undefined || less === undefined || all === Number.POSITIVE_INFINITY) return all;
  const rest = all - taken;
  return rest > least ? rest : 0;
}

const OF_ALL_GROUPS = 'pids.events of all its groups';
/** Whether refused forks have to be looked for in all groups. `own`: is there a file of the container's own? */
const inAllGroups = (quantity: Quantity, version: 1 | 2, { localPidsEvents }: CgroupTopology, own: () => boolean): boolean =>
  quantity === 'numprocFail' && version === 2 && (localPidsEvents || !own());

/** How a quantity is read, and what it is read from. */
interface Reader {
  readonly read: () => number;
  readonly from: string;
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
  return { read, from: nameOf(source), files: taken === null ? [whole] : [whole, taken] };
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
  /** Where the places' files are among those that are told. */
  const known = new Map<ToldFiles['files'], readonly number[]>();
  const toldAt = (told: ToldFiles): readonly number[] => {
    const at = known.get(told.files) ?? places.map(({ file }) => told.files.indexOf(file));
    known.set(told.files, at);
    return at;
  };
  return (id, told) => {
    const at = told === undefined ? [] : toldAt(told);
    const numbers = places.map((_, i) => bounded(told?.numbers[at[i] ?? -1] ?? Number.NaN));
    const texts = places.map(({ dir, file }, i) => (Number.isNaN(numbers[i]) ? files.readTrusted(`${dir}/${id}/${file}`) : ''));
    const numberAt = (place: number, field?: string): number => {
      const number = numbers[place] as number;
      return Number.isNaN(number) ? numberInText(texts[place] ?? '', field) : number;
    };
    const usage: Partial<Record<Quantity, number>> = {};
    const from: Partial<Record<Quantity, string>> = {};
    for (const { q, source, version, dir, whole, less, name } of asked) {
      const text = texts[whole] ?? null;
      if (inAllGroups(q, version, topology, () => text !== null)) {
        if (files.stat(`${dir}/${id}`) === null) continue;
        usage[q] = openSubtreeSum(files, `${dir}/${id}`, 'pids.events', (events) => fieldOf(events, 'max'))();
        from[q] = OF_ALL_GROUPS;
      } else if (text !== null) {
        usage[q] = valueIn(source, numberAt(whole, source.field), less === null ? 0 : numberAt(less));
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
  const ofNumbers = readers.filter(({ always }) => !always);
  let edition = 0;
  const filesOf = (some: readonly Q[]): readonly OpenFile[] => readers.flatMap((one) => (some.includes(one.q) ? one.files : []));
  const partOf = (only: readonly Q[], after: readonly Q[] = []) => {
    const known = new Set(filesOf(after));
    return { readers: readers.filter(({ q }) => only.includes(q)), files: [...new Set(filesOf(only))].filter((file) => !known.has(file)) };
  };
  /** By the places of told files. */
  let toldFiles: { readonly of: ToldFiles['files']; readonly open: readonly (OpenFile | undefined)[] } | null = null;
  const toldTo = (told: ToldFiles['files']): readonly (OpenFile | undefined)[] => {
    if (toldFiles?.of === told) return toldFiles.open;
    const all = filesOf(wanted);
    toldFiles = { of: told, open: told.map((name) => all.find(({ path }) => path.endsWith(`/${name}`))) };
    return toldFiles.open;
  };
  /** Asked for again and again: what is to be read of it is found out once. */
  const parts = new Map<readonly Q[], ReturnType<typeof partOf>>();
  const take = (reader: Asked<Q>): void => {
    let now = 0;
    for (let i = 0; i < reader.files.length; i++) now += (reader.files[i] as OpenFile).edition;
    if (now === reader.edition && !reader.always) return;
    reader.edition = now;
    const value = reader.read();
    if (value === values[reader.q]) return;
    values[reader.q] = value;
    edition++;
  };
  return {
    from: Object.fromEntries(readers.map(({ q, from }) => [q, from])) as Partial<Record<Q, string>>,
    get edition() {
      return edition;
    },
    read(only = wanted, after) {
      const part = parts.get(only) ?? partOf(only, after);
      parts.set(only, part);
      // files that are all shared have just been read
      const there = (part.files.length === 0 && after !== undefined) || readAll(part.files);
      if (!there) return null;
      for (const reader of part.readers) take(reader);
      return values;
    },
    take({ files: names, numbers }) {
      const files = toldTo(names);
      let changed = false;
      for (let i = 0; i < files.length; i++) {
        const file = files[i];
        const number = bounded(numbers[i] as number);
        if (file === undefined || Number.isNaN(number) || file.told === number) continue;
        file.told = number;
        file.edition++;
        changed = true;
      }
      for (let i = 0; changed && i < ofNumbers.length; i++) take(ofNumbers[i] as Asked<Q>);
      return values;
    },
    close: () => open.close(),
  };
}

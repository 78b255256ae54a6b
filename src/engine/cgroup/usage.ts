// What a container uses and what it was refused, read from control files that stay open. Refuses to know limits in the config, rates and
// history.
import type { CounterFile, Files } from '../host/port.ts';
import type { CgroupTopology } from './face.ts';
import { type Quantity, sourceOf } from './quantities.ts';
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

export function numberOf(text: string): number {
  const n = text.startsWith('max') ? Number.POSITIVE_INFINITY : Number.parseInt(text, 10);
  return n >= V1_UNLIMITED ? Number.POSITIVE_INFINITY : n;
}

export interface Counters<Q extends Quantity> {
  /** What each is read from, "memory.stat shmem"; a quantity that no file tells is not in it. */
  readonly from: Readonly<Partial<Record<Q, string>>>;
  /**
   * Present values, the same object at each call; null when the container's groups are gone. `only`: the others stay as they were read before.
   * `after`: these have just been read, and what they share with the others is not read again. Both are known by identity.
   */
  read(only?: readonly Q[], after?: readonly Q[]): Readonly<Record<Q, number>> | null;
  close(): void;
}

interface OpenFile {
  readonly path: string;
  readonly file: CounterFile;
}

/** Files of one container, each opened and read once however many quantities it tells. */
class OpenFiles {
  readonly #files: Files;
  readonly #open = new Map<string, CounterFile | null>();
  readonly #texts = new Map<string, string>();
  constructor(files: Files) {
    this.#files = files;
  }
  has(path: string): boolean {
    let file = this.#open.get(path);
    if (file === undefined) {
      file = this.#files.openCounter(path);
      this.#open.set(path, file);
    }
    return file !== null;
  }
  /** What the last `read` found. */
  text(path: string): string {
    return this.#texts.get(path) ?? '';
  }
  /** Of the given paths. */
  there(paths: ReadonlySet<string>): readonly OpenFile[] {
    return [...this.#open].flatMap(([path, file]) => (file === null || !paths.has(path) ? [] : [{ path, file }]));
  }
  /** false when the groups are gone. */
  read(files: readonly OpenFile[]): boolean {
    for (const { path, file } of files) {
      const text = file.read();
      if (text === null) return false;
      this.#texts.set(path, text);
    }
    return files.length > 0;
  }
  close(): void {
    for (const file of this.#open.values()) file?.close();
  }
}

/**
 * Before kernel 6.11, and with the mount option pids_localevents, v2 counts a refused fork in the group that forked: below T/<id>, since
 * nobody lives in T/<id> itself. Nothing can have been refused as long as the peak lies below the limit (pids.peak: from 6.1 on).
 */
function forkRefusals(files: Files, open: OpenFiles, dir: string): () => number {
  const [peak, limit] = [`${dir}/pids.peak`, `${dir}/pids.max`];
  const told = open.has(peak) && open.has(limit);
  const may = (): boolean => !told || numberOf(open.text(peak)) >= numberOf(open.text(limit));
  return openSubtreeSum(files, dir, 'pids.events', (text) => fieldOf(text, 'max'), may);
}

/** How a quantity is read, and what it is read from. */
interface Reader {
  readonly read: () => number;
  readonly from: string;
  readonly paths: readonly string[];
}

function readerOf(files: Files, open: OpenFiles, topology: CgroupTopology, id: number, quantity: Quantity): Reader | null {
  const found = sourceOf(topology, quantity);
  if (found === null) return null;
  const { source } = found;
  const dir = `${found.in.mount}${topology.top}/${id}`;
  const path = `${dir}/${source.file}`;
  if (quantity === 'numprocFail' && found.in.version === 2 && (topology.localPidsEvents || files.stat(path) === null))
    return { read: forkRefusals(files, open, dir), from: 'pids.events of all its groups', paths: [`${dir}/pids.peak`, `${dir}/pids.max`] };
  if (!open.has(path)) return null;
  const { file, field, scale = 1, less, least = 0 } = source;
  if (field !== undefined) return { read: () => fieldOf(open.text(path), field) * scale, from: `${file} ${field}`, paths: [path] };
  if (less === undefined) return { read: () => numberOf(open.text(path)) * scale, from: file, paths: [path] };
  const taken = `${dir}/${less}`;
  open.has(taken);
  const read = (): number => {
    const whole = numberOf(open.text(path));
    if (whole === Number.POSITIVE_INFINITY) return whole;
    const rest = whole - numberOf(open.text(taken));
    return rest > least ? rest : 0;
  };
  return { read, from: `${file} - ${less}`, paths: [path, taken] };
}

/** One look at one quantity; 0 when the container's groups are gone. */
export function readCounter(files: Files, topology: CgroupTopology, id: number, quantity: Quantity): number {
  const counters = openCounters(files, topology, id, [quantity]);
  try {
    return counters.read()?.[quantity] ?? 0;
  } finally {
    counters.close();
  }
}

/** Opened for one container while its groups exist. A quantity that no file tells is 0. */
export function openCounters<Q extends Quantity>(files: Files, topology: CgroupTopology, id: number, wanted: readonly Q[]): Counters<Q> {
  const open = new OpenFiles(files);
  const values = Object.fromEntries(wanted.map((q) => [q, 0])) as Record<Q, number>;
  const readers = wanted.flatMap((q) => {
    const reader = readerOf(files, open, topology, id, q);
    return reader ? [{ q, ...reader }] : [];
  });
  const pathsOf = (some: readonly Q[]): readonly string[] => readers.flatMap(({ q, paths }) => (some.includes(q) ? paths : []));
  const partOf = (only: readonly Q[], after: readonly Q[] = []) => {
    const known = new Set(pathsOf(after));
    const paths = new Set(pathsOf(only).filter((path) => !known.has(path)));
    return { readers: readers.filter(({ q }) => only.includes(q)), files: open.there(paths) };
  };
  /** Asked for again and again: what is to be read of it is found out once. */
  const parts = new Map<readonly Q[], ReturnType<typeof partOf>>();
  return {
    from: Object.fromEntries(readers.map(({ q, from }) => [q, from])) as Partial<Record<Q, string>>,
    read(only = wanted, after) {
      const part = parts.get(only) ?? partOf(only, after);
      parts.set(only, part);
      if (part.files.length === 0 && after !== undefined) return values;
      if (!open.read(part.files)) return null;
      for (const { q, read } of part.readers) values[q] = read();
      return values;
    },
    close: () => open.close(),
  };
}

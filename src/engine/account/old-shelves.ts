// The directory bc of the files of old, with a file for each container. There are two of it, and a link that shows one: each look writes the one that
// nobody is shown, into files that are open, and shows it then, all containers at once. A file that is made anew and renamed costs four times as much.
// Whoever has opened one before and reads it a look later finds nothing, or figures of that look, but never figures of two in one number.
import type { Files, Host, PlaceFile } from '../host/port.ts';

/** One container's file; bytes of one page at most. */
export interface OldFile {
  readonly id: number;
  readonly bytes: Uint8Array;
}

export interface OldShelves {
  /** `whole`: the file beside them, of all containers. Throws what the disk says; what was shown is shown as before then. */
  show(all: readonly OldFile[], whole: Uint8Array): void;
  /** What is shown stays. */
  close(): void;
}

interface Shelf {
  readonly name: string;
  readonly ino: number | undefined;
  readonly open: Map<number, PlaceFile>;
}

/** Of this process and a number. */
const NAME = /^\.bc\.(\d+)\.\d+$/;

function removeAll(files: Files, path: string): void {
  if (files.lstat(path)?.type !== 'dir') {
    files.unlink(path);
    return;
  }
  for (const name of files.list(path) ?? []) removeAll(files, `${path}/${name}`);
  files.rmdir(path);
}

export function openOldShelves({ files, proc }: Pick<Host, 'files' | 'proc'>, dir: string): OldShelves {
  const link = `${dir}/bc`;
  const pid = process.pid;
  let shelves: readonly Shelf[] = [];
  let turn = 0;

  const inoOf = (name: string): number | undefined => files.stat(`${dir}/${name}`)?.ino;
  const take = (n: number): Shelf => {
    const name = `.bc.${pid}.${n}`;
    if (files.lstat(`${dir}/${name}`) !== null) return take(n + 1);
    files.mkdir(`${dir}/${name}`, 0o755);
    return { name, ino: inoOf(name), open: new Map() };
  };

  const closeFiles = ({ open }: Shelf): void => {
    for (const file of open.values()) file.close();
    open.clear();
  };

  /** Those of processes that have ended, and of others in this one, who notice at their next look. */
  const dropOthers = (kept: readonly Shelf[]): void => {
    for (const name of files.list(dir) ?? []) {
      const writer = NAME.exec(name)?.[1];
      if (writer === undefined || kept.some((shelf) => shelf.name === name)) continue;
      if (Number(writer) === pid || files.stat(`${proc}/${writer}`) === null) removeAll(files, `${dir}/${name}`);
    }
  };

  /** The two, which another writer of this process may have taken away. */
  const standing = (): readonly Shelf[] => {
    if (shelves.length > 0 && shelves.every(({ name, ino }) => inoOf(name) === ino)) return shelves;
    shelves.forEach(closeFiles);
    // a directory in the place of the link is an older engine's
    if (files.lstat(link)?.type === 'dir') removeAll(files, link);
    return [take(0), take(0)];
  };

  const fill = ({ name, open }: Shelf, all: readonly OldFile[], whole: Uint8Array): void => {
    const path = `${dir}/${name}`;
    const ids = open.size > 0 ? new Set(all.map(({ id }) => id)) : null;
    for (const [id, file] of open) {
      if (ids?.has(id)) continue;
      file.close();
      open.delete(id);
      removeAll(files, `${path}/${id}`);
    }
    for (const { id, bytes } of all) {
      let file = open.get(id);
      if (file === undefined) {
        files.mkdir(`${path}/${id}`, 0o755);
        file = files.openPlaces(`${path}/${id}/resources`, 0o400);
        open.set(id, file);
      }
      file.replace(bytes);
    }
    files.write(`${path}/resources`, whole, 0o400, 'boot');
  };

  return {
    show(all, whole) {
      const first = shelves.length === 0;
      shelves = standing();
      const hidden = shelves[turn] as Shelf;
      fill(hidden, all, whole);
      const made = `${link}.tmp${pid}`;
      files.unlink(made);
      files.symlink(hidden.name, made);
      files.rename(made, link);
      turn = 1 - turn;
      if (first) dropOthers(shelves);
    },
    close() {
      const shown = shelves.length === 0 ? null : files.readLink(link);
      for (const shelf of shelves) {
        closeFiles(shelf);
        if (shelf.name !== shown && inoOf(shelf.name) === shelf.ino) removeAll(files, `${dir}/${shelf.name}`);
      }
      shelves = [];
    },
  };
}

// Files of the node by node:fs, synchronously: they are small, and a verb has nothing else to do meanwhile.
import {
  appendFileSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  rmdirSync,
  type Stats,
  statfsSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  watch,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CounterFile, FileInfo, Files, PlaceFile } from '../port.ts';

const MISSING = new Set(['ENOENT', 'ENOTDIR']);

function missing(error: unknown): boolean {
  return MISSING.has((error as NodeJS.ErrnoException).code ?? '');
}

/** The result, or null where something on the path does not exist; any other error is thrown. */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (missing(error)) return null;
    throw error;
  }
}

/** ENODEV, ESRCH: the group, or the process, has been removed under the descriptor. */
const ENDED = new Set([...MISSING, 'ENODEV', 'ESRCH']);

/** One call into the kernel's library for opening, reading and closing: three of them cost twice as much. */
function readTrusted(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (ENDED.has((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

function unlessMissing(change: () => void): void {
  orNull(change);
}

/** Told, not thrown: looking for what is not there is half of what a verb does, and an exception costs five times the call. */
const QUIET = { throwIfNoEntry: false } as const;

function info(s: Stats | undefined): FileInfo | null {
  if (s === undefined) return null;
  const type = s.isFile() ? 'file' : s.isDirectory() ? 'dir' : s.isSymbolicLink() ? 'link' : 'other';
  const { uid, gid, size, dev, ino, mtimeMs } = s;
  const plain = { type, mode: s.mode & 0o7777, uid, gid, size, dev, ino, mtimeMs } as const;
  if (!s.isBlockDevice() && !s.isCharacterDevice()) return plain;
  // Linux majors have 12 bits, between the lower 8 and the upper 12 of the minor.
  const minor = (s.rdev & 0xff) | ((s.rdev >>> 12) & 0xfff00);
  return { ...plain, device: { type: s.isBlockDevice() ? 'block' : 'char', major: (s.rdev >>> 8) & 0xfff, minor } };
}

/** A failed write names the file that was to be written: the kernel's word on a descriptor names none. */
const named = (path: string, error: unknown): Error => Object.assign(error as Error, { path });

function naming(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw named(path, error);
  }
}

/** Small files are read into one buffer for all: by thousands, and most of them the kernel's, which tell no size. */
let buffer = Buffer.allocUnsafeSlow(1 << 16);

/** Of a file of that size as it was opened; of the kernel's, whose size is 0, to its end. */
function textOf(fd: number, size: number): string {
  let length = 0;
  for (let more = -1; more !== 0 && (size === 0 || length < size); length += more) {
    if (length === buffer.length) return Buffer.concat([Buffer.from(buffer), readFileSync(fd)]).toString('utf8');
    more = readSync(fd, buffer, length, buffer.length - length, null);
  }
  return buffer.toString('utf8', 0, length);
}

/** Waits for nobody: a fifo in the place of a file would hold whoever reads it for ever. Throws EISDIR or ENOTREG for what is no file. */
function readRegular<T>(path: string, read: (fd: number, size: number) => T): T {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const there = fstatSync(fd);
    if (there.isFile()) return read(fd, there.size);
    const code = there.isDirectory() ? 'EISDIR' : 'ENOTREG';
    throw Object.assign(new Error(`${code}: no regular file, read '${path}'`), { code, syscall: 'read', path });
  } finally {
    closeSync(fd);
  }
}

function openFresh(path: string, mode: number): number {
  try {
    return openSync(path, 'wx', mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // Left by a process of our pid that was killed.
    unlinkSync(path);
    return openSync(path, 'wx', mode);
  }
}

/** rename alone may survive a power cut without the bytes: what must outlast it is synced before, its directory after (4 ms each on a disk). */
function writeWhole(path: string, data: string | Uint8Array, mode: number, outlasts: boolean): void {
  const temporary = `${path}.tmp${process.pid}`;
  const fd = openFresh(temporary, mode);
  try {
    writeFileSync(fd, data);
    if (outlasts) fsyncSync(fd);
  } catch (error) {
    closeSync(fd);
    unlinkSync(temporary);
    throw error;
  }
  closeSync(fd);
  renameSync(temporary, path);
  if (!outlasts) return;
  const dir = openSync(dirname(path), 'r');
  fsyncSync(dir);
  closeSync(dir);
}

function openCounter(path: string): CounterFile | null {
  const fd = orNull(() => openSync(path, 'r'));
  if (fd === null) return null;
  return {
    read(): string | null {
      for (;;) {
        let length: number;
        try {
          length = readSync(fd, buffer, 0, buffer.length, 0);
        } catch (error) {
          if (ENDED.has((error as NodeJS.ErrnoException).code ?? '')) return null;
          throw error;
        }
        // control files report size 0, so the buffer grows until a read leaves room
        if (length < buffer.length) return buffer.toString('latin1', 0, length);
        buffer = Buffer.allocUnsafe(buffer.length * 2);
      }
    },
    close: () => closeSync(fd),
  };
}

/** Grows to the most that was ever there, not to what is asked for: only what was read is kept. */
let scratch = Buffer.alloc(0);

function openPlaces(path: string, mode: number): PlaceFile {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, mode);
  /** A descriptor whose number somebody else has by now must not be waited for: it is closed behind the last wait. */
  let waits = 0;
  let closed = false;
  const end = (): void => {
    if (closed && waits === 0) closeSync(fd);
  };
  return {
    read(at, length) {
      if (scratch.length < length) scratch = Buffer.allocUnsafeSlow(length);
      return scratch.subarray(0, readSync(fd, scratch, 0, length, at));
    },
    write(at, bytes) {
      try {
        writeSync(fd, bytes, 0, bytes.length, at);
      } catch (error) {
        throw named(path, error);
      }
    },
    // the page that was there goes to whoever reads it, and the size that lets another one in comes after what is in that
    replace(bytes) {
      naming(path, () => {
        ftruncateSync(fd);
        writeSync(fd, bytes, 0, bytes.length, 0);
      });
    },
    settle() {
      waits++;
      return new Promise((resolve, reject) =>
        fdatasync(fd, (error) => {
          waits--;
          end();
          if (error) reject(error);
          else resolve();
        }),
      );
    },
    close() {
      closed = true;
      end();
    },
  };
}

/** An iterator of the kernel has gone past a million things of which it had nothing to say; the next read goes on from there. */
const goesOn = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EAGAIN';
/** A thousand million: more than a node can have. */
const MOST_SILENT = 1_000;

export const linuxFiles: Files = {
  read: (path) => orNull(() => readRegular(path, textOf)),
  readBytes: (path) => orNull(() => readRegular(path, (fd) => readFileSync(fd))),
  readTrusted,
  list: (path) => orNull(() => readdirSync(path)),
  stat: (path) => orNull(() => info(statSync(path, QUIET))),
  lstat: (path) => orNull(() => info(lstatSync(path, QUIET))),
  readLink: (path) => orNull(() => readlinkSync(path)),
  statfs(path) {
    const { blocks, bfree, bsize, files, ffree, type } = statfsSync(path);
    return { free: blocks === 0 ? Number.POSITIVE_INFINITY : bfree * bsize, size: blocks * bsize, files, filesFree: ffree, type };
  },
  readAt(path, from, max) {
    const fd = existsSync(path) ? orNull(() => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)) : null;
    if (fd === null) return null;
    try {
      if (scratch.length === 0) scratch = Buffer.allocUnsafeSlow(1 << 16);
      let length = 0;
      let silent = 0;
      const piece = (): number | null => {
        if (length === scratch.length) scratch = Buffer.concat([scratch], length * 2);
        try {
          return readSync(fd, scratch, length, Math.min(max, scratch.length) - length, from + length);
        } catch (error) {
          if (goesOn(error) && ++silent < MOST_SILENT) return null;
          throw error;
        }
      };
      // what the kernel makes as it is read comes in pieces
      for (let more = piece(); more !== 0 && length < max; more = piece()) length += more ?? 0;
      return Buffer.from(scratch.subarray(0, length));
    } finally {
      closeSync(fd);
    }
  },
  readMost(path, max) {
    const fd = orNull(() => openSync(path, 'r'));
    if (fd === null) return null;
    try {
      let bytes = Buffer.allocUnsafe(Math.min(max, 1 << 16));
      let length = 0;
      for (let read = -1; read !== 0 && length < max; length += read) {
        if (length === bytes.length) bytes = Buffer.concat([bytes], Math.min(max, length * 2));
        read = readSync(fd, bytes, length, bytes.length - length, null);
      }
      return bytes.toString('latin1', 0, length);
    } finally {
      closeSync(fd);
    }
  },
  openInput(path) {
    const fd = orNull(() => openSync(path, 'r'));
    return fd === null ? null : { fd, close: () => closeSync(fd) };
  },
  watch(path, changed) {
    const watcher = orNull(() => watch(path, changed));
    // The end of what is watched shows in its next reading.
    watcher?.on('error', () => {});
    return () => watcher?.close();
  },
  async readSoon(path, max) {
    const file = await open(path, 'r').catch(() => null);
    try {
      if (file === null) return null;
      // as it grows: what is made at once for the most that is ever there counts as rubbish with the collector each time
      let bytes = Buffer.allocUnsafe(Math.min(max, 1 << 16));
      let length = 0;
      let silent = 0;
      const piece = (): Promise<number | null> => {
        if (length === bytes.length) bytes = Buffer.concat([bytes], Math.min(max, length * 2));
        return file.read(bytes, length, bytes.length - length, length).then(
          ({ bytesRead }) => bytesRead,
          (error: unknown) => {
            if (goesOn(error) && ++silent < MOST_SILENT) return null;
            throw error;
          },
        );
      };
      for (let more = await piece(); more !== 0; more = length < max ? await piece() : 0) length += more ?? 0;
      return bytes.subarray(0, length);
    } catch {
      return null;
    } finally {
      await file?.close();
    }
  },
  openCounter,
  openPlaces,
  write: (path, data, mode = 0o644, until) => naming(path, () => writeWhole(path, data, mode, until === undefined)),
  append: (path, text, mode = 0o644) => naming(path, () => appendFileSync(path, text, { mode })),
  touch(path) {
    const now = Date.now() / 1000;
    unlessMissing(() => utimesSync(path, now, now));
  },
  mkdir: (path, mode = 0o755) => void mkdirSync(path, { recursive: true, mode }),
  chmod: (path, mode) => chmodSync(path, mode),
  rename: (from, to) => renameSync(from, to),
  unlink: (path) => unlessMissing(() => unlinkSync(path)),
  rmdir: (path) => unlessMissing(() => rmdirSync(path)),
  symlink: (target, path) => symlinkSync(target, path),
};

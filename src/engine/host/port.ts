// The machine as the engine sees it. linux/ does it, recorder.ts writes down what would be changed. Everything that changes
// something passes through here, so that any verb can be planned before it is done.
import type { Launcher } from '../launcher/launcher.ts';

/** Where programs of the system are looked for, by us and by what we run. */
export const PROGRAM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface FileInfo {
  readonly type: 'file' | 'dir' | 'link' | 'other';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly dev: number;
  readonly ino: number;
  readonly mtimeMs: number;
  /** What a device node stands for. */
  readonly device?: { readonly type: 'block' | 'char'; readonly major: number; readonly minor: number };
}

export interface RunResult {
  /** Exit code, or 128 + signal number. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string | Uint8Array;
  /** undefined: that one is not in it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  /** Called with each complete line of stdout or stderr as it comes. */
  readonly onLine?: (line: string, from: 'out' | 'err') => void;
  /** 'inherit': stdout and stderr go to our own; 'ignore': nowhere. */
  readonly output?: 'capture' | 'inherit' | 'ignore';
  /** It has our terminal and our descriptors 0, 1, 2 as long as it runs, and answers Ctrl-C itself. */
  readonly foreground?: true;
  /** It changes nothing: a plan runs it, too, and does not tell of it. */
  readonly looks?: true;
}

/** A control file held open: reading again costs a third of opening it again. */
export interface CounterFile {
  /** Present content from the beginning; null when its cgroup is gone. */
  read(): string | null;
  close(): void;
}

/** A file whose parts have fixed places and are written there. */
export interface PlaceFile {
  /** Shorter at the end of the file. Bytes that hold until anything else is read. */
  read(at: number, length: number): Uint8Array;
  write(at: number, bytes: Uint8Array): void;
  /** Whoever reads meanwhile finds what was there, nothing, or all of this, where it fits into one page (4096 bytes). */
  replace(bytes: Uint8Array): void;
  /** Resolves when all that was written is on the disk; nobody waits for it meanwhile. */
  settle(): Promise<void>;
  close(): void;
}

export type PipeOptions = Pick<RunOptions, 'env' | 'cwd' | 'signal'>;

/** A running program whose bytes flow through us: what it writes is read piece by piece, what it is given waits until it takes it. */
export interface Pipe {
  /** Its standard output. Leaving the loop early closes it, so that the program ends by SIGPIPE. */
  readonly out: AsyncIterable<Uint8Array>;
  /** Resolves when there is room for more; false when the program takes no more input. */
  write(bytes: Uint8Array): Promise<boolean>;
  end(): void;
  /** Status and standard error once it has ended (stdout is ""). Throws VzError 'no-program' or 'cancelled'. */
  readonly done: Promise<RunResult>;
}

/** Files of the node that belong to the engine (configs, records, control files). Never a path below a private area: that is Launcher.tree. */
export interface Files {
  /** null when it does not exist; other errors throw. */
  read(path: string): string | null;
  readBytes(path: string): Uint8Array | null;
  /**
   * The same, quicker, where nobody else can have put what would make a reader wait: of what the kernel makes itself (control groups, /proc), and of our
   * own notes below run/vzdeck. null also when its group or process ends meanwhile.
   */
  readTrusted(path: string): string | null;
  /** Names in a directory; null when it does not exist. */
  list(path: string): readonly string[] | null;
  stat(path: string): FileInfo | null;
  lstat(path: string): FileInfo | null;
  readLink(path: string): string | null;
  /**
   * Bytes free for root (Infinity where the file system does not count them, as ramfs) of `size`, inodes free of `files` (0: it has no bound of them),
   * file-system magic.
   */
  statfs(path: string): { free: number; size: number; files: number; filesFree: number; type: number };
  /** At most `max` bytes from a place on; null when it does not exist. */
  readAt(path: string, from: number, max: number): Uint8Array | null;
  /** The first bytes, at most `max`, of a file that the kernel writes while it is read and that may have no end for us; null when it does not exist. */
  readMost(path: string, max: number): string | null;
  /** A descriptor for a program's stdin; null when it does not exist. */
  openInput(path: string): { readonly fd: number; close(): void } | null;
  /** Calls back at each change that the kernel tells of; returns the end of it. Nothing is told of a file that is not there. */
  watch(path: string, changed: () => void): () => void;
  /**
   * The first `max` bytes, read beside: of a file whose reading may have to wait for somebody. null when it does not exist, or refuses.
   */
  readSoon(path: string, max: number): Promise<Uint8Array | null>;
  /** null when it does not exist. */
  openCounter(path: string): CounterFile | null;
  /** To read and to write; made if it is missing. */
  openPlaces(path: string, mode: number): PlaceFile;

  /** Whole file: temporary name in the same directory, fsync, rename. until 'boot': it means nothing after that, so a power cut may take it. */
  write(path: string, text: string | Uint8Array, mode?: number, until?: 'boot'): void;
  append(path: string, text: string, mode?: number): void;
  /** Its time of change is now. A missing file is no error. */
  touch(path: string): void;
  mkdir(path: string, mode?: number): void;
  chmod(path: string, mode: number): void;
  rename(from: string, to: string): void;
  /** A missing file is no error. */
  unlink(path: string): void;
  rmdir(path: string): void;
  symlink(target: string, path: string): void;
}

/** An address of a network device that is up, in the network namespace that we are in. */
export interface DeviceAddress {
  readonly device: string;
  readonly family: 4 | 6;
  /** Without mask, as the kernel prints it. */
  readonly address: string;
  /** "00:00:00:00:00:00" for a device without. */
  readonly mac: string;
  readonly loopback: boolean;
}

export interface Origin {
  readonly startTime: bigint;
  /** pid; 0 for whoever has none in this pid namespace. */
  readonly parent: number;
}

export interface Host {
  /** Where all state lies: "/" or VZDECK_ROOT. */
  readonly root: string;
  /** True where nothing is done and all is written down: what reads through programs (an archive, say) tells its step and stops there. */
  readonly planning: boolean;
  /** Where the kernel tells: "/proc", or VZDECK_PROC in tests of formats. */
  readonly proc: string;
  readonly files: Files;
  readonly launcher: Launcher;
  run(program: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
  pipe(program: string, args: readonly string[], options?: PipeOptions): Pipe;
  addresses(): readonly DeviceAddress[];
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** CLOCK_MONOTONIC, milliseconds. */
  uptime(): number;
  /** Place of a thread in the queue for the CPU, -20 (first) to 19; one that has ended is no error. */
  setNice(pid: number, nice: number): void;
  /** Whether it has not been waited for yet, which costs a fifth of asking for its start time. */
  isThere(pid: number): boolean;
  /** Start time of a process in clock ticks since boot, null when it is not there. */
  startTime(pid: number): bigint | null;
  /** The same with whose child it is at this moment. */
  origin(pid: number): Origin | null;
}

// A host that writes down what would be changed and changes nothing. Reading goes through to the real host, but sees what was "written",
// so that a verb runs to its end. `--dry-run` prints its list; tests of mechanisms compare it.
import { drawable } from '../errors.ts';
import type { Launcher, ProcessId } from '../launcher/launcher.ts';
import type { HostPlan, Op, StartPlan, TreeOp, VisitPlan } from '../spec/op.ts';
import { nearest } from './paths.ts';
import type { FileInfo, Files, Host } from './port.ts';

/** What would be done, in the order in which it would be. */
export interface PlanLine {
  /** file, mount, cgroup, launch, tree, run … */
  readonly what: string;
  readonly detail: string;
  /** Of a file of the kernel that is written: what it says now, null where nobody can tell, and what it would say. */
  readonly control?: { readonly path: string; readonly before: string | null; readonly after: string };
}

export interface Recorder {
  readonly host: Host;
  readonly lines: readonly PlanLine[];
}

const SHOWN = 60;

function shown(value: unknown): string {
  if (value instanceof Uint8Array) {
    if (value.length > SHOWN) return `<${value.length} bytes>`;
    const text = new TextDecoder().decode(value);
    // an address, say
    return /^(?:[\t\n]|[^\p{Cc}\uFFFD])*$/u.test(text) ? JSON.stringify(text) : Buffer.from(value).toString('hex');
  }
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (Array.isArray(value)) return value.map(shown).join(' ');
  if (typeof value === 'string' && /\s/.test(value)) return JSON.stringify(value);
  return String(value);
}

/** "cloneTree slot=1 path=/vz/private/101 recursive=0" */
export function describeOp(op: Op | TreeOp): string {
  const { op: name, ...args } = op;
  return [
    name,
    ...Object.entries(args).map(([key, value]) => `${key}=${key === 'mode' ? `0${Number(value).toString(8)}` : shown(value)}`),
  ].join(' ');
}

/** A program is told line by line what it is to do. */
function describeOps(op: Op | TreeOp): readonly string[] {
  if (op.op === 'links') return op.lines.map((line) => `ip ${line}`);
  if (op.op === 'elements') return op.lines.map((line) => `nft ${line}`);
  if (op.op !== 'run') return [describeOp(op)];
  const [program = ''] = op.argv;
  return new TextDecoder()
    .decode(op.input)
    .split('\n')
    .flatMap((line) => (line === '' ? [] : `${program} ${line}`));
}

function controlOf(files: Files, path: string, data: Uint8Array): PlanLine['control'] {
  let before: string | null;
  try {
    before = files.read(path)?.trim() ?? null;
  } catch {
    before = null;
  }
  return { path, before, after: new TextDecoder().decode(data).trim() };
}

const NOBODY: ProcessId = { pid: 0, startTime: 0n };

function recordingLauncher(
  real: Launcher,
  say: (what: string, detail: string, control?: PlanLine['control']) => void,
  files: Files,
  there: (path: string) => boolean,
  ended: Set<number>,
): Launcher {
  const all = (what: string, ops: readonly (Op | TreeOp)[]): void => {
    for (const op of ops) for (const line of describeOps(op)) say(what, line);
  };
  return {
    close: () => real.close(),
    async adopt(plan) {
      all('prepare', plan.prepare);
      all('inside', plan.inside);
      return { init: NOBODY, keeper: NOBODY };
    },
    async ops(plan: HostPlan) {
      for (const op of plan.ops)
        for (const line of describeOps(op)) say('node', line, op.op === 'write' ? controlOf(files, op.path, op.data) : undefined);
    },
    async visit(plan: VisitPlan) {
      all('prepare', plan.prepare);
      all('visit', plan.inside);
    },
    async start(plan: StartPlan) {
      all('prepare', plan.prepare);
      all('become', plan.become);
      const cgroup = plan.cgroup === '' ? '' : ` cgroup=${plan.cgroup}`;
      say('clone', `flags=0x${plan.cloneFlags.toString(16)} creator=${plan.creator} sigpending=${plan.sigpending}${cgroup}`);
      all('born', plan.born);
      all('inside', plan.inside);
      files.write(`${plan.runDir}/init`, '0 0\n');
      return { init: NOBODY, keeper: NOBODY };
    },
    async tree(root, ops, base) {
      const changes = ops.filter((op) => !READS.has(op.op));
      for (const op of changes) say('tree', `${root} ${describeOp(op)}`);
      // A tree that is only planned has nothing in it yet.
      if (!there(root)) return ops.map((op) => (READS.has(op.op) ? { ok: false as const, errno: 'ENOENT' } : { ok: true as const }));
      if (changes.length === 0) return real.tree(root, ops, base);
      return ops.map(() => ({ ok: true as const }));
    },
    rules: (processes, work) => real.rules(processes, work),
    async lock() {
      return { release: async () => {} };
    },
    /** A planned container lives on, so that its start succeeds; a real one ends when it is asked, so that its stop does. */
    ended: async (process, signal) =>
      new Promise<void>((resolve) => {
        if (process.pid !== NOBODY.pid) ended.add(process.pid);
        if (process.pid !== NOBODY.pid || !signal) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      }),
    async kill(process, signal) {
      say('signal', `${signal} to pid ${process.pid}`);
      return true;
    },
    become() {},
    async enter(plan) {
      all('inside', plan.ops);
      return { code: 0, signal: null };
    },
    terminal: () => Promise.reject(new Error('A plan has no terminal')),
  };
}

const READS = new Set<TreeOp['op']>(['read', 'list', 'stat', 'readlink']);

const DIRECTORY: FileInfo = { type: 'dir', mode: 0o755, uid: 0, gid: 0, size: 0, dev: 0, ino: 0, mtimeMs: 0 };

/** "-line" and "+line": what a config loses and what it gets. */
function changedLines(before: string, after: string): readonly string[] {
  const [was, is] = [before, after].map((text) => text.split('\n').filter((line) => line !== '')) as [string[], string[]];
  const [old, fresh] = [new Set(was), new Set(is)];
  return [
    ...was.filter((line) => !fresh.has(line)).map((line) => `-${line}`),
    ...is.filter((line) => !old.has(line)).map((line) => `+${line}`),
  ];
}

/** Files of the real host with our writes laid over them: path → content, null = removed, DIRECTORY = made. */
function recordingFiles(real: Files, say: (what: string, detail: string) => void): Files {
  const over = new Map<string, Uint8Array | null | 'dir'>();
  const look = <T>(path: string, ours: (value: Uint8Array | 'dir') => T, theirs: () => T | null): T | null => {
    const value = over.get(path);
    return value === undefined ? theirs() : value === null ? null : ours(value);
  };
  const info = (value: Uint8Array | 'dir'): FileInfo => (value === 'dir' ? DIRECTORY : { ...DIRECTORY, type: 'file', size: value.length });
  const text = (value: Uint8Array | 'dir'): string => (value === 'dir' ? '' : new TextDecoder().decode(value));
  const bytes = (data: string | Uint8Array): Uint8Array => (typeof data === 'string' ? new TextEncoder().encode(data) : data);
  const gone = (path: string, there: boolean): void => {
    if (there) say('file', `remove ${path}`);
    over.set(path, null);
  };
  const files: Files = {
    ...real,
    read: (path) => look(path, text, () => real.read(path)),
    readTrusted: (path) => look(path, text, () => real.readTrusted(path)),
    readBytes: (path) =>
      look(
        path,
        (v) => bytes(v === 'dir' ? '' : v),
        () => real.readBytes(path),
      ),
    stat: (path) => look(path, info, () => real.stat(path)),
    lstat: (path) => look(path, info, () => real.lstat(path)),
    statfs: (path) => real.statfs(nearest(real, path)),
    write(path, data) {
      say('file', `write ${path} (${bytes(data).length} bytes)`);
      if (path.endsWith('.conf')) for (const line of changedLines(files.read(path) ?? '', text(bytes(data)))) say('config', line);
      over.set(path, bytes(data));
    },
    append(path, data) {
      say('file', `append to ${path} (${bytes(data).length} bytes)`);
      over.set(path, bytes((files.read(path) ?? '') + data));
    },
    touch() {},
    mkdir(path) {
      if (files.stat(path)) return;
      say('file', `make directory ${path}`);
      over.set(path, 'dir');
    },
    chmod: (path, mode) => say('file', `mode ${mode.toString(8)} for ${path}`),
    rename(from, to) {
      say('file', `rename ${from} to ${to}`);
      const value = over.get(from);
      over.set(to, value ?? (real.stat(from)?.type === 'dir' ? 'dir' : (real.readBytes(from) ?? 'dir')));
      over.set(from, null);
    },
    unlink: (path) => gone(path, files.lstat(path) !== null),
    rmdir: (path) => gone(path, files.stat(path) !== null),
    symlink(target, path) {
      say('file', `link ${path} to ${target}`);
      over.set(path, bytes(''));
    },
  };
  return files;
}

const NOTHING = { status: 0, stdout: '', stderr: '' } as const;

async function* empty(): AsyncGenerator<Uint8Array> {}

export function recorder(real: Host): Recorder {
  const lines: PlanLine[] = [];
  const say = (what: string, detail: string, control?: PlanLine['control']): void =>
    void lines.push({ what, detail: drawable(detail), ...(control === undefined ? {} : { control }) });
  const files = recordingFiles(real.files, say);
  /** Real processes whose end the plan has waited for: in what comes after they are gone. */
  const ended = new Set<number>();
  const host: Host = {
    ...real,
    planning: true,
    files,
    launcher: recordingLauncher(real.launcher, say, files, (path) => real.files.stat(path) !== null, ended),
    async run(program, args, options) {
      if (options?.looks) return real.run(program, args, options);
      say('run', [program, ...args].join(' '));
      return NOTHING;
    },
    pipe(program, args) {
      say('run', [program, ...args].join(' '));
      return { out: empty(), write: async () => true, end() {}, done: Promise.resolve(NOTHING) };
    },
    setNice: (pid, nice) => say('nice', `${nice} for pid ${pid}`),
    startTime: (pid) => host.origin(pid)?.startTime ?? null,
    origin: (pid) => (pid === NOBODY.pid ? { ...NOBODY, parent: 1 } : ended.has(pid) ? null : real.origin(pid)),
  };
  return { host, lines };
}

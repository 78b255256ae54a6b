// What the tools of OpenVZ ask of a node: its accounts, what it has, whose a process is, config files by their paths. On a kernel of OpenVZ
// its own files answer; elsewhere our accounts do, in the same shape.

import { cpuPower, nodeMemory, threadsMax } from '../account/node-capacity.ts';
import { type CpuShare, oldAccounts, oldContainers, oldOwner, oldShares } from '../account/old-kernel.ts';
import { VzError } from '../errors.ts';
import { above } from '../host/paths.ts';
import { strerror } from '../spec/errno.ts';
import type { NodeMemory } from '../spec/node-memory.ts';
import { readConf, saveConf, type Values } from '../spec/params/read.ts';
import type { Remark } from '../spec/params/types.ts';
import type { CtUbc } from '../spec/ubc-rows.ts';
import { parseUbcText, textUbc, UBC_VERSION, type UbcText } from '../spec/ubc-text.ts';
import { configIds, saveCt } from '../store/registry.ts';
import { otherKeys } from './config-edit.ts';
import { journaled } from './journaled.ts';
import { clean, listContainers } from './list.ts';
import type { VerbContext } from './verb.ts';

export interface ConfigAt {
  /** Canonical, of this file alone. */
  readonly values: Values;
  readonly remarks: readonly Remark[];
  /** Under keys that are no parameter's. */
  readonly others: ReadonlyMap<string, string>;
}

export interface FileEdit {
  /** Canonical; those that are not named stay as they are written. */
  readonly values: Values;
  readonly unset?: readonly string[];
}

export interface DiskSize {
  readonly kib: number;
  readonly inodes: number;
}

export interface Owner {
  readonly pid: number;
  /** 0: the node itself. */
  readonly ct: number;
  /** Its pid there. */
  readonly inner: number;
  /** As it calls itself; harmless to draw. */
  readonly name: string;
}

export interface NodeTools {
  /**
   * Accounts of what runs, as a kernel of OpenVZ has them in /proc/bc/resources; of a file in one of its formats. `ids`: others are not asked of
   * ours, and may be told all the same. Throws VzError 'config-unread'.
   */
  accounts(file?: string, ids?: readonly number[]): UbcText;
  /** Those that run, with what can only be counted beside (rules of packet filters). */
  wholeAccounts(ids?: readonly number[]): Promise<UbcText>;
  /** CTIDs. */
  running(): readonly number[];
  memory(): NodeMemory;
  /** Processes and threads that the node can have at a time. */
  threads(): number;
  /** CPU units that the node's CPUs are worth; 0 where the kernel does not say. */
  cpuPower(): number;
  /** Of the node (0) and of all that runs; `running`: who looks often knows which. */
  cpuShares(running?: readonly number[]): readonly CpuShare[];
  /** Of the file system where private areas lie, by its path; null when that cannot be looked at. */
  disk(): { readonly path: string; readonly size: DiskSize | null };
  /** The kernel is one of OpenVZ, which tells of containers itself. */
  openvz(): boolean;
  /** Does this node's kernel bound RAM and swap? Only those of OpenVZ before 2011 do not. */
  vswap(): boolean;
  /** null: there is no such process. */
  owner(pid: number): Owner | null;
  /** By the pid inside; null: there is no such process in it. */
  insideOf(ct: number, inner: number): Owner | null;
  /** Any config by its path; null when it is not there. Throws VzError 'config-unread'. */
  configAt(path: string): ConfigAt | null;
  /** That config with these values; its comments and other lines stay. Throws VzError 'config-unread'. */
  configText(path: string, edit: FileEdit): string;
  /** The same into a file, whose text before is kept beside it as .bak; without `to` into the config itself. */
  saveConfigAt(path: string, edit: FileEdit, to?: string): Promise<void>;
  /** Small texts of an earlier run, below a directory of the caller's or in our own place. */
  notes(dir: string | null): Notes;
  /** A new sample config. Throws VzError 'sample-exists'. */
  writeSample(name: string, text: string): Promise<string>;
}

export interface Notes {
  /** null: there is none. */
  read(name: string): string | null;
  write(name: string, text: string): void;
  /** Forgets those that are called so. */
  clear(names: RegExp): void;
}

interface Asked {
  readonly running: () => readonly number[];
  /** Of what runs, of these if any are given. */
  readonly accounts: (ids?: readonly number[]) => readonly CtUbc[];
  readonly wholeAccounts: (ids?: readonly number[]) => Promise<readonly CtUbc[]>;
  /** Running processes of containers. */
  readonly processes: () => readonly { readonly pid: number; readonly ct: number; readonly inner: number | null }[];
}

const DEFAULT_UNITS = 1000;

function readAt({ host }: VerbContext, path: string): string | null {
  try {
    return host.files.read(path);
  } catch (error) {
    throw new VzError('config-unread', { path, cause: strerror(error) }, error);
  }
}

function textOf(context: VerbContext, path: string): string {
  const text = readAt(context, path);
  if (text === null) throw new VzError('config-unread', { path, cause: strerror('ENOENT') });
  return text;
}

/** Of a text in another encoding than UTF-8 something is lost already: what it holds stays as it is written. */
const kept = (own: Values, values: Values): Values =>
  new Map([...values].filter(([key, value]) => !(value.includes('\ufffd') && own.get(key) === value)));

const runningNow = (context: VerbContext): readonly number[] =>
  listContainers(context).flatMap(({ id, init }) => (init === null ? [] : [id]));

function sharesOf(context: VerbContext, running = runningNow(context)): readonly CpuShare[] {
  const { host, node } = context;
  const old = oldShares(host.files, host.proc);
  if (old !== null) return old;
  const units = new Map(context.configs().map(({ id, values }) => [id, Number(values.get('CPUUNITS') ?? DEFAULT_UNITS)]));
  const own = Number(units.get(0) ?? node.values.get('VE0CPUUNITS') ?? DEFAULT_UNITS);
  return [{ id: 0, units: own }, ...running.map((id) => ({ id, units: units.get(id) ?? DEFAULT_UNITS }))];
}

function notesIn({ host: { files }, node }: VerbContext, asked: string | null): Notes {
  const dir = asked === null ? `${node.runDir}/vzubc` : node.shown(asked);
  return {
    read: (name) => files.read(`${dir}/${name}`),
    write(name, text) {
      if (files.stat(dir) === null) files.mkdir(dir, 0o700);
      files.write(`${dir}/${name}`, `${text}\n`, 0o600, 'boot');
    },
    clear(names) {
      for (const name of files.list(dir) ?? []) if (names.test(name)) files.unlink(`${dir}/${name}`);
    },
  };
}

function diskOf({ host, node }: VerbContext): ReturnType<NodeTools['disk']> {
  const path = above(node.defaults.get('VE_PRIVATE') ?? '/vz/private/$VEID');
  try {
    const { size, files: inodes } = host.files.statfs(node.place(path));
    return { path, size: { kib: Math.floor(size / 1024), inodes } };
  } catch {
    return { path, size: null };
  }
}

export function nodeTools(context: VerbContext, asked: Asked): NodeTools {
  const { host, node } = context;
  const { files, proc } = host;
  const owned = (pid: number, known: ReturnType<Asked['processes']>): Owner | null => {
    const status = Number.isInteger(pid) && pid > 0 ? files.read(`${proc}/${pid}/status`) : null;
    if (status === null) return null;
    const of = known.find((process) => process.pid === pid);
    const { ct, inner } = oldOwner(status) ?? { ct: of?.ct ?? 0, inner: of?.inner ?? pid };
    return { pid, ct, inner, name: clean(/^Name:\s*(.*)$/m.exec(status)?.[1] ?? '') };
  };
  let processes: ReturnType<Asked['processes']> | null = null;
  const known = (): ReturnType<Asked['processes']> => {
    processes ??= asked.processes();
    return processes;
  };
  const ours = (accounts: readonly CtUbc[]): UbcText => ({
    version: UBC_VERSION,
    width: 20,
    accounts: accounts.map((account) => textUbc(account, 'bc')),
  });
  return {
    accounts(file, ids) {
      if (file !== undefined) return parseUbcText(textOf(context, file));
      return oldAccounts(files, proc) ?? ours(asked.accounts(ids));
    },
    async wholeAccounts(ids) {
      return oldAccounts(files, proc) ?? ours(await asked.wholeAccounts(ids));
    },
    running: () => [...(oldContainers(files, proc)?.keys() ?? asked.running())],
    memory: () => nodeMemory(files, proc),
    threads: () => threadsMax(files, proc),
    cpuPower: () => cpuPower(files, proc),
    cpuShares: (running) => sharesOf(context, running),
    disk: () => diskOf(context),
    openvz: () => files.stat(`${proc}/vz`) !== null,
    vswap: () => files.stat(`${proc}/vz`) === null || files.stat(`${proc}/vz/vswap`) !== null,
    owner: (pid) => owned(pid, known()),
    insideOf(ct, inner) {
      const found = known().find((process) => process.ct === ct && process.inner === inner);
      return found ? owned(found.pid, known()) : null;
    },
    configAt(path) {
      const text = readAt(context, path);
      return text === null ? null : { ...readConf(text, path, node.around), others: otherKeys(text) };
    },
    configText(path, { values, unset = [] }) {
      const text = textOf(context, path);
      const own = readConf(text, path, node.around).values;
      return saveConf(text, own, kept(own, values), unset);
    },
    async saveConfigAt(path, { values, unset = [] }, to = path) {
      const text = textOf(context, path);
      const own = readConf(text, path, node.around).values;
      const id = configIds(host, node).ids.find((one) => node.conf(one) === to) ?? 0;
      const before = to === path ? null : readAt(context, to);
      await journaled(context, { verb: 'config', id }, async () => {
        if (before !== null) host.files.write(`${to}.bak`, before, 0o644);
        saveCt(host, { file: to, own }, kept(own, values), to === path ? undefined : text, unset);
      });
    },
    notes: (dir) => notesIn(context, dir),
    async writeSample(name, text) {
      const path = node.sample(name);
      if (files.lstat(path) !== null) throw new VzError('sample-exists', { path });
      await journaled(context, { verb: 'sample', id: 0 }, async () => files.write(path, text, 0o644));
      return path;
    },
  };
}

// The engine as cli and tui see it. openEngine (open.ts) builds it; index.ts is the only door.

import type { LedgerHistory } from './account/ledger-history.ts';
import type { ProcessReader } from './account/processes.ts';
import type { RowReading } from './account/row-source.ts';
import type { CtSummary, Sampler } from './account/sample.ts';
import type { ConnectionReader } from './account/traffic/connections.ts';
import type { CtUsage } from './account/traffic/keep.ts';
import type { CtTraffic, TrafficOf, TrafficReader } from './account/traffic/reader.ts';
import type { Talks, TalksOf } from './account/traffic/talks.ts';
import type { Vitals } from './account/vitals.ts';
import type { ConfigEdit } from './ct/config-edit.ts';
import type { ConsoleWatch } from './ct/console.ts';
import type { ManyOptions, SeatOutcome } from './ct/create-many.ts';
import type { ExecOptions } from './ct/enter.ts';
import type { HandMount } from './ct/hand-mounts.ts';
import type { CtEntry } from './ct/list.ts';
import type { LogFollow, LogRequest } from './ct/logs.ts';
import type { PathRequest } from './ct/net-path.ts';
import type { BootListener, BootOutcome } from './ct/node-boot.ts';
import type { NodeTools } from './ct/node-tools.ts';
import type { OldReader } from './ct/old-files.ts';
import type { CtParameter } from './ct/parameters.ts';
import type { SampleConfig } from './ct/samples.ts';
import type { SetRequest } from './ct/set.ts';
import type { CtStatus } from './ct/status.ts';
import type { StopRequest as StopOptions } from './ct/stop.ts';
import type { VerbEvent } from './ct/verb.ts';
import type { VzError } from './errors.ts';
import type { Obstacle } from './host/obstacles.ts';
import type { Finding } from './host/probe/probe.ts';
import type { PlanLine } from './host/recorder.ts';
import type { EnterOutcome, ProcessId } from './launcher/launcher.ts';
import type { TerminalLink } from './launcher/terminal-link.ts';
import type { Lens } from './lens/lens.ts';
import type { NetCheck } from './net/check/check.ts';
import type { NetPath } from './net/path/step.ts';
import type { NodePromise } from './spec/node-promises.ts';
import type { HandBack, TerminalSize } from './spec/op.ts';
import type { Finding as ConfigFinding } from './spec/params/check.ts';
import type { Change } from './spec/params/types.ts';
import type { CtState } from './spec/states.ts';
import type { CtLedger } from './spec/ubc-ledger.ts';
import type { CtUbc } from './spec/ubc-rows.ts';
import type { NodeSize } from './spec/validate/rules.ts';
import type { Who } from './spec/who.ts';
import type { ChangeEvidence } from './spec/why/evidence.ts';
import type { Why } from './spec/why/judge.ts';
import type { JournalPart } from './store/journal.ts';
import type { NodeConfig } from './store/node-config.ts';
import type { Outcome } from './store/record.ts';
import type { CtConfig } from './store/registry.ts';
import type { SecretFile } from './store/secret-file.ts';
import type { TaskRecords } from './store/task-records.ts';
import type { BuildOptions } from './template/build.ts';
import type { FoundTemplate as TemplateInfo } from './template/cache.ts';
import type { Inspected } from './template/inspect.ts';

export type { Growth, LedgerHistory } from './account/ledger-history.ts';
export type { CpuShare } from './account/old-kernel.ts';
export type { Pressure, Stall } from './account/pressure.ts';
export type { CtProcess, ProcessReader } from './account/processes.ts';
export type { RowReading } from './account/row-source.ts';
export type { CtSample, CtSummary, NodeSample, Sampler } from './account/sample.ts';
export type { ConnectionReader, Connections, Talker } from './account/traffic/connections.ts';
export type { Dropped } from './account/traffic/drops.ts';
export type { CtUsage } from './account/traffic/keep.ts';
export type { CtTraffic, LinkNow, TrafficReader } from './account/traffic/reader.ts';
export type { End, Talk, Talks } from './account/traffic/talks.ts';
export type { Use, Vitals } from './account/vitals.ts';
export type { ConfigEdit } from './ct/config-edit.ts';
export type { ConsoleWatch } from './ct/console.ts';
export type { ManyOptions, SeatOutcome } from './ct/create-many.ts';
export type { HandMount } from './ct/hand-mounts.ts';
export type { CtEntry } from './ct/list.ts';
export type { LogFollow, LogLine, LogRequest, LogSource } from './ct/logs.ts';
export type { BootListener, BootOutcome } from './ct/node-boot.ts';
export type { ConfigAt, FileEdit, NodeTools, Owner } from './ct/node-tools.ts';
export type { Counted, CtParameter } from './ct/parameters.ts';
export type { SampleConfig } from './ct/samples.ts';
export type { CtStatus } from './ct/status.ts';
export type { Obstacle } from './host/obstacles.ts';
export type { Finding } from './host/probe/probe.ts';
export type { PlanLine } from './host/recorder.ts';
export type { EnterOutcome } from './launcher/launcher.ts';
export type { Meaning } from './lens/kind.ts';
export type { Lens } from './lens/lens.ts';
export type { NetCheck } from './net/check/check.ts';
export type { NetFinding } from './net/check/evidence.ts';
export type { NetPath } from './net/path/step.ts';
export type { NodePromise } from './spec/node-promises.ts';
export type { Named, Who, WhoLine } from './spec/who.ts';
export type { ChangeEvidence, Evidence } from './spec/why/evidence.ts';
export type { Why } from './spec/why/judge.ts';
export type { Sentence, Severity } from './spec/why/sentence.ts';
export type { JournalEntry, JournalPart } from './store/journal.ts';
export type { Outcome } from './store/record.ts';
export type { CtConfig } from './store/registry.ts';
export type { TaskNote, TaskRecord, TaskRecords } from './store/task-records.ts';
export type { ConfigFinding, CtState, StopOptions, TemplateInfo };

/** Values as vzctl takes them, by config key (OSTEMPLATE, NUMPROC, HOSTNAME …); a text is a new value, lists also take add and del. */
export type ParamValues = Readonly<Record<string, string | Change>>;

export interface CreateOptions {
  readonly ostemplate?: string;
  readonly config?: string;
  readonly layout?: 'simfs' | 'overlay';
  /** Of root inside; its hash is kept in the tree, the password nowhere. */
  readonly password?: string;
  readonly values: ParamValues;
}
export interface TemplateDetail extends Inspected {
  /** CTIDs of containers that were made from it, and of those that stand on its tree as their lower layer. */
  readonly users: readonly number[];
  readonly overlays: readonly number[];
}
export interface ServiceInfo {
  /** systemd's name of it. */
  readonly unit: string;
  readonly file: string;
  /** As it would be installed. */
  readonly text: string;
  /** As it is; null where it is not. */
  readonly installed: string | null;
}
/** One container of many. */
export interface SeatOrder {
  readonly id: number;
  readonly options: CreateOptions;
}
export interface StartOptions {
  readonly wait?: boolean;
  readonly force?: boolean;
}

export interface RunOptions {
  readonly report?: (event: VerbEvent) => void;
  readonly signal?: AbortSignal;
  readonly skipLock?: boolean;
  /** The line that does the same, for the journal; without it that of the whole process. */
  readonly command?: string;
  /** Somebody draws on our terminal: what scripts around mount, start and stop print goes nowhere, above all what a shell inside prints. */
  readonly drawn?: boolean;
}

/** How vzctl set goes about it: everything of its request but the values. */
export type SetOptions = Omit<SetRequest, 'changes'>;

export type { TerminalLink, TerminalSize };

export interface Engine {
  readonly node: NodeConfig;
  list(): readonly CtSummary[];
  /** By CTID or name; null when there is none. */
  find(idOrName: string): CtSummary | null;
  /** The CTID that a word means, a number or a name, whether or not there is such a container; null when it can be none. */
  idOf(word: string): number | null;
  /** All that configs say, and states, of all containers or of the given ones; foreign texts are as they are. */
  entries(ids?: readonly number[], say?: (event: VerbEvent) => void): readonly CtEntry[];
  /** What stands in a container's config; without a file it is one in which nothing stands. */
  config(id: number): CtConfig;
  /** What its config says under keys that are no parameter's. */
  otherValues(id: number): ReadonlyMap<string, string>;
  /** Into its config and nowhere else. Throws VzError 'no-config', 'bad-value', 'path-running', 'name-conflict'. */
  editConfig(id: number, edit: ConfigEdit, run?: RunOptions): Promise<void>;
  /** vz.conf, the configs of all containers, samples. */
  configFiles(): readonly string[];
  /** What is wrong with a config, by its path. Throws VzError 'config-unread'. */
  checkConfig(file: string): readonly ConfigFinding[];
  /**
   * Every parameter of a container, in the order of the table: file, kernel, use, and what becomes of a change. `quick`: without what only programs
   * tell. `account`: as a sampler has seen it last, so that nothing is counted again.
   */
  parameters(id: number, quick?: boolean, account?: CtLedger): Promise<readonly CtParameter[]>;
  /** What is mounted by hand below VE_ROOT of a running container, and what of it is seen inside. */
  handMounts(id: number): readonly HandMount[];
  /** Those of all containers, ascending by CTID; one is read again only when its file has changed. */
  configs(): readonly CtConfig[];
  /** Sample configs of the node, by name, without what makes a container the one it is. */
  samples(): readonly SampleConfig[];
  /** A sample of what a container's config says. Throws VzError 'bad-value', 'sample-exists', 'config-unread'. */
  makeSample(id: number, name: string, run?: RunOptions): Promise<void>;
  /** The node's memory and swap. */
  size(): NodeSize;
  /** What these accounts of running containers hold, were promised and may take together, against what the node has. */
  promises(accounts: readonly CtUbc[]): readonly NodePromise[];
  /** What OpenVZ's small tools ask: accounts in the old shape, capacities, files by their paths. */
  tools(): NodeTools;
  /** Also for a CTID that nobody has ever used. */
  status(id: number): CtStatus;
  /** How the last start or run ended badly, with the console's last lines; null when it did not. */
  outcome(id: number): Outcome | null;
  /**
   * It does not run, but a stop is for it: its init has rebooted, and it is started again soon; or a verb that was killed, or its own end, has left
   * something of it on the node.
   */
  unfinished(id: number): boolean;
  /** The newest deeds, oldest first, at most `most`, of one container or of all. */
  journal(most: number, id?: number): JournalPart;
  /** Another text after each deed: who shows the journal reads it anew then. */
  journalEnd(): string;
  /** Tasks of all managers of this node. */
  tasks(): TaskRecords;
  /** Into the log file that vz.conf names, if it names one; id 0 is the node. */
  log(id: number, event: VerbEvent): void;
  /** Lowest CTID from 101 on that is not used. */
  freeId(): number;
  /** `once`: for a single tick, without the rest of the account and without taking note of it. */
  sampler(once?: boolean): Sampler;
  /** Processes of running containers, for somebody who looks again and again. */
  processes(): ProcessReader;
  /** A running container looked at closely; null when its groups are gone. */
  vitals(id: number): Vitals | null;
  /** What its console has printed, or what it logs inside, from its last lines on. Throws the refusal of an exec where somebody inside has to tell. */
  followLog(id: number, request: LogRequest): Promise<LogFollow>;
  /** What its own /etc/passwd calls its user ids; empty when it has none that can be read. */
  users(id: number): Promise<ReadonlyMap<number, string>>;
  /** Throws VzError 'no-process' for one that has ended or is none of the container's: a pid that was given anew is never hit. */
  signal(id: number, process: ProcessId, signal: number, run?: RunOptions): Promise<void>;
  /** nice: -20 to 19, of all its threads. */
  renice(id: number, process: ProcessId, nice: number, run?: RunOptions): Promise<void>;
  /** The accounts of containers, all rows of each; without `ids` of all that have a config, ascending. What does not run holds nothing, and has its limits. */
  ubc(ids?: readonly number[]): readonly CtLedger[];
  /**
   * Counts the rules of packet filters anew, of running containers, for the accounts that are told from then on: who looks once asks before, who samples has
   * it done beside. In bounded time, and refuses nothing: what could not be counted is counted by nobody.
   */
  countRules(ids?: readonly number[]): Promise<void>;
  /** How rows were, and what was refused since a moment, as far as somebody has looked. */
  ubcHistory(): LedgerHistory;
  /**
   * A program on our terminal that finds /proc/user_beancounters, /proc/bc and /proc/vz as on a kernel of OpenVZ, of what runs here; its exit status.
   * Throws VzError 'no-program', 'system'.
   */
  withOldFiles(reader: OldReader): Promise<number>;
  /**
   * What is counted of running containers, by CTID and name of the row, in its unit; what nobody counts is left out. `lives`: with the refusals of all
   * of a container's lives, as its account tells them.
   */
  beancounters(ids: readonly number[], names: readonly string[], lives?: boolean): ReadonlyMap<number, ReadonlyMap<string, RowReading>>;
  /**
   * Which processes of a running container hold most of a beancounter (lower-case name), looked up now and in bounded time. null for a name that is
   * none. Texts are harmless to draw, and may be long.
   */
  who(id: number, name: string): Promise<Who | null>;
  /**
   * What goes wrong and who is to blame, worst first: of one container, or of the node with all of them. Looks twice and waits between, 1.3 s in all;
   * a signal ends the wait, and what is told then is about less time.
   */
  why(id?: number | null, signal?: AbortSignal): Promise<Why>;
  /** Whose something of the node is, by a pid, port, address, MAC, link, cgroup, file, inode or user id; of a container: what stands for it. */
  lens(word: string): Promise<Lens>;
  /** What keeps the networks of containers from working, of one (and the node) or of all. Changes nothing. */
  netCheck(id?: number | null): Promise<NetCheck>;
  /**
   * Follows a packet from one end to another: containers, "node", addresses, each with ":port" and "/udp" behind it. `probe` sends a connection for real.
   * Throws VzError 'no-such-end'.
   */
  netPath(from: string, to: string, request?: PathRequest): Promise<NetPath>;
  /** Makes anew what is ours on the node of the networks of containers that run; their CTIDs. Throws VzError 'net-elsewhere', 'net-failed'. */
  netRepair(id?: number | null, run?: RunOptions): Promise<readonly number[]>;
  /** What goes over the links of running containers, for somebody who looks again and again. */
  traffic(): TrafficReader;
  /** Looked at twice, a second between, with what was dropped; of one alone links that are inside as a whole as well. */
  rates(containers: readonly TrafficOf[], signal?: AbortSignal): Promise<readonly CtTraffic[]>;
  /** A container's connections, for somebody who looks again and again. */
  connections(): ConnectionReader;
  /** Who talks to whom on the node: running containers with each other, with the node and with others. */
  talks(containers: readonly TalksOf[]): Promise<Talks>;
  /** What has gone over the links of containers since they were made, by day and by month, restarts included. */
  usage(ids: readonly number[]): Promise<readonly CtUsage[]>;
  /** Who has lowered which beancounter of the container last, by its name; nothing that was raised again, or that is older than a day. */
  lowered(id: number): ReadonlyMap<string, ChangeEvidence>;
  create(id: number, options: CreateOptions, run?: RunOptions): Promise<void>;
  /** Looks at all of them first, then makes them a few at a time; one outcome each. Throws VzError for what concerns all, such as 'no-space'. */
  createMany(seats: readonly SeatOrder[], options: ManyOptions, run?: RunOptions): Promise<readonly SeatOutcome[]>;
  start(id: number, options?: StartOptions, run?: RunOptions): Promise<void>;
  stop(id: number, options?: StopOptions, run?: RunOptions): Promise<void>;
  restart(id: number, options?: StartOptions & StopOptions, run?: RunOptions): Promise<void>;
  destroy(id: number, run?: RunOptions): Promise<void>;
  mount(id: number, run?: RunOptions): Promise<void>;
  umount(id: number, run?: RunOptions): Promise<void>;
  /** The node comes up: what is to run is started in order, and what runs without a keeper gets one. One outcome each; failures stop no other. */
  nodeStart(ended?: BootListener, run?: RunOptions): Promise<readonly BootOutcome[]>;
  /** It goes down: everything is stopped in the reverse order, and marked for the next nodeStart. */
  nodeStop(ended?: BootListener, run?: RunOptions): Promise<readonly BootOutcome[]>;
  /** systemd's service that does both. */
  service(): ServiceInfo;
  /** Throws VzError 'no-systemd'. */
  installService(): Promise<void>;
  removeService(): Promise<void>;
  /** Stops all of its processes where they are, and resolves when they stand. Throws VzError 'freeze-timeout', and then they go on. */
  freeze(id: number, run?: RunOptions): Promise<void>;
  thaw(id: number, run?: RunOptions): Promise<void>;
  /** Live where it runs, and in the config with save. */
  set(id: number, values: ParamValues, options: SetOptions, run?: RunOptions): Promise<void>;
  /** The refusal that `set` would give because somebody else has an address, a device or a port of the node already; null: nobody. Changes nothing. */
  conflict(id: number, values: ParamValues): Promise<VzError | null>;
  /** The keeper's hand-over after init has ended: reboot, clean end, or trouble noted. */
  exited(id: number, run?: RunOptions): Promise<void>;
  /** A prefix without vz.conf gets one, with samples and directories; one that has it is left as it is. */
  bootstrap(): void;
  /** What a call of a verb would do; nothing is changed. `call` gets an engine that only records, and what it has recorded so far. */
  plan(call: (engine: Engine, written: readonly PlanLine[]) => Promise<void>): Promise<readonly PlanLine[]>;
  /** Shell command lines and argv in the container with the given descriptors; exit code or signal of the program. */
  exec(id: number, argv: readonly string[], options?: ExecOptions): Promise<EnterOutcome>;
  /** A script of the node, fed to a shell inside with our descriptors 1 and 2; what does not run is up for it, without its init. */
  runScript(id: number, file: string, run?: RunOptions): Promise<EnterOutcome>;
  /** A login shell on a terminal of the container's own, relayed to our descriptors 0 and 1; `typed` goes in before the user's keys. */
  enter(id: number, term: string, typed?: string, back?: HandBack, run?: RunOptions): Promise<EnterOutcome>;
  /** The same shell on a terminal that the caller shows; resolves when it runs; `signal` ends the wait for that. */
  shell(id: number, term: string, size: TerminalSize, signal?: AbortSignal): Promise<TerminalLink>;
  console(id: number, tty: number): Promise<TerminalLink>;
  /** A console to look at; nothing is changed and nothing noted before its keyboard is taken. Rejects with the table's refusal, 'no-tty' or 'no-keeper'. */
  watchConsole(id: number, tty: number): Promise<ConsoleWatch>;
  templates(): readonly TemplateInfo[];
  /** By the name of a recipe. */
  buildTemplate(recipe: string, options: Pick<BuildOptions, 'mirror' | 'include' | 'as'>, run?: RunOptions): Promise<void>;
  /** Refused while overlays stand on it. Throws VzError 'template-used', 'template-missing', 'template-embedded'. */
  removeTemplate(name: string): Promise<void>;
  /** Those that are broken as well; a look at the first block of each. */
  inspectTemplates(): Promise<readonly TemplateDetail[]>;
  /** Reads all of it. Throws VzError 'no-template', 'bad-template', 'cancelled'. */
  checkTemplate(name: string, run?: RunOptions): Promise<void>;
  /** A new file for its owner alone, to which lines are added as they come. Throws VzError 'file-exists', 'system'. */
  secretFile(path: string): SecretFile;
  /**
   * A program of the node for a container (0: for none), its lines told as events; `words` are its arguments as they are, and no shell reads them. It finds vzctl of this
   * project. Throws VzError 'program-failed' on any other end than status 0, 'no-program', 'cancelled'.
   */
  program(id: number, words: readonly string[], run?: RunOptions): Promise<void>;
  /** The environment that such programs get. */
  programEnv(): Readonly<Record<string, string>>;
  /** What this kernel offers and what we do about it, each line found by doing it once; takes a second. */
  probe(): Promise<readonly Finding[]>;
  /** What is missing on this machine for containers, each with its remedy, the worst first; empty when all is there. */
  obstacles(): Promise<readonly Obstacle[]>;
  /** Takes away what the engine keeps on the node between containers: its own cgroups, and systemd's service for them. Throws VzError 'still-running', 'still-mounted'. */
  leave(): Promise<void>;
  close(): void;
}

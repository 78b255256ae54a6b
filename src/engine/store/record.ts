// What is being made for a start, written before it is made: together with the config it is all that stop, umount and destroy need after
// kill -9 of anything at any moment. Lies in run/vzdeck/<id>/, beside the notes of launcher and keeper:
//
//   record   JSON below, by the engine, before the first step        init     "PID STARTTIME\n", by the launcher, right after birth
//   keeper   "PID STARTTIME\n", by the keeper                        exit     "WAITSTATUS MILLISECONDS\n", by the keeper when init has ended
//   console  the keeper's socket                                     last     last bytes of the console, written with exit
//   ended    by the verb that ends the container on purpose: the keeper then hands over to nobody
//   outcome  JSON: how the last start or run ended; stays until the next start
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import { ifRoom } from '../host/room.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import type { NodeConfig } from './node-config.ts';
import { type LiveProcess, liveProcess } from './process-note.ts';

/** Raised when an engine of before would misread what is written. Containers live for months, and an older engine may meet them. */
const PROTOCOL = 1;

export interface StartRecord {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Mount points on the node, in the order in which they are mounted. */
  readonly mounts: readonly string[];
  /** First mapped id, and the lease's file. */
  readonly idBase: number;
  readonly lease: string;
  readonly ttys: readonly number[];
  /** How often init rebooted in a row, for the back-off. */
  readonly reboots: number;
  /** Canonical values that only a start takes over, as they were then, by key. */
  readonly values?: Readonly<Record<string, string>>;
}

export interface Outcome {
  readonly at: number;
  /** One sentence for status, journal and manager; "" for a clean end. */
  readonly trouble: string;
  /** Last console lines, cleaned. */
  readonly lines: readonly string[];
  readonly reboots: number;
  /** The error of a start that failed, as far as it has a code. */
  readonly failure?: { readonly code: string; readonly fields: Readonly<Record<string, string | number | undefined>> };
}

export const runDirOf = (node: NodeConfig, id: number): string => `${node.runDir}/${id}`;

/** Those that run, start or have not ended whole. */
export const recordedIds = ({ files }: Pick<Host, 'files'>, { runDir }: Pick<NodeConfig, 'runDir'>): readonly number[] =>
  (files.list(runDir) ?? []).filter((name) => /^\d+$/.test(name) && files.stat(`${runDir}/${name}/record`)).map(Number);

function readJson(host: Host, path: string): unknown {
  const text = host.files.read(path);
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    // Written by rename, so half a file means a damaged disk: as good as none, and the next start writes a new one.
    return null;
  }
}

/** Throws VzError 'record-newer' for one that a later engine wrote in another form. */
export function readRecord(host: Host, node: NodeConfig, id: number): StartRecord | null {
  const record = readJson(host, `${runDirOf(node, id)}/record`) as (StartRecord & { readonly protocol: number }) | null;
  if (record !== null && record.protocol > PROTOCOL) throw new VzError('record-newer', { ct: id, form: record.protocol, known: PROTOCOL });
  return record;
}

export function writeRecord(host: Host, node: NodeConfig, id: number, record: StartRecord): void {
  host.files.mkdir(runDirOf(node, id), 0o700);
  clearNotes(host, runDirOf(node, id));
  host.files.write(`${runDirOf(node, id)}/record`, `${JSON.stringify({ protocol: PROTOCOL, ...record })}\n`, 0o600, 'boot');
}

/** All but the record; also halves of notes whose writer was killed (".exit.PID", "record.tmpPID"). */
function clearNotes(host: Host, base: string): void {
  for (const name of host.files.list(base) ?? [])
    if (name !== 'record' && host.files.lstat(`${base}/${name}`)?.type !== 'dir') host.files.unlink(`${base}/${name}`);
}

/** Where there is no room the end goes on without. */
export function writeOutcome(host: Host, node: NodeConfig, id: number, outcome: Outcome): void {
  ifRoom(() => host.files.write(`${runDirOf(node, id)}/outcome`, `${JSON.stringify(outcome)}\n`, 0o600));
}

/** The container has ended: only its outcome stays, and the place for its layers where its root is still mounted. */
export function closeRecord(host: Host, node: NodeConfig, id: number, outcome: Outcome | null): void {
  const base = runDirOf(node, id);
  clearNotes(host, base);
  if (outcome) writeOutcome(host, node, id, outcome);
  host.files.unlink(`${base}/record`);
  if (host.files.list(base)?.length === 0) host.files.rmdir(base);
}

export function readOutcome(host: Host, node: NodeConfig, id: number): Outcome | null {
  return readJson(host, `${runDirOf(node, id)}/outcome`) as Outcome | null;
}

const BACK_OFF_MAX = 60_000;

/** Milliseconds between a reboot and the start after it. The first is at once; a loop of them slows down: 1, 2, 4 … 60 seconds. */
export function backOff(reboots: number): number {
  return reboots > 1 ? Math.min(BACK_OFF_MAX, 1000 * 2 ** (reboots - 2)) : 0;
}

/** The reboot of this outcome is still to be followed by a start. */
function isPending(host: Host, node: NodeConfig, id: number, outcome: Outcome | null): outcome is Outcome {
  return outcome !== null && outcome.trouble === '' && outcome.reboots > 0 && host.files.stat(`${runDirOf(node, id)}/record`) === null;
}

/** When a reboot was noted after which the container is still to be started anew; null where none waits. */
export function restartDue(host: Host, node: NodeConfig, id: number): number | null {
  const outcome = readOutcome(host, node, id);
  return isPending(host, node, id, outcome) ? outcome.at : null;
}

/** When that start comes, milliseconds since 1970. `outcome`: as it was just read. */
export function restartTime(host: Host, node: NodeConfig, id: number, outcome: Outcome | null): number | null {
  return isPending(host, node, id, outcome) ? outcome.at + backOff(outcome.reboots) : null;
}

/** Init of the container when it is alive. */
export function liveInit(host: Host, node: NodeConfig, id: number): LiveProcess | null {
  return liveProcess(host, `${runDirOf(node, id)}/init`);
}

export function liveKeeper(host: Host, node: NodeConfig, id: number): ProcessId | null {
  return liveProcess(host, `${runDirOf(node, id)}/keeper`);
}

/** Wait status of init as the keeper saw it; null while it lives, or when the keeper died first. */
export function exitNote(host: Host, node: NodeConfig, id: number): { readonly status: number; readonly at: number } | null {
  const match = /^(\d+) (\d+)\n/.exec(host.files.read(`${runDirOf(node, id)}/exit`) ?? '');
  return match ? { status: Number(match[1]), at: Number(match[2]) } : null;
}

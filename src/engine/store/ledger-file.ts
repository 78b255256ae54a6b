// What is kept of a container's counters over its lives: var/lib/vzdeck/ledger/<id>, one line of JSON behind its checksum, and below it the line
// that stood there before. Written by rename, under a lock of its own, and rarely: when a life begins or ends, and at a reset.
import type { Files, Host } from '../host/port.ts';
import { ifRoom } from '../host/room.ts';
import type { Lock } from '../launcher/launcher.ts';
import { emptyLedger, type Ledger, type LedgerEntry, lost } from '../spec/ubc-ledger.ts';
import { readChecked, writeChecked } from './checked-line.ts';
import type { NodeConfig } from './node-config.ts';
import { type Patience, patientLock } from './patient-lock.ts';

/** Raised when an engine of before would misread what is written. */
const FORM = 1;

export const ledgerPath = (node: NodeConfig, id: number): string => `${node.ledgerDir}/${id}`;

/** Counts are files' bytes here, so each number is looked at. */
function isEntry(value: unknown): value is LedgerEntry {
  const entry = value as Partial<LedgerEntry> | null;
  return [entry?.base, entry?.failcnt, entry?.maxheld, entry?.ever, entry?.ceiling].every(Number.isFinite);
}

function ledgerOf(json: unknown): Ledger | null {
  const { form, entries, ...rest } = (json ?? {}) as Omit<Ledger, 'entries'> & { form?: number; entries?: Record<string, unknown> };
  if (form !== FORM || entries === undefined || !Array.isArray(rest.past) || !Array.isArray(rest.gaps)) return null;
  if (![rest.since, rest.at, rest.epoch].every(Number.isFinite) || typeof rest.life !== 'string') return null;
  const read = Object.entries(entries);
  return read.every((pair): pair is [string, LedgerEntry] => isEntry(pair[1])) ? { ...rest, entries: new Map(read) } : null;
}

const jsonOfLedger = ({ entries, ...rest }: Ledger): object => ({ form: FORM, ...rest, entries: Object.fromEntries(entries) });

/**
 * Never throws for what stands in it: a damaged line is as good as none, and what is missing by that is told as a gap of the ledger.
 * null: nothing is kept of this container.
 */
export function readLedger(files: Files, path: string, now: number): Ledger | null {
  const read = readChecked(files, path, ledgerOf);
  if (read === null) return null;
  const { value, whole } = read;
  if (value === null) return lost({ ...emptyLedger(0), ended: false }, now);
  return whole ? value : lost({ ...value, ended: false }, now);
}

/** Where there is no room the ledger stays as it was: what is not in it is missing once the counters are gone. false then. */
export const writeLedger = (host: Host, path: string, ledger: Ledger): boolean =>
  ifRoom(() => writeChecked(host.files, path, jsonOfLedger(ledger), ledgerOf));

/** Who may write it. Held for moments. Throws VzError 'lock-stuck'. */
export const ledgerLock = (host: Host, node: NodeConfig, id: number, patience: Patience): Promise<Lock> =>
  patientLock(host, `${node.runDir}/ledger/${id}.lock`, patience);

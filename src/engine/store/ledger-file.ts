// What is kept of a container's counters over its lives: var/lib/vzdeck/ledger/<id>, one line of JSON behind its checksum, and below it the line
// that stood there before. Written by rename, under a lock of its own, and rarely: when a life begins or ends, and at a reset.
//
//   8 hexadecimal digits, CRC-32 of the rest of the line · blank · JSON · newline
import { crc32 } from 'node:zlib';
import type { Files, Host } from '../host/port.ts';
import { ifRoom } from '../host/room.ts';
import type { Lock } from '../launcher/launcher.ts';
import { emptyLedger, type Ledger, type LedgerEntry, lost } from '../spec/ubc-ledger.ts';
import type { NodeConfig } from './node-config.ts';
import { type Patience, patientLock } from './patient-lock.ts';
import { jsonOf } from './segments.ts';

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

const checked = (json: string): string => `${crc32(json).toString(16).padStart(8, '0')} ${json}`;

function lineOf(line: string): Ledger | null {
  const json = line.slice(9);
  return line === checked(json) ? ledgerOf(jsonOf(json)) : null;
}

const textOf = ({ entries, ...rest }: Ledger): string =>
  checked(JSON.stringify({ form: FORM, ...rest, entries: Object.fromEntries(entries) }));

/**
 * Never throws for what stands in it: a damaged line is as good as none, and what is missing by that is told as a gap of the ledger.
 * null: nothing is kept of this container.
 */
export function readLedger(files: Files, path: string, now: number): Ledger | null {
  const text = files.read(path);
  if (text === null) return null;
  const [first = '', second = ''] = text.split('\n');
  const before = lineOf(first) ?? lineOf(second);
  if (before === null) return lost({ ...emptyLedger(0), ended: false }, now);
  return lineOf(first) === null ? lost({ ...before, ended: false }, now) : before;
}

/** Where there is no room the ledger stays as it was: what is not in it is missing once the counters are gone. false then. */
export function writeLedger(host: Host, path: string, ledger: Ledger): boolean {
  const [before = ''] = (host.files.read(path) ?? '').split('\n');
  return ifRoom(() => {
    host.files.mkdir(path.slice(0, path.lastIndexOf('/')), 0o700);
    host.files.write(path, `${textOf(ledger)}\n${lineOf(before) === null ? '' : `${before}\n`}`, 0o600);
  });
}

/** Who may write it. Held for moments. Throws VzError 'lock-stuck'. */
export const ledgerLock = (host: Host, node: NodeConfig, id: number, patience: Patience): Promise<Lock> =>
  patientLock(host, `${node.runDir}/ledger/${id}.lock`, patience);

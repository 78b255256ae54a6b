// What is kept of a container's traffic: var/lib/vzdeck/traffic/<id>, see checked-line.ts. Written under a lock of its own, within which the counters are
// read: what is written is never older than what stands there.
import type { Files, Host } from '../host/port.ts';
import { ifRoom } from '../host/room.ts';
import type { Lock } from '../launcher/launcher.ts';
import { PARTS, type TrafficAccount } from '../spec/traffic.ts';
import { readChecked, writeChecked } from './checked-line.ts';
import type { NodeConfig } from './node-config.ts';
import { type Patience, patientLock } from './patient-lock.ts';

/** Raised when an engine of before would misread what is written. */
const FORM = 1;

const pathOf = (node: NodeConfig, id: number): string => `${node.trafficDir}/${id}`;
const lockOf = (node: NodeConfig, id: number): string => `${node.runDir}/traffic/${id}.lock`;

/** Counts are files' bytes here, so each number is looked at. */
const isTraffic = (value: unknown): boolean => PARTS.every((part) => Number.isFinite((value as Record<string, unknown> | null)?.[part]));
const areLinks = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.values(value).every(isTraffic);
const isSpan = (value: unknown): boolean => {
  const span = value as { readonly key?: unknown; readonly from?: unknown; readonly links?: unknown } | null;
  return typeof span?.key === 'string' && Number.isFinite(span.from) && areLinks(span.links);
};

function accountOf(json: unknown): TrafficAccount | null {
  const { form, ...rest } = (json ?? {}) as TrafficAccount & { readonly form?: number };
  const { since, at, seen, days, months, total } = rest;
  if (form !== FORM || ![since, at].every(Number.isFinite) || !areLinks(seen) || !areLinks(total)) return null;
  return Array.isArray(days) && Array.isArray(months) && [...days, ...months].every(isSpan) ? rest : null;
}

/** Null where nothing is kept, or where nothing of it can be read. */
export const readTraffic = (files: Files, node: NodeConfig, id: number): TrafficAccount | null =>
  readChecked(files, pathOf(node, id), accountOf)?.value ?? null;

/** False where there is no room: what is not in it is missing once the links are gone. */
export const writeTraffic = ({ files }: Pick<Host, 'files'>, node: NodeConfig, id: number, account: TrafficAccount): boolean =>
  ifRoom(() => writeChecked(files, pathOf(node, id), { form: FORM, ...account }, accountOf));

/** Throws VzError 'lock-stuck'. */
export const trafficLock = (host: Host, node: NodeConfig, id: number, patience: Patience): Promise<Lock> =>
  patientLock(host, lockOf(node, id), patience);

export function dropTraffic({ files }: Pick<Host, 'files'>, node: NodeConfig, id: number): void {
  for (const path of [pathOf(node, id), lockOf(node, id)]) files.unlink(path);
}

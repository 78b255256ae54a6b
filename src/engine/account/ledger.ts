// A container's ledger as it is at this moment, and what verbs do to it: a life ends, another begins, counts are reset. Whoever takes a container's
// groups away asks for `close` just before that; whoever makes new ones for `settle`, which finds what nobody closed.
//
//   var/lib/vzdeck/ledger/<id>    all lives together (store/ledger-file.ts), written under its lock
//   var/lib/vzdeck/history/<id>   what the writing sampler found last, at most 10 s old while there is one; minutes and hours
//   run/vzdeck/ledger/<id>        the same, of this second; seconds. Goes with the node, as the kernel's counters do
//
// What is true is what these three and the kernel say together, in this order: of one life the highest, of several the sum.
import type { Host } from '../host/port.ts';
import { ifRoom } from '../host/room.ts';
import {
  byAge,
  type CtLedger,
  emptyLedger,
  ended,
  holdsLife,
  type Ledger,
  looked,
  lost,
  merged,
  overAllLives,
  reset,
} from '../spec/ubc-ledger.ts';
import { ACCOUNT_ROWS, type CtUbc } from '../spec/ubc-rows.ts';
import { ledgerLock, ledgerPath, readLedger, writeLedger } from '../store/ledger-file.ts';
import type { NodeConfig } from '../store/node-config.ts';
import { openRings, type RingShape, readRings } from '../store/ubc-rings.ts';
import { patience } from '../watch/timer.ts';

/** 15 minutes of seconds; 24 hours of minutes and 90 days of hours: 1 MB a container. */
export const SECONDS: RingShape = { rows: ACCOUNT_ROWS, counts: [900] };
export const MINUTES_AND_HOURS: RingShape = { rows: ACCOUNT_ROWS, counts: [1440, 2160] };
/** Places of the rings of MINUTES_AND_HOURS. */
export const [MINUTES, HOURS] = [0, 1];

export interface LedgerContext {
  readonly host: Host;
  readonly node: NodeConfig;
  /** The container's present set of counters; null when it has none. */
  readonly life: (id: number) => string | null;
  /** Its account as the kernel tells it, of this life alone. */
  readonly account: (id: number) => CtUbc;
}

type Files = Pick<LedgerContext, 'host' | 'node'>;

export const secondsPath = (node: NodeConfig, id: number): string => `${node.runDir}/ledger/${id}`;
export const historyPath = (node: NodeConfig, id: number): string => `${node.historyDir}/${id}`;

/** What is written, put together; the kernel is not asked. */
export function storedLedger({ host, node }: Files, id: number): Ledger {
  const { files } = host;
  const now = host.now();
  const [disk, memory] = [readRings(files, historyPath(node, id), MINUTES_AND_HOURS), readRings(files, secondsPath(node, id), SECONDS)];
  const found = [disk, memory].flatMap((rings) => rings.statement() ?? []).sort(byAge);
  const stored = found.reduce(merged, readLedger(files, ledgerPath(node, id), now) ?? emptyLedger(now));
  // what it said may have been of a life before this boot that nobody has closed
  return found.length === 0 && disk.torn() ? { ...lost({ ...stored, ended: false }, now), ended: stored.ended } : stored;
}

/** With what the kernel tells now. */
function withKernel({ host, account }: LedgerContext, ledger: Ledger, id: number, life: string | null, rows?: CtUbc['rows']): Ledger {
  return life === null ? ledger : merged(ledger, looked(ledger, life, host.now(), rows ?? account(id).rows));
}

/** An account over all lives. Changes nothing. `present`: what the kernel tells now, where it has just been asked. */
export function ledgerAccount(context: LedgerContext, id: number, present = context.account(id)): CtLedger {
  const stored = storedLedger(context, id);
  const life = context.life(id);
  // groups of one that has ended may still stand
  const rows = present.running ? present.rows : undefined;
  return overAllLives(life === null ? lost(stored, context.host.now()) : withKernel(context, stored, id, life, rows), present);
}

/** Under the ledger's lock; false where there is no room. What is only planned is not written: nothing of it can be seen from outside. */
async function change(context: Files, id: number, by: (ledger: Ledger) => Ledger): Promise<boolean> {
  const { host, node } = context;
  if (host.planning) return true;
  const lock = await ledgerLock(host, node, id, patience);
  try {
    return writeLedger(host, ledgerPath(node, id), by(storedLedger(context, id)));
  } finally {
    await lock.release();
  }
}

/** The processes have ended and the groups are about to go: the last look. Does nothing when they are gone. */
export async function closeLife(context: LedgerContext, id: number): Promise<void> {
  const life = context.life(id);
  if (life !== null) await change(context, id, (ledger) => ended(withKernel(context, ledger, id, life)));
}

/**
 * Before a start makes new groups: what is left of a life that nobody closed. Its groups may still stand, for nobody was there to take them away;
 * otherwise what was found last is all, and a gap tells that there may have been more.
 */
export async function settleLife(context: LedgerContext, id: number): Promise<void> {
  if (context.life(id) !== null) return closeLife(context, id);
  const { host, node } = context;
  const stored = storedLedger(context, id);
  const kept = readLedger(host.files, ledgerPath(node, id), host.now());
  const told = stored.gaps.length === kept?.gaps.length;
  if (kept === null || !told || !stored.ended || !holdsLife(kept, stored.life))
    await change(context, id, (ledger) => lost(ledger, host.now()));
}

/** What is left of lives before the present one, for whoever is about to write over it; false where there is no room for it. */
export function settleBefore(context: Files, id: number, present: string): Promise<boolean> {
  return change(context, id, (ledger) => (ledger.life === present ? ledger : lost(ledger, context.host.now())));
}

/**
 * A life has begun: noted on the disk without waiting for it, so that a power cut before anybody looks leaves a gap that is told. And in memory, if
 * a sampler wrote there: what it said of an old life would be taken for a new one as soon as the ledger has forgotten that life. What the ledger
 * had no room for stays.
 */
export function beginLife(context: LedgerContext, id: number): void {
  const { host, node } = context;
  const life = context.life(id);
  if (life === null || host.planning) return;
  const state = (path: string, shape: RingShape): void => {
    const rings = openRings(host.files, path, shape);
    rings.state({ life, at: host.now(), epoch: 0, failcnt: [], maxheld: [] });
    rings.close();
  };
  const last = readRings(host.files, secondsPath(node, id), SECONDS).statement()?.life ?? life;
  const kept = last === life ? null : readLedger(host.files, ledgerPath(node, id), host.now());
  if (kept !== null && holdsLife(kept, last)) ifRoom(() => state(secondsPath(node, id), SECONDS));
  ifRoom(() => {
    host.files.mkdir(node.historyDir, 0o700);
    state(historyPath(node, id), MINUTES_AND_HOURS);
  });
}

/** All counts begin anew at 0. */
export async function resetLedger(context: LedgerContext, id: number): Promise<void> {
  const { host } = context;
  await change(context, id, (ledger) => reset(withKernel(context, ledger, id, context.life(id)), host.now(), context.account(id).rows));
}

/** What verbs do to ledgers. */
export interface Ledgers {
  close(id: number): Promise<void>;
  settle(id: number): Promise<void>;
  begin(id: number): void;
  reset(id: number): Promise<void>;
  drop(id: number): void;
}

export const ledgersOf = (context: LedgerContext): Ledgers => ({
  close: (id) => closeLife(context, id),
  settle: (id) => settleLife(context, id),
  begin: (id) => beginLife(context, id),
  reset: (id) => resetLedger(context, id),
  drop: (id) => dropLedger(context, id),
});

/** The container is gone for good. */
export function dropLedger({ host, node }: Files, id: number): void {
  for (const path of [ledgerPath(node, id), historyPath(node, id), secondsPath(node, id), `${secondsPath(node, id)}.lock`])
    host.files.unlink(path);
}

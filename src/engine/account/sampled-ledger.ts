// The ledgers of all containers for a sampler that looks again and again: accounts over all lives, put together in memory, and kept for later. One
// process of the node writes, whoever has the lock; the others wait for it, and get it the moment the writer ends, however it ends.
import { crc32 } from 'node:zlib';
import { bootId } from '../cgroup/life.ts';
import { ifRoom, isNoRoom } from '../host/room.ts';
import { type CtLedger, holdsLife, type LedgerGap, type LedgerRow } from '../spec/ubc-ledger.ts';
import { ACCOUNT_ROWS, type CtUbc, type UbcRow } from '../spec/ubc-rows.ts';
import { ledgerPath, readLedger } from '../store/ledger-file.ts';
import type { Seen } from './account.ts';
import { type LedgerContext, ledgerAccount, settleBefore, storedLedger } from './ledger.ts';
import { type LedgerRecord, type Moment, openRecord } from './ledger-record.ts';

const ROWS = ACCOUNT_ROWS.length;
/** Milliseconds until what found no room on the disk is tried again. */
const AGAIN_AFTER = 10_000;

/** One life of one container. Figures by the row's place; plain arrays, since 200 containers have their turn each second. */
interface Live {
  readonly life: string;
  readonly epoch: number;
  readonly since: number;
  readonly gaps: readonly LedgerGap[];
  /** See LedgerEntry. */
  readonly base: Float64Array;
  readonly ever: Float64Array;
  readonly ceiling: Float64Array;
  readonly failcnt: Float64Array;
  readonly maxheld: Float64Array;
  record: LedgerRecord | null;
}

/** What a container's account was made of, and what it became. */
interface Known {
  /** Of the ledger's file when it was read. */
  readonly stamp: string;
  readonly raw: CtUbc;
  /** See Seen; undefined where whoever looks does not know it. */
  readonly start: string | undefined;
  readonly account: CtLedger;
  /** null: it does not run. */
  readonly live: Live | null;
}

export interface SampledLedger {
  /**
   * What a look found, of present lives alone; an account in which nothing has changed is the same object as in the look before. `raw`
   * likewise, and of all containers that there are. `seen`: what the look found of those that run; the kernel is asked only for the life of another start.
   */
  look(raw: readonly CtUbc[], seen?: ReadonlyMap<number, Pick<Seen, 'start'>>): ReadonlyMap<number, CtLedger>;
  /** Is it this process that writes? */
  readonly writes: boolean;
  /** Resolves when nothing goes on in the background but the wait for the lock of who writes. */
  settled(): Promise<void>;
  close(): void;
}

export function openSampledLedger(context: LedgerContext): SampledLedger {
  const { host, node, life } = context;
  const { files } = host;
  const boot = crc32(bootId(host));
  const uptime = files.openCounter(`${host.proc}/uptime`);
  const busy = new Set<Promise<unknown>>();
  const end = new AbortController();
  const [held, failcnt] = [new Float64Array(ROWS), new Float64Array(ROWS)];
  let known = new Map<number, Known>();
  let writes = false;
  /** Nothing is written of it before that time since boot: its settling is under way, or there was no room. */
  const notBefore = new Map<number, number>();
  /** Somebody has written a ledger, of whomever. */
  let stale = true;

  const behind = (work: Promise<unknown>): void => {
    const done: Promise<unknown> = work.catch(() => {}).finally(() => busy.delete(done));
    busy.add(done);
  };
  /** Suspend is included: neither a new date nor a closed lid changes the order of records. */
  const moment = (): Moment => ({ at: host.now(), up: Number.parseFloat(uptime?.read() ?? '') * 1000 || host.uptime(), boot });
  const stampOf = (id: number): string => {
    const info = files.stat(ledgerPath(node, id));
    return info === null ? '' : `${info.ino} ${info.mtimeMs}`;
  };

  let release = (): void => {};
  ifRoom(() => {
    for (const dir of [`${node.runDir}/ledger`, node.ledgerDir, node.historyDir]) files.mkdir(dir, 0o700);
    const lock = host.launcher.lock(`${node.runDir}/ledger/writer`, { wait: true, signal: end.signal });
    void lock.then(
      (got) => {
        release = () => void got?.release().catch(() => {});
        writes = got !== null && !end.signal.aborted;
        if (!writes) release();
      },
      () => {},
    );
  });
  const unwatch = files.watch(node.ledgerDir, () => {
    stale = true;
  });

  const begin = (id: number, present: string): Live => {
    const stored = storedLedger(context, id);
    const same = stored.life === present;
    const of = (figure: 'base' | 'failcnt' | 'maxheld' | 'ever' | 'ceiling'): Float64Array =>
      Float64Array.from(ACCOUNT_ROWS, (name) => stored.entries.get(name)?.[figure] ?? 0);
    const both = (a: Float64Array, b: Float64Array, by: (x: number, y: number) => number): Float64Array =>
      a.map((x, i) => by(x, b[i] as number));
    const none = (): Float64Array => new Float64Array(ROWS);
    return {
      life: present,
      epoch: stored.epoch,
      since: stored.since,
      gaps: stored.gaps,
      base: same ? of('base') : both(of('base'), of('failcnt'), (x, y) => x + y),
      ever: same ? of('ever') : both(of('ever'), of('maxheld'), Math.max),
      ceiling: same ? of('ceiling') : none(),
      failcnt: same ? of('failcnt') : none(),
      maxheld: same ? of('maxheld') : none(),
      record: null,
    };
  };

  /** false: what somebody left of an earlier life has to go into the ledger before it is written over. That is done meanwhile. */
  const settled = (id: number, present: string, up: number): boolean => {
    if (up < (notBefore.get(id) ?? 0)) return false;
    const ledger = readLedger(files, ledgerPath(node, id), host.now());
    const { life: last } = storedLedger(context, id);
    const held = last === present || last === '' || (ledger !== null && holdsLife(ledger, last));
    if (held) return true;
    notBefore.set(id, Number.POSITIVE_INFINITY);
    const again = (kept: boolean): unknown => (kept ? notBefore.delete(id) : notBefore.set(id, up + AGAIN_AFTER));
    behind(settleBefore(context, id, present).then(again, () => again(false)));
    return false;
  };

  /** The highest values that the writer before has seen, which this one is about to write over. True where one of them is higher. */
  const inherit = (id: number, live: Live): boolean => {
    const { epoch, maxheld } = begin(id, live.life);
    if (epoch !== live.epoch) return false;
    const higher = maxheld.some((most, i) => most > (live.maxheld[i] as number));
    live.maxheld.forEach((most, i) => {
      live.maxheld[i] = Math.max(most, maxheld[i] as number);
    });
    return higher;
  };

  /** The same as `looked` and `merged` of spec/ubc-ledger.ts do. True where a count or a highest value is another one now. */
  const take = (live: Live, { rows }: CtUbc): boolean => {
    let found = false;
    for (let i = 0; i < ROWS; i++) {
      const row = rows[i];
      if (row === undefined) continue;
      held[i] = row.held;
      const most = row.maxheld > (live.ceiling[i] as number) ? row.maxheld : row.held;
      if (most > (live.maxheld[i] as number)) {
        live.maxheld[i] = most;
        found = true;
      }
      if (row.failcnt > (live.failcnt[i] as number)) {
        live.failcnt[i] = row.failcnt;
        found = true;
      }
      failcnt[i] = Math.max(0, (live.base[i] as number) + (live.failcnt[i] as number));
    }
    return found;
  };

  /** A row in which nothing has changed is the same object as `before`. */
  const rowOf = (live: Live, row: UbcRow, before: Known | undefined, i: number): LedgerRow => {
    const own = live.failcnt[i] as number;
    const all = Math.max(0, (live.base[i] as number) + own);
    const life = Math.min(all, own);
    const most = live.maxheld[i] as number;
    const highest = Math.max(live.ever[i] as number, most);
    const last = before?.account.rows[i];
    const same = last?.failcnt === all && last.lifeFailcnt === life && last.maxheld === most && last.everheld === highest;
    if (same && before?.raw.rows[i] === row) return last;
    return { ...row, failcnt: all, lifeFailcnt: life, maxheld: most, everheld: highest };
  };

  /** `found`: a count or a highest value is another one than before. */
  const accountOf = (live: Live, { id, running, rows }: CtUbc, before: Known | undefined, found: boolean): CtLedger => {
    const last = !found && before?.live === live ? before : undefined;
    const kept = (row: UbcRow, i: number): LedgerRow | undefined => (last?.raw.rows[i] === row ? last.account.rows[i] : undefined);
    return { id, running, since: live.since, gaps: live.gaps, rows: rows.map((row, i) => kept(row, i) ?? rowOf(live, row, before, i)) };
  };

  /** True where a highest value is another one now. */
  const write = (id: number, live: Live, now: Moment, moved: { readonly held: boolean; readonly found: boolean }): boolean => {
    const first = live.record === null;
    if (first && !settled(id, live.life, now.up)) return false;
    const inherited = first && inherit(id, live);
    try {
      live.record ??= openRecord(host, node, id, now.up, behind);
      live.record.add(now, first ? { held: true, found: true } : moved, held, failcnt, live);
    } catch (error) {
      live.record?.close();
      live.record = null;
      if (!isNoRoom(error)) throw error;
      notBefore.set(id, now.up + AGAIN_AFTER);
    }
    return inherited;
  };

  const lookAt = (raw: CtUbc, before: Known | undefined, now: Moment, start: string | undefined): Known => {
    const { id } = raw;
    const stamp = before === undefined || stale ? stampOf(id) : before.stamp;
    const unread = before?.stamp === stamp;
    if (!raw.running) {
      before?.live?.record?.close();
      if (unread && before?.raw === raw) return before;
      return { stamp, raw, start, account: ledgerAccount(context, id, raw), live: null };
    }
    const still = unread && before?.raw === raw;
    if (still && (!writes || before.live?.record?.due(now.up) === false)) return before;
    // the same figures are those of the same start
    const same = still || (start !== undefined && before?.start === start);
    const present = (same ? before?.live?.life : undefined) ?? life(id);
    if (present === null) return before ?? { stamp, raw, start, account: ledgerAccount(context, id, raw), live: null };
    let live = before?.live ?? null;
    if (live?.life !== present || !unread) {
      live?.record?.close();
      live = begin(id, present);
    }
    const found = take(live, raw);
    const inherited = writes && write(id, live, now, { held: !still, found });
    return still && !found && !inherited && before
      ? { ...before, live }
      : { stamp, raw, start, account: accountOf(live, raw, before, found || inherited), live };
  };

  return {
    get writes() {
      return writes;
    },
    look(accounts, seen) {
      const now = moment();
      const next = new Map<number, Known>();
      const told = new Map<number, CtLedger>();
      for (const raw of accounts) {
        const { id } = raw;
        const one = lookAt(raw, known.get(id), now, seen?.get(id)?.start);
        next.set(id, one);
        told.set(id, one.account);
      }
      for (const [id, { live }] of known) if (!next.has(id)) live?.record?.close();
      known = next;
      stale = false;
      return told;
    },
    async settled() {
      while (busy.size > 0) await Promise.all(busy);
    },
    close() {
      for (const { live } of known.values()) live?.record?.close();
      known.clear();
      unwatch();
      uptime?.close();
      end.abort();
      writes = false;
      release();
    },
  };
}

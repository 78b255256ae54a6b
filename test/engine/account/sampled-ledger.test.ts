import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  beginLife,
  closeLife,
  historyPath,
  type LedgerContext,
  ledgerAccount,
  MINUTES_AND_HOURS,
  resetLedger,
  SECONDS,
  secondsPath,
  settleLife,
} from '../../../src/engine/account/ledger.ts';
import { openHistory } from '../../../src/engine/account/ledger-history.ts';
import { openSampledLedger, type SampledLedger } from '../../../src/engine/account/sampled-ledger.ts';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import type { Files, Host } from '../../../src/engine/host/port.ts';
import type { Lock } from '../../../src/engine/launcher/launcher.ts';
import { ACCOUNT_ROWS, type CtUbc } from '../../../src/engine/spec/ubc-rows.ts';
import { loadNodeConfig } from '../../../src/engine/store/node-config.ts';
import { openRings, RECORD_BYTES, type RingShape, readRings } from '../../../src/engine/store/ubc-rings.ts';

/** A node whose clocks and containers are the test's. */
class Machine {
  /** Waiting for the disk thousands of times would take the machine's time and not ours. */
  hurries = true;
  /** No room for ledgers; how often somebody tried to write one. */
  full = false;
  tries = 0;
  /** No room for what is written in place on the disk; how often somebody tried, and files that stand open. */
  noPlaces = false;
  placeTries = 0;
  /** How often the disk was hurried. */
  settles = 0;
  places = 0;
  readonly root = mkdtempSync(join(tmpdir(), 'vzdeck-sampled-'));
  date = 1_800_000_000_000;
  up = 1_000_000;
  /** What the kernel tells: life, refusals, held; null where the groups are gone. */
  readonly kernel = new Map<number, { life: string; failcnt: number; held: number; maxheld?: number }>();
  readonly #held = new Map<string, Lock>();
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly open: SampledLedger[] = [];

  get context(): LedgerContext {
    const host = {
      files: { ...(this.hurries ? linuxFiles : UNHURRIED), write: this.#write, openPlaces: this.#openPlaces },
      proc: join(this.root, 'proc'),
      planning: false,
      now: () => this.date,
      uptime: () => this.up,
      launcher: { lock: (path: string, { wait }: { wait: boolean }) => this.#lock(path, wait) },
    } as unknown as Host;
    return {
      host,
      node: loadNodeConfig(linuxFiles, this.root),
      life: (id) => this.kernel.get(id)?.life ?? null,
      account: (id) => this.account(id),
    };
  }

  readonly #write: Files['write'] = (path, ...rest) => {
    if (path.includes('/lib/vzdeck/ledger/')) this.tries++;
    if (this.full) throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
    (this.hurries ? linuxFiles : UNHURRIED).write(path, ...rest);
  };

  readonly #openPlaces: Files['openPlaces'] = (path, mode) => {
    const file = (this.hurries ? linuxFiles : UNHURRIED).openPlaces(path, mode);
    this.places++;
    const full = this.noPlaces && path.includes('/history/');
    if (full) this.placeTries++;
    return {
      ...file,
      write(at, bytes) {
        if (full) throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
        file.write(at, bytes);
      },
      settle: () => {
        this.settles++;
        return file.settle();
      },
      close: () => {
        this.places--;
        file.close();
      },
    };
  };

  async #lock(path: string, wait: boolean): Promise<Lock | null> {
    while (this.#held.has(path)) {
      if (!wait) return null;
      await new Promise<void>((resolve) => this.#waiting.set(path, [...(this.#waiting.get(path) ?? []), resolve]));
    }
    const lock: Lock = {
      release: async () => {
        if (this.#held.get(path) === lock) this.#held.delete(path);
        this.#waiting.get(path)?.shift()?.();
      },
    };
    this.#held.set(path, lock);
    return lock;
  }

  account(id: number): CtUbc {
    const now = this.kernel.get(id);
    const { failcnt = 0, held = 0, maxheld = held } = now ?? {};
    return {
      id,
      running: now !== undefined,
      rows: ACCOUNT_ROWS.map((name) => ({
        name,
        held: name === 'numproc' ? held : 0,
        maxheld: name === 'numproc' ? maxheld : 0,
        barrier: 1n,
        limit: 1n,
        failcnt: name === 'numproc' ? failcnt : 0,
        source: 'x',
        failSource: 'x',
        enforced: 'kernel',
        reason: '',
      })),
    };
  }

  async sampler(): Promise<SampledLedger> {
    const ledger = openSampledLedger(this.context);
    this.open.push(ledger);
    await ledger.settled();
    return ledger;
  }

  /** A second goes by, and somebody looks. */
  look(ledger: SampledLedger, ms = 1000): ReturnType<SampledLedger['look']> {
    this.date += ms;
    this.up += ms;
    return ledger.look([...this.kernel.keys()].map((id) => this.account(id)));
  }

  numproc(id = 101): { failcnt: number; maxheld: number; everheld: number; gaps: number } {
    const { rows, gaps } = ledgerAccount(this.context, id);
    const { failcnt = -1, maxheld = -1, everheld = -1 } = rows.find(({ name }) => name === 'numproc') ?? {};
    return { failcnt, maxheld, everheld, gaps: gaps.length };
  }
}

const UNHURRIED: Files = {
  ...linuxFiles,
  openPlaces: (path, mode) => ({ ...linuxFiles.openPlaces(path, mode), settle: async () => {} }),
  write: (path, text, mode) => linuxFiles.write(path, text, mode, 'boot'),
};

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
});
afterEach(() => {
  for (const ledger of machine.open) ledger.close();
  rmSync(machine.root, { recursive: true });
});

const failcntOf = (looked: ReturnType<SampledLedger['look']>, id = 101): number | undefined =>
  looked.get(id)?.rows.find(({ name }) => name === 'numproc')?.failcnt;

describe('a sampler’s ledger', () => {
  it('sums over lives that verbs close and over one that nobody closed, and tells the gap of that alone', async () => {
    machine.kernel.set(101, { life: 'boot 1', failcnt: 3, held: 10, maxheld: 40 });
    const ledger = await machine.sampler();
    machine.look(ledger);
    machine.kernel.set(101, { life: 'boot 1', failcnt: 5, held: 2, maxheld: 40 });
    await closeLife(machine.context, 101);
    machine.kernel.delete(101);
    machine.look(ledger);
    expect(machine.numproc()).toEqual({ failcnt: 5, maxheld: 40, everheld: 40, gaps: 0 });
    await settleLife(machine.context, 101);
    machine.kernel.set(101, { life: 'boot 2', failcnt: 4, held: 7 });
    expect(failcntOf(machine.look(ledger))).toBe(9);
    // on the disk ten seconds later at the latest
    for (let second = 0; second < 10; second++) machine.look(ledger);
    await ledger.settled();
    // the node loses power: what the kernel counted after the last look is gone, and so is the file in memory
    machine.kernel.delete(101);
    rmSync(join(machine.root, 'run'), { recursive: true });
    expect(machine.numproc()).toMatchObject({ failcnt: 9, gaps: 1 });
    await settleLife(machine.context, 101);
    machine.kernel.set(101, { life: 'other 1', failcnt: 1, held: 1 });
    expect(machine.numproc()).toEqual({ failcnt: 10, maxheld: 1, everheld: 40, gaps: 1 });
  });

  it('of two samplers one writes, both tell the same, and the other goes on when the writer ends', async () => {
    machine.kernel.set(101, { life: 'boot 1', failcnt: 0, held: 1 });
    const [a, b] = [await machine.sampler(), await machine.sampler()];
    expect([a.writes, b.writes]).toEqual([true, false]);
    let writer = a;
    for (let second = 1; second <= 50; second++) {
      machine.kernel.set(101, { life: 'boot 1', failcnt: 2 * second, held: second % 7 });
      if (second === 25) {
        a.close();
        await Promise.resolve();
        await b.settled();
        await new Promise((resolve) => setImmediate(resolve));
        expect(b.writes).toBe(true);
        writer = b;
      }
      for (const ledger of second < 25 ? [a, b] : [b]) expect(failcntOf(machine.look(ledger, 500))).toBe(2 * second);
    }
    await writer.settled();
    machine.kernel.delete(101);
    expect(machine.numproc()).toMatchObject({ failcnt: 100, everheld: 6 });
  });

  it('counts no life twice, however many come after the last that a sampler saw', async () => {
    machine.kernel.set(101, { life: 'boot 0', failcnt: 7, held: 1 });
    const ledger = await machine.sampler();
    machine.look(ledger);
    ledger.close();
    for (let n = 1; n <= 40; n++) {
      await closeLife(machine.context, 101);
      machine.kernel.delete(101);
      await settleLife(machine.context, 101);
      machine.kernel.set(101, { life: `boot ${n}`, failcnt: 0, held: 1 });
      beginLife(machine.context, 101);
      expect(machine.numproc()).toMatchObject({ failcnt: 7, gaps: 0 });
    }
  });

  it('keeps what its writer before saw as the highest', async () => {
    machine.kernel.set(101, { life: 'boot 1', failcnt: 0, held: 5 });
    const [a, b] = [await machine.sampler(), await machine.sampler()];
    machine.look(b);
    // only the writer looks while it is high
    machine.kernel.set(101, { life: 'boot 1', failcnt: 0, held: 100 });
    machine.look(a);
    machine.kernel.set(101, { life: 'boot 1', failcnt: 0, held: 12 });
    machine.look(b);
    expect(machine.numproc()).toMatchObject({ maxheld: 100 });
    a.close();
    await expect.poll(() => b.writes).toBe(true);
    const seen = (): number | undefined =>
      machine
        .look(b)
        .get(101)
        ?.rows.find(({ name }) => name === 'numproc')?.maxheld;
    for (let second = 0; second < 25; second++) expect(seen()).toBe(100);
    await b.settled();
    expect(machine.numproc()).toMatchObject({ maxheld: 100, everheld: 100 });
    rmSync(join(machine.root, 'run'), { recursive: true });
    expect(machine.numproc()).toMatchObject({ maxheld: 100, everheld: 100 });
  });

  it('hurries the disk every ten seconds for what is new of counts and highest values, and for nothing else', async () => {
    const ledger = await machine.sampler();
    const onDisk = (): number | undefined =>
      readRings(linuxFiles, historyPath(machine.context.node, 101), MINUTES_AND_HOURS).statement()?.rows.get('numproc')?.maxheld;
    for (let second = 1; second <= 25; second++) {
      machine.kernel.set(101, { life: 'boot 1', failcnt: 0, held: second });
      machine.look(ledger);
    }
    expect(onDisk()).toBeGreaterThanOrEqual(15);
    const grown = machine.settles;
    expect(grown).toBeGreaterThanOrEqual(2);
    expect(grown).toBeLessThanOrEqual(3);
    machine.kernel.set(101, { life: 'boot 1', failcnt: 3, held: 1 });
    for (let second = 0; second < 11; second++) machine.look(ledger);
    expect(machine.settles).toBe(grown + 1);
    for (let second = 0; second < 30; second++) {
      machine.kernel.set(101, { life: 'boot 1', failcnt: 3, held: second % 20 });
      machine.look(ledger);
    }
    expect(machine.settles).toBe(grown + 1);
  });

  it('has nothing open and tries every ten seconds only where the disk has no room for its file, and goes on when it has', async () => {
    machine.kernel.set(101, { life: 'boot 1', failcnt: 3, held: 1 });
    const ledger = await machine.sampler();
    await expect.poll(() => ledger.writes).toBe(true);
    machine.noPlaces = true;
    for (let second = 0; second < 30; second++) expect(failcntOf(machine.look(ledger))).toBe(3);
    expect([machine.placeTries, machine.places]).toEqual([3, 0]);
    machine.noPlaces = false;
    for (let second = 0; second < 12; second++) machine.look(ledger);
    expect(machine.places).toBe(2);
    ledger.close();
    machine.kernel.clear();
    expect(machine.numproc()).toMatchObject({ failcnt: 3 });
  });

  it('adds up what an older engine has left of a life that is over and held, and of one that is not', async () => {
    for (let life = 1; life <= 20; life++) {
      machine.kernel.set(101, { life: `boot ${life}`, failcnt: 1, held: 1 });
      await closeLife(machine.context, 101);
    }
    const leave = (path: string, shape: RingShape, life: string): void => {
      const rings = openRings(linuxFiles, path, shape);
      rings.state({ life, at: machine.date, epoch: 0, failcnt: ACCOUNT_ROWS.map(() => 1), maxheld: [] });
      rings.close();
    };
    const { node } = machine.context;
    for (const dir of [node.historyDir, join(node.runDir, 'ledger')]) mkdirSync(dir, { recursive: true });
    machine.kernel.clear();
    // forgotten since
    leave(secondsPath(node, 101), SECONDS, 'boot 2');
    expect(machine.numproc().failcnt).toBe(20);
    // the ledger had no room for the life before the newest
    leave(secondsPath(node, 101), SECONDS, 'boot 21');
    leave(historyPath(node, 101), MINUTES_AND_HOURS, 'boot 22');
    expect(machine.numproc().failcnt).toBe(22);
  });

  it('tries every ten seconds only to keep an earlier life for which there is no room, and keeps it when there is', async () => {
    machine.kernel.set(101, { life: 'boot 1', failcnt: 3, held: 1 });
    const first = await machine.sampler();
    machine.look(first);
    first.close();
    // nobody closed it
    machine.kernel.set(101, { life: 'boot 2', failcnt: 1, held: 1 });
    const ledger = await machine.sampler();
    await expect.poll(() => ledger.writes).toBe(true);
    machine.full = true;
    for (let second = 0; second < 30; second++) {
      // several looks before one try is done
      machine.look(ledger, 500);
      expect(failcntOf(machine.look(ledger, 500))).toBe(4);
      await ledger.settled();
    }
    expect(machine.tries).toBe(3);
    machine.full = false;
    for (let second = 0; second < 12; second++) {
      machine.look(ledger);
      await ledger.settled();
    }
    expect(machine.tries).toBe(4);
    expect(machine.numproc()).toMatchObject({ failcnt: 4, gaps: 1 });
  });

  it('sees a reset by somebody else, and tells nothing of before it', async () => {
    machine.kernel.set(101, { life: 'boot 1', failcnt: 8, held: 30, maxheld: 50 });
    const ledger = await machine.sampler();
    machine.look(ledger);
    machine.kernel.set(101, { life: 'boot 1', failcnt: 9, held: 5, maxheld: 50 });
    await resetLedger(machine.context, 101);
    expect(machine.numproc()).toMatchObject({ failcnt: 0, maxheld: 5, everheld: 5 });
    // the kernel tells of a changed file in its own time
    await expect.poll(() => failcntOf(machine.look(ledger))).toBe(0);
    machine.kernel.set(101, { life: 'boot 1', failcnt: 11, held: 6, maxheld: 50 });
    expect(failcntOf(machine.look(ledger))).toBe(2);
    expect(machine.numproc()).toMatchObject({ failcnt: 2, maxheld: 6, everheld: 6 });
  });

  it('goes on when a container’s groups go in the middle of a look', async () => {
    machine.kernel.set(101, { life: 'boot 1', failcnt: 1, held: 1 });
    machine.kernel.set(102, { life: 'boot 2', failcnt: 1, held: 1 });
    const ledger = await machine.sampler();
    machine.look(ledger);
    const before = [101, 102].map((id) => machine.account(id));
    machine.kernel.delete(101);
    machine.kernel.set(102, { life: 'boot 2', failcnt: 5, held: 1 });
    expect(failcntOf(ledger.look([...before.slice(0, 1), machine.account(102)]), 102)).toBe(5);
    expect(failcntOf(machine.look(ledger), 102)).toBe(5);
  });
});

describe('history', () => {
  const points = (span: 'seconds' | 'minutes' | 'hours'): ReturnType<ReturnType<typeof openHistory>['points']> =>
    openHistory(machine.context.host, machine.context.node).points(101, 'numproc', span);

  it('has seconds, minutes of their highest, hours of the minutes’ highest, and no more than it may', async () => {
    machine.hurries = false;
    const ledger = await machine.sampler();
    for (let second = 0; second < 2 * 3600 + 200; second++) {
      machine.kernel.set(101, { life: 'boot 1', failcnt: second, held: second % 60 });
      machine.look(ledger);
    }
    await ledger.settled();
    const [seconds, minutes, hours] = [points('seconds'), points('minutes'), points('hours')];
    expect(seconds.length).toBeGreaterThan(890);
    expect(minutes.length).toBeGreaterThan(115);
    expect(hours.length).toBe(2);
    expect(new Set(minutes.slice(1).map(({ held }) => held))).toEqual(new Set([59]));
    expect(hours.map(({ held }) => held)).toEqual([59, 59]);
    for (const all of [seconds, minutes, hours]) {
      expect(all.every(({ at }, i) => i === 0 || at > (all[i - 1]?.at ?? 0))).toBe(true);
      expect(all.every(({ failcnt }, i) => i === 0 || failcnt > (all[i - 1]?.failcnt ?? 0))).toBe(true);
    }
    const { history, ledger: kept } = {
      history: join(machine.root, 'var/lib/vzdeck/history/101'),
      ledger: join(machine.root, 'run/vzdeck/ledger/101'),
    };
    expect(statSync(history).size + statSync(kept).size).toBeLessThan(2 << 20);
  });

  it('has in a minute the highest of all its seconds, whoever wrote them', async () => {
    machine.hurries = false;
    machine.kernel.set(101, { life: 'boot 1', failcnt: 0, held: 5 });
    const [a, b] = [await machine.sampler(), await machine.sampler()];
    for (const held of [5, 100, 7]) {
      machine.kernel.set(101, { life: 'boot 1', failcnt: 0, held });
      machine.look(a);
      machine.look(b);
    }
    a.close();
    await expect.poll(() => b.writes).toBe(true);
    for (let second = 0; second < 190; second++) {
      if (second === 150) machine.kernel.set(101, { life: 'boot 1', failcnt: 0, held: 30 });
      machine.look(b);
    }
    expect(points('minutes').map(({ held }) => held)).toEqual([100, 7, 30]);
  });

  it('keeps its order over steps of the clock, forward and back, and over suspend', async () => {
    const ledger = await machine.sampler();
    const run = (seconds: number): void => {
      for (let n = 0; n < seconds; n++) {
        machine.kernel.set(101, { life: 'boot 1', failcnt: (machine.kernel.get(101)?.failcnt ?? 0) + 1, held: 1 });
        machine.look(ledger);
      }
    };
    run(100);
    machine.date += 400 * 86_400_000;
    run(100);
    machine.date -= 500 * 86_400_000;
    run(100);
    // suspended for an hour: both clocks go on
    machine.date += 3_600_000;
    machine.up += 3_600_000;
    run(100);
    const seconds = points('seconds');
    expect(seconds.every(({ at }, i) => i === 0 || at > (seconds[i - 1]?.at ?? 0))).toBe(true);
    // of before the suspend nothing is within fifteen minutes
    expect(seconds.length).toBe(100);
    const minutes = points('minutes');
    expect(minutes.every(({ at }, i) => i === 0 || at > (minutes[i - 1]?.at ?? 0))).toBe(true);
    expect(minutes.length).toBeGreaterThan(4);
    expect(minutes.length).toBeLessThan(9);
    expect(machine.numproc().failcnt).toBe(400);
    const history = openHistory(machine.context.host, machine.context.node);
    expect(history.growth(101, 50_000)?.failcnt.get('numproc')).toBe(50);
  });

  it('tells what was refused since a moment, and since when it really knows', async () => {
    const ledger = await machine.sampler();
    for (let second = 1; second <= 120; second++) {
      machine.kernel.set(101, { life: 'boot 1', failcnt: second < 110 ? 7 : second, held: 3 });
      machine.look(ledger);
    }
    const history = openHistory(machine.context.host, machine.context.node);
    expect(history.growth(101, 5_000)).toEqual({ since: machine.date - 5_000, failcnt: new Map([['numproc', 5]]) });
    expect(history.growth(101, 60_000)?.failcnt.get('numproc')).toBe(113);
    expect(history.growth(101, 3_600_000)).toEqual({ since: machine.date - 119_000, failcnt: new Map([['numproc', 113]]) });
    expect(history.growth(999, 5_000)).toBeNull();
    // from the first look of the ledger on, and between two looks a second apart
    expect(history.times(101, 3_600_000)).toEqual(new Map([['numproc', { first: 11_000, last: 0 }]]));
    expect(history.times(999, 5_000)).toEqual(new Map());
    for (let second = 0; second < 40; second++) machine.look(ledger);
    const { first = 0, last = 0 } = history.times(101, 3_600_000).get('numproc') ?? {};
    expect([first, last]).toEqual([51_000, 40_000]);
    // long after, from the minutes
    for (let second = 0; second < 1200; second++) machine.look(ledger);
    const then = history.times(101, 3_600_000).get('numproc');
    expect(then?.first).toBeGreaterThanOrEqual(51_000 + 1_200_000);
    expect(then?.last).toBeLessThanOrEqual(40_000 + 1_200_000);
    expect((then?.first ?? 0) - (then?.last ?? 0)).toBeLessThan(180_000);
  });

  it('tells how many samples are damaged, wherever bits have flipped or a file was cut off, and of all others as before', async () => {
    const ledger = await machine.sampler();
    for (let second = 1; second <= 1000; second++) {
      machine.kernel.set(101, { life: 'boot 1', failcnt: second, held: 3 });
      machine.look(ledger);
    }
    const { host, node } = machine.context;
    const history = openHistory(host, node);
    const whole = history.points(101, 'numproc', 'seconds').length;
    expect([history.damaged(101, 'seconds'), history.damaged(101, 'minutes'), history.damaged(101, 'hours')]).toEqual([0, 0, 0]);
    expect(history.damaged(999, 'seconds')).toBe(0);
    const path = secondsPath(node, 101);
    const bytes = readFileSync(path);
    // in what was held, in a number, and all of one: each is one sample
    for (const at of [4096 + 7 * RECORD_BYTES + 40, 4096 + 500 * RECORD_BYTES + 4]) bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    bytes.fill(0, 4096 + 600 * RECORD_BYTES, 4096 + 601 * RECORD_BYTES);
    writeFileSync(path, bytes);
    expect(history.damaged(101, 'seconds')).toBe(3);
    expect(history.points(101, 'numproc', 'seconds').length).toBe(whole - 3);
    truncateSync(path, 4096 + 890 * RECORD_BYTES + 9);
    expect(history.damaged(101, 'seconds')).toBe(13);
    expect(history.points(101, 'numproc', 'seconds').length).toBe(whole - 13);
    const disk = historyPath(node, 101);
    const minutes = readFileSync(disk);
    minutes[4096 + 100] = (minutes[4096 + 100] ?? 0) ^ 1;
    writeFileSync(disk, minutes);
    expect(history.damaged(101, 'minutes')).toBe(1);
  });

  it('tells counts as missing where what was found last before the node went down is damaged on the disk, and keeps that', async () => {
    const ledger = await machine.sampler();
    for (let second = 1; second <= 30; second++) {
      machine.kernel.set(101, { life: 'boot 1', failcnt: second, held: 3 });
      machine.look(ledger);
    }
    ledger.close();
    // power is gone, and what was in memory with it
    machine.kernel.delete(101);
    rmSync(secondsPath(machine.context.node, 101));
    const disk = historyPath(machine.context.node, 101);
    const bytes = readFileSync(disk);
    const gaps = () => ledgerAccount(machine.context, 101).gaps.length;
    expect(gaps()).toBe(1);
    for (const at of [1024 + 9, 2048 + 9]) bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(disk, bytes);
    expect(gaps()).toBe(1);
    await settleLife(machine.context, 101);
    machine.kernel.set(101, { life: 'boot2 1', failcnt: 0, held: 3 });
    beginLife(machine.context, 101);
    expect(gaps()).toBe(1);
  });

  it('gives what was refused while nobody looked to no minute: it is told as unseen, and counts in a time in which all of it was', async () => {
    const refused = (failcnt: number): void => void machine.kernel.set(101, { life: 'boot 1', failcnt, held: 3 });
    const history = openHistory(machine.context.host, machine.context.node);
    const first = await machine.sampler();
    refused(7);
    machine.look(first);
    first.close();
    machine.date += 600_000;
    machine.up += 600_000;
    refused(27);
    const { rows } = machine.account(101);
    expect(history.unseen(101, rows)).toEqual({ since: machine.date - 600_000, failcnt: new Map([['numproc', 20]]) });
    expect(history.growth(101, 60_000, rows)).toEqual({ since: machine.date, failcnt: new Map() });
    expect(history.growth(101, 3_600_000, rows)?.failcnt).toEqual(new Map([['numproc', 20]]));
    const second = await machine.sampler();
    machine.look(second);
    expect(history.growth(101, 60_000)).toEqual({ since: machine.date, failcnt: new Map() });
    refused(28);
    machine.look(second);
    expect(history.growth(101, 60_000)?.failcnt).toEqual(new Map([['numproc', 1]]));
  });
});

it('600 looks at 200 containers leave no descriptor open and take no more memory', { timeout: 180_000 }, async () => {
  machine.hurries = false;
  const ledger = await machine.sampler();
  const descriptors = (): number => readdirSync('/proc/self/fd').length;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heap = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  // as samplers get them: of what has not run the same object again
  const raw = new Map<number, CtUbc>();
  const round = (looks: number): void => {
    for (let n = 0; n < looks; n++) {
      // some end and come again with another life
      for (let id = 101; id <= 300; id++) {
        const before = machine.kernel.get(id);
        if (before && raw.has(id) && (id + n) % 4 !== 0) continue;
        if (before && n % 25 === 0 && id % 40 === 0) machine.kernel.delete(id);
        else
          machine.kernel.set(id, {
            life: before?.life ?? `boot ${id} ${n}`,
            failcnt: (before?.failcnt ?? 0) + (id % 10 === 0 ? 1 : 0),
            held: n % 50,
          });
      }
      for (const id of [...raw.keys()]) if (!machine.kernel.has(id)) raw.delete(id);
      for (const id of machine.kernel.keys()) if (!raw.has(id) || (id + n) % 4 === 0) raw.set(id, machine.account(id));
      machine.date += 1000;
      machine.up += 1000;
      ledger.look([...raw.values()]);
    }
  };
  round(100);
  await ledger.settled();
  const [fds, bytes] = [descriptors(), heap()];
  round(500);
  await ledger.settled();
  expect(descriptors()).toBeLessThanOrEqual(fds + 10);
  expect(heap()).toBeLessThan(bytes + (4 << 20));
  const open = descriptors();
  ledger.close();
  expect(open - descriptors()).toBeGreaterThan(300);
});

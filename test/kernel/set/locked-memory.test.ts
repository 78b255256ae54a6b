// Memory that processes may lock, changed while they run: who was there before is held to it as well as who comes, and the account tells what the kernel does.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { effectiveRights } from '../../../src/engine/host/obstacles.ts';
import { requires } from '../requires.ts';
import { type Loads, openLoads, untilRow } from '../ubc/loads.ts';
import { until } from '../until.ts';

/** Pages that the load asks for with each try. */
const EACH = 16;
const TRIES = 10;
const files = { read: (path: string) => readFileSync(path, 'utf8') };
const mayRaise = ((effectiveRights(files, '/proc') ?? 0n) >> 24n) % 2n === 1n;
/** What the node's own root may lock, in pages. */
const node = Number(/^Max locked memory +\S+ +(\d+)/m.exec(files.read('/proc/self/limits'))?.[1] ?? Number.POSITIVE_INFINITY) / 4096;

requires(
  'root',
  'launcher',
  'busybox',
  'cc',
)('locked memory of a running container', () => {
  let loads: Loads;
  let told: readonly string[] = [];
  beforeAll(async () => {
    loads = openLoads();
    await loads.born(101);
  });
  afterAll(() => loads.down());

  const limit = (): bigint => loads.row(101, 'lockedpages').limit;
  const set = async (pages: number, save = false): Promise<void> => {
    loads.lab.said();
    await loads.lab.engine.set(101, { LOCKEDPAGES: String(pages) }, { save }, loads.lab.run);
    told = loads.lab.said();
  };

  /** Processes that wait, and lock when they are told to: tries that were given, in the order in which they were begun. */
  let waiting = 0;
  const wait = async (before = ''): Promise<() => Promise<number>> => {
    const n = ++waiting;
    await loads.lab.inside(
      101,
      `mkfifo /go.${n}; (${before} echo >/ready.${n}; read x </go.${n}; exec /load locked ${TRIES} >/tried.${n}) &`,
    );
    const inside = (file: string): string => join(loads.lab.root, 'vz/private/101', `${file}.${n}`);
    await until(() => existsSync(inside('ready')));
    return async () => {
      await loads.lab.inside(101, `echo >/go.${n}`);
      const words = (): string[] => (existsSync(inside('tried')) ? readFileSync(inside('tried'), 'utf8').trim().split(' ') : []);
      await until(() => words().length === 4);
      await loads.lab.inside(101, `kill ${words()[0]}`);
      return Number(words()[1]);
    };
  };

  test('is lowered for who runs, whoever he has begun since, and who comes', async () => {
    expect(limit()).toBe(BigInt(Math.min(2048, node)));
    const [one, other] = [await wait(), await wait()];
    await set(4 * EACH);
    expect(told.filter((line) => line.includes('LOCKEDPAGES'))).toEqual([]);
    expect(await one()).toBe(4);
    expect(limit()).toBe(BigInt(4 * EACH));
    expect((await loads.hold(101, 'locked', TRIES)).had).toBe(4);
    await set(2 * EACH);
    expect(await other()).toBe(2);
    expect(limit()).toBe(BigInt(2 * EACH));
  });

  test('is raised for them, or it is said that it waits, and the row tells what holds', async () => {
    const [one, modest] = [await wait(), await wait('ulimit -l 64;')];
    await set(6 * EACH, true);
    expect(told.some((line) => line.includes('only the next start acts on LOCKEDPAGES'))).toBe(!mayRaise);
    expect(limit()).toBe(BigInt(mayRaise ? 6 * EACH : 2 * EACH));
    expect(await one()).toBe(mayRaise ? 6 : 2);
    // who wants no more is given no more
    expect(await modest()).toBe(1);
    await loads.lab.engine.restart(101);
    expect(limit()).toBe(BigInt(6 * EACH));
    expect((await loads.hold(101, 'locked', TRIES)).had).toBe(6);
  });

  test('is more than the node’s root may lock himself, where he may give it', async () => {
    await loads.lab.engine.stop(101, { fast: true });
    await set(3 * 2048, true);
    await loads.lab.engine.start(101);
    const most = mayRaise ? 3 * 2048 : Math.min(3 * 2048, node);
    expect(limit()).toBe(BigInt(most));
    const load = await loads.hold(101, 'locked', 3 * (2048 / EACH));
    expect(load.had).toBe(most / EACH);
    await untilRow(loads, 101, 'lockedpages', ({ held }) => held >= most * 0.95);
    await load.end();
  });
});

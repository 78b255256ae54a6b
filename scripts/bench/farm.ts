// Containers of ours to measure with: one prefix with a container whose init only tells the time, and one with two hundred busybox containers.
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../src/engine/index.ts';
import { eachOf, openPrefix, removePrefix } from '../throw-away.ts';
import type { Bench } from './figure.ts';
import { timeIn } from './processes.ts';

const CORES = 2;

interface Prefix {
  readonly engine: Engine;
  readonly root: string;
}

function prefix(bench: Bench, name: string): Prefix {
  const root = join(bench.dir, name);
  bench.later(() => removePrefix(root));
  const engine = openPrefix(root);
  bench.later(() => engine.close());
  engine.bootstrap();
  return { engine, root };
}

export interface Single extends Prefix {
  readonly id: number;
  /** When init began, nanoseconds of CLOCK_MONOTONIC; the note is taken away. */
  started(): Promise<bigint>;
}

/** Container 101 whose init is the clock. */
export async function single(bench: Bench): Promise<Single> {
  const { engine, root } = prefix(bench, 'single');
  const id = 101;
  await engine.create(id, { ostemplate: 'busybox', values: {} });
  const tree = engine.node.place(`/vz/private/${id}`);
  rmSync(join(tree, 'sbin', 'init'));
  copyFileSync(bench.clock, join(tree, 'sbin', 'init'));
  return { engine, root, id, started: () => timeIn(join(tree, 'started')) };
}

export interface Farm extends Prefix {
  readonly ids: readonly number[];
  /** Starts or stops containers until just this many run, the lowest ids. */
  running(count: number): Promise<void>;
}

const FIRST = 101;
const COUNT = 200;

export async function farm(bench: Bench): Promise<Farm> {
  const { engine, root } = prefix(bench, 'farm');
  const ids = Array.from({ length: COUNT }, (_, i) => FIRST + i);
  await eachOf(ids, CORES, (id) =>
    engine.create(id, { ostemplate: 'busybox', values: { HOSTNAME: `ct${id}.example`, NAME: `web-${id}` } }),
  );
  return {
    engine,
    root,
    ids,
    async running(count) {
      const runs = new Set(engine.list().flatMap((ct) => (ct.init ? [ct.id] : [])));
      await eachOf(
        ids.slice(0, count).filter((id) => !runs.has(id)),
        CORES,
        (id) => engine.start(id),
      );
      await eachOf(
        ids.slice(count).filter((id) => runs.has(id)),
        CORES,
        (id) => engine.stop(id, { fast: true }),
      );
    },
  };
}

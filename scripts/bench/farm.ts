// Containers of ours to measure with: one prefix with a container whose init only tells the time, and ones with hundreds of busybox containers.
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
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

/** `conf`: lines of its vz.conf. */
function prefix(bench: Bench, name: string, conf = ''): Prefix {
  const root = join(bench.dir, name);
  // in memory, as a node's /run is: a file that is replaced on a disk costs fifty times as much
  const run = mkdtempSync('/dev/shm/vzdeck-bench-run-');
  bench.later(() => rmSync(run, { recursive: true, force: true }));
  bench.later(() => removePrefix(root));
  mkdirSync(root);
  symlinkSync(run, join(root, 'run'));
  const first = openPrefix(root);
  first.bootstrap();
  first.close();
  appendFileSync(join(root, 'etc/vz/vz.conf'), conf);
  const engine = openPrefix(root);
  bench.later(() => engine.close());
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

/** So many in a prefix of their own, none of them running: `ct101.example` and `web-101` … */
async function busyboxes(
  bench: Bench,
  name: string,
  count: number,
  layout: 'simfs' | 'overlay',
  values: (id: number) => Readonly<Record<string, string>> = () => ({}),
  conf = '',
): Promise<Farm> {
  const { engine, root } = prefix(bench, name, conf);
  const ids = Array.from({ length: count }, (_, i) => FIRST + i);
  await eachOf(ids, CORES, (id) =>
    engine.create(id, { ostemplate: 'busybox', layout, values: { HOSTNAME: `ct${id}.example`, NAME: `web-${id}`, ...values(id) } }),
  );
  return {
    engine,
    root,
    ids,
    async running(wanted) {
      const runs = new Set(engine.list().flatMap((ct) => (ct.init ? [ct.id] : [])));
      await eachOf(
        ids.slice(0, wanted).filter((id) => !runs.has(id)),
        CORES,
        (id) => engine.start(id),
      );
      await eachOf(
        ids.slice(wanted).filter((id) => runs.has(id)),
        CORES,
        (id) => engine.stop(id, { fast: true }),
      );
    },
  };
}

/** One, to fill. */
export const lone = (bench: Bench): Promise<Farm> => busyboxes(bench, 'lone', 1, 'simfs');

export const farm = (bench: Bench): Promise<Farm> => busyboxes(bench, 'farm', 200, 'simfs');

/** The address of one of `addressed`. */
export const addressOf = (id: number): string => `10.210.0.${id}`;

export const addressed = (bench: Bench): Promise<Farm> =>
  busyboxes(bench, 'addressed', 100, 'simfs', (id) => ({ IP_ADDRESS: addressOf(id) }));

/** The address of one of `direct`. */
export const directOf = (id: number): string => `10.214.0.${id}`;

/** Two that hand their packets to each other past the node's own way. */
export const direct = (bench: Bench): Promise<Farm> =>
  busyboxes(bench, 'direct', 2, 'simfs', (id) => ({ IP_ADDRESS: directOf(id) }), 'VZDECK_DIRECT="yes"\n');

export const manyRows = async (bench: Bench): Promise<Farm> => {
  const farmed = await busyboxes(bench, 'many', 1000, 'overlay');
  await farmed.running(200);
  return farmed;
};

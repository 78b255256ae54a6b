// What an address costs: when a container starts, when it is added to one that runs, and each packet, beside a plain veth pair. The bench runs in a
// network namespace of its own.
import { closeSync, copyFileSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prefixEnv } from '../../throw-away.ts';
import { barePair, type Pair, PORT } from '../bare-pair.ts';
import { addressed, addressOf, direct, directOf, type Farm, type Single, single } from '../farm.ts';
import { type Bench, figure } from '../figure.ts';
import { must, pause, timed } from '../processes.ts';
import { ratio, type Spread, spread } from '../statistics.ts';

const ROUNDS = 15;

async function startMs({ engine, id, started }: Single, address: string): Promise<number> {
  await engine.set(id, { IP_ADDRESS: address }, { save: true });
  // by then the kernel has taken down the network namespace of the one before
  await pause(1_000);
  const called = process.hrtime.bigint();
  await engine.start(id);
  const took = Number((await started()) - called) / 1e6;
  await engine.stop(id, { fast: true });
  return took;
}

const START = figure(
  'net-start',
  'Start with an address on venet, until a static init runs',
  {
    without: { says: 'without an address', unit: 'ms' },
    with: { says: 'with an address', unit: 'ms' },
    more: { says: 'dearer by', unit: 'ms', atMost: 6 },
  },
  async (bench) => {
    const ours = await bench.shared(single);
    // the first of all makes the table and turns the switches, which others find
    const { running } = await bench.shared(addressed);
    await running(1);
    const took = { without: [] as number[], with: [] as number[] };
    for (let round = 0; round <= ROUNDS; round++) {
      const values = [await startMs(ours, ''), await startMs(ours, '10.211.0.1')] as const;
      if (round === 0) continue;
      took.without.push(values[0]);
      took.with.push(values[1]);
    }
    await ours.engine.set(ours.id, { IP_ADDRESS: '' }, { save: true });
    const more = took.with.map((value, round) => value - (took.without[round] ?? Number.NaN));
    return { without: spread(took.without), with: spread(took.with), more: spread(more) };
  },
);

const MANY = figure(
  'net-many',
  '`vzdeck start 101-200`, busybox, each with an address',
  { wall: { says: 'until the last one runs', unit: 's', atMost: 6 } },
  async (bench) => {
    const { root, running } = await bench.shared(addressed);
    const took: number[] = [];
    for (let round = 0; round < 3; round++) {
      await running(0);
      const { wall } = await timed(bench, join(bench.home, 'bin/vzdeck'), ['start', '101-200'], { env: prefixEnv(root) });
      took.push(wall / 1000);
    }
    await running(0);
    return { wall: spread(took) };
  },
);

const ADD = figure(
  'net-add',
  '`vzctl set 101 --ipadd`, whole process, of a running container',
  {
    add: { says: 'an address comes', unit: 'ms', atMost: 60 },
    del: { says: 'it goes', unit: 'ms' },
    node: { says: 'bare node -e 0', unit: 'ms' },
  },
  async (bench) => {
    const { root, running } = await bench.shared(addressed);
    await running(2);
    const env = prefixEnv(root);
    const took = { add: [] as number[], del: [] as number[], node: [] as number[] };
    const set = async (...words: string[]): Promise<number> =>
      (await timed(bench, join(bench.home, 'bin/vzctl'), ['set', '101', ...words, '--save'], { env })).wall;
    for (let round = 0; round <= ROUNDS; round++) {
      const [add, del] = [await set('--ipadd', '10.212.0.1'), await set('--ipdel', '10.212.0.1')];
      if (round === 0) continue;
      took.add.push(add);
      took.del.push(del);
      took.node.push((await timed(bench, process.execPath, ['-e', '0'])).wall);
    }
    return { add: spread(took.add), del: spread(took.del), node: spread(took.node) };
  },
);

/** Long enough for TCP to find its pace, which takes a few of the 30 µs to the other end and back; and many, since the machine's own pace changes. */
const FLOW_MS = 150;
const FLOW_ROUNDS = 45;
const INSIDE = 'srv/wire';

/** A container, or the command that a client is run by. */
type From = number | readonly string[];
const BESIDE_ALL: From = [];

async function told({ engine, root }: Farm, { wire }: Pair, from: From, kind: 'stream' | 'ask', to: string): Promise<number> {
  const words = [kind, to, String(PORT), String(FLOW_MS)];
  if (typeof from !== 'number') {
    const [file = wire, ...rest] = [...from, wire];
    return Number((await must(file, [...rest, ...words])).out);
  }
  const file = join(root, 'wire.out');
  const fd = openSync(file, 'w');
  try {
    const { code } = await engine.exec(from, [`/${INSIDE}`, ...words], { stdio: ['ignore', fd, fd] });
    const text = readFileSync(file, 'utf8');
    if (code !== 0) throw new Error(`wire in container ${from} ended with ${code}: ${text}`);
    return Number(text);
  } finally {
    closeSync(fd);
  }
}

/** Starts these containers, each with a server that listens. */
async function serving({ engine, running }: Farm, { wire }: Pair, ids: readonly number[]): Promise<void> {
  await running(ids.length);
  for (const id of ids) {
    copyFileSync(wire, join(engine.node.place(`/vz/private/${id}`), INSIDE));
    await engine.exec(id, [`/${INSIDE} serve ${PORT} </dev/null >/srv/said 2>&1 & until grep -qs ready /srv/said; do :; done`], {
      shell: true,
    });
  }
}

interface Way {
  /** Whose containers are meant by their ids. */
  readonly farm?: Farm;
  readonly from: From;
  readonly to: string;
}

/** Rounds of each way by turns, each in turn the first. */
async function flows(farmed: Farm, pair: Pair, kind: 'stream' | 'ask', ways: readonly Way[]): Promise<readonly (readonly number[])[]> {
  const took = ways.map((): number[] => []);
  for (let round = 0; round <= FLOW_ROUNDS; round++)
    for (const at of ways.map((_, i) => (i + round) % ways.length)) {
      const way = ways[at] as Way;
      const value = await told(way.farm ?? farmed, pair, way.from, kind, way.to);
      if (round > 0) took[at]?.push(value);
    }
  return took;
}

const KINDS = { stream: 'bytes per second', ask: 'requests per second' } as const;

async function throughput(bench: Bench, kind: 'stream' | 'ask'): Promise<Record<'in' | 'out' | 'between' | 'direct' | 'least', Spread>> {
  const [farmed, handing, pair] = [await bench.shared(addressed), await bench.shared(direct), await bench.shared(barePair)];
  for (const farm of [farmed, handing]) await serving(farm, pair, [101, 102]);
  const [bare = [], into = [], out = [], between = [], handed = [], least = []] = await flows(farmed, pair, kind, [
    { from: BESIDE_ALL, to: pair.far },
    { from: BESIDE_ALL, to: addressOf(101) },
    { from: 101, to: pair.near },
    { from: 101, to: addressOf(102) },
    { farm: handing, from: 101, to: directOf(102) },
    pair.routed,
  ]);
  for (const farm of [farmed, handing]) await farm.running(0);
  return {
    in: ratio(into, bare),
    out: ratio(out, bare),
    between: ratio(between, bare),
    direct: ratio(handed, bare),
    least: ratio(least, bare),
  };
}

const FLOWS = (['stream', 'ask'] as const).map((kind) =>
  figure(
    `net-${kind}`,
    `TCP over venet, ${KINDS[kind]} beside a plain veth pair`,
    {
      in: { says: 'node to container / plain pair', unit: '×', atLeast: 0.9 },
      out: { says: 'container to node / plain pair', unit: '×', atLeast: 0.9 },
      between: { says: 'container to container / plain pair', unit: '×', atLeast: 0.9 },
      direct: { says: 'container to container, direct (VZDECK_DIRECT) / plain pair', unit: '×', atLeast: 0.9 },
      least: { says: 'two plain pairs and a router without rules, which that way is at least / plain pair', unit: '×' },
    },
    (bench) => throughput(bench, kind),
  ),
);

const THOUSAND = 1_000;

const SCALE = figure(
  'net-scale',
  `TCP from container to container while another one has ${THOUSAND} addresses`,
  {
    stream: { says: 'bytes per second / without these', unit: '×', atLeast: 0.95 },
    ask: { says: 'requests per second / without these', unit: '×', atLeast: 0.95 },
    start: { says: 'start of the one that has them', unit: 's' },
  },
  async (bench) => {
    const [farmed, pair] = [await bench.shared(addressed), await bench.shared(barePair)];
    const { engine } = farmed;
    const crowd = 103;
    await serving(farmed, pair, [101, 102]);
    await engine.set(
      crowd,
      { IP_ADDRESS: Array.from({ length: THOUSAND }, (_, i) => `10.213.${i >> 8}.${i & 255}`).join(' ') },
      { save: true },
    );
    const took = { stream: [[], []] as [number[], number[]], ask: [[], []] as [number[], number[]] };
    const starts: number[] = [];
    for (let round = 0; round <= ROUNDS; round++)
      for (const there of [0, 1] as const) {
        const from = performance.now();
        if (there) await engine.start(crowd);
        if (there) starts.push((performance.now() - from) / 1000);
        for (const kind of ['stream', 'ask'] as const) {
          const value = await told(farmed, pair, 101, kind, addressOf(102));
          if (round > 0) took[kind][there].push(value);
        }
        if (there) await engine.stop(crowd, { fast: true });
      }
    await engine.set(crowd, { IP_ADDRESS: addressOf(crowd) }, { save: true });
    await farmed.running(0);
    const [stream, ask] = [took.stream, took.ask].map(([without, beside]) => ratio(beside, without)) as [Spread, Spread];
    return { stream, ask, start: spread(starts) };
  },
);

export const NETWORK = [START, MANY, ADD, ...FLOWS, SCALE];

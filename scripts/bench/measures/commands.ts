// What one command takes as a whole process, from fork to its end.
import { join } from 'node:path';
import { prefixEnv } from '../../throw-away.ts';
import { farm, single } from '../farm.ts';
import { type Bench, figure } from '../figure.ts';
import { peers } from '../peers.ts';
import { timed } from '../processes.ts';
import { spread } from '../statistics.ts';

const bin = (bench: Bench, program: string): string => join(bench.home, 'bin', program);

async function walls(count: number, measure: () => Promise<number>): Promise<readonly number[]> {
  const took: number[] = [];
  for (let round = 0; round <= count; round++) took.push(await measure());
  return took.slice(1);
}

const START_COMMAND = figure(
  'vzctl-start',
  '`vzctl start`, whole process, watching init for 50 ms',
  { wall: { says: 'vzctl start 101', unit: 'ms', atMost: 150 } },
  async (bench) => {
    const { engine, root, id } = await bench.shared(single);
    const took = await walls(11, async () => {
      const { wall } = await timed(bench, bin(bench, 'vzctl'), ['start', String(id)], { env: prefixEnv(root) });
      await engine.stop(id, { fast: true });
      return wall;
    });
    return { wall: spread(took) };
  },
);

const READING = figure(
  'vzctl-status',
  'Looking at 200 containers, whole processes',
  {
    status: { says: 'vzctl status 101', unit: 'ms', atMost: 70 },
    stopped: { says: 'vzlist -a, none of 200 runs', unit: 'ms', atMost: 120 },
    running: { says: 'vzlist, all of 200 run', unit: 'ms', atMost: 120 },
    node: { says: 'bare node -e 0', unit: 'ms' },
  },
  async (bench) => {
    const { root, running } = await bench.shared(farm);
    const env = prefixEnv(root);
    const took = { status: [] as number[], stopped: [] as number[], running: [] as number[], node: [] as number[] };
    const wall = async (file: string, args: readonly string[]): Promise<number> => (await timed(bench, file, args, { env })).wall;
    const list = (args: readonly string[]): Promise<readonly number[]> => walls(11, () => wall(bin(bench, 'vzlist'), args));
    await running(0);
    took.stopped.push(...(await list(['-a'])));
    await running(200);
    took.running.push(...(await list([])));
    await walls(15, async () => {
      took.status.push(await wall(bin(bench, 'vzctl'), ['status', '101']));
      took.node.push(await wall(process.execPath, ['-e', '0']));
      return 0;
    });
    return { status: spread(took.status), stopped: spread(took.stopped), running: spread(took.running), node: spread(took.node) };
  },
);

const UBC = figure(
  'vzubc',
  'All beancounters of what runs, whole process',
  {
    one: { says: 'vzubc, one container runs', unit: 'ms', atMost: 150 },
    many: { says: 'vzubc, 200 run', unit: 'ms', atMost: 150 },
  },
  async (bench) => {
    const { root, running } = await bench.shared(farm);
    const env = prefixEnv(root);
    const list = (): Promise<readonly number[]> => walls(11, async () => (await timed(bench, bin(bench, 'vzubc'), [], { env })).wall);
    await running(1);
    const one = await list();
    await running(200);
    return { one: spread(one), many: spread(await list()) };
  },
);

const SET = figure(
  'vzctl-set',
  '`vzctl set` of five live values, whole process',
  {
    wall: { says: 'vzctl set 101 with five limits', unit: 'ms', atMost: 150 },
    node: { says: 'bare node -e 0', unit: 'ms' },
  },
  async (bench) => {
    const { root, running } = await bench.shared(farm);
    await running(1);
    const env = prefixEnv(root);
    const took = { wall: [] as number[], node: [] as number[] };
    for (let round = 0; round < 21; round++) {
      // each value is another one than that which stands there
      const n = 100 + round;
      const values = ['--numproc', `${n}`, '--ram', `${n}M`, '--swap', `${n}M`, '--cpuunits', `${n * 10}`, '--cpulimit', `${n}`];
      took.wall.push((await timed(bench, bin(bench, 'vzctl'), ['set', '101', ...values], { env })).wall);
      took.node.push((await timed(bench, process.execPath, ['-e', '0'])).wall);
    }
    return { wall: spread(took.wall), node: spread(took.node) };
  },
);

const EXEC = figure(
  'exec',
  '`vzctl exec 101 true`, whole process less bare node',
  {
    whole: { says: 'vzctl exec 101 true', unit: 'ms' },
    node: { says: 'bare node -e 0', unit: 'ms' },
    lxc: { says: 'lxc-attach -- true', unit: 'ms' },
    ratio: { says: '(vzctl exec − node) / lxc-attach', unit: '×', atMost: 1.5 },
  },
  async (bench) => {
    const { root, running } = await bench.shared(farm);
    await running(1);
    const attach = await (await bench.shared(peers)).stay();
    const [lxcAttach = '', ...attachArgs] = attach;
    const env = prefixEnv(root);
    const took = { whole: [] as number[], node: [] as number[], lxc: [] as number[] };
    const count = 21;
    for (let round = 0; round < count; round++) {
      took.whole.push((await timed(bench, bin(bench, 'vzctl'), ['exec', '101', 'true'], { env })).wall);
      took.node.push((await timed(bench, process.execPath, ['-e', '0'])).wall);
      took.lxc.push((await timed(bench, lxcAttach, [...attachArgs, 'true'])).wall);
    }
    const rests = took.whole.map((whole, round) => (whole - (took.node[round] ?? 0)) / (took.lxc[round] ?? Number.NaN));
    return { whole: spread(took.whole), node: spread(took.node), lxc: spread(took.lxc), ratio: spread(rests) };
  },
);

const MANY = figure(
  'many',
  '`vzdeck start 101-200`, busybox',
  { wall: { says: 'until the last one runs', unit: 's', atMost: 5 }, failures: { says: 'failures', unit: '', atMost: 0 } },
  async (bench) => {
    const { engine, root, running } = await bench.shared(farm);
    const failures: number[] = [];
    const took: number[] = [];
    for (let round = 0; round < 3; round++) {
      await running(0);
      const { wall } = await timed(bench, bin(bench, 'vzdeck'), ['start', '101-200'], { env: prefixEnv(root) });
      took.push(wall / 1000);
      failures.push(100 - engine.list().filter((ct) => ct.id <= 200 && ct.init !== null).length);
    }
    return { wall: spread(took), failures: spread(failures) };
  },
);

export const COMMANDS = [START_COMMAND, READING, SET, UBC, EXEC, MANY];

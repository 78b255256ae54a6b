// What the pass over all tasks tells of containers' counters beside what their control files say: every number of it, refusals as well, and no number of
// a container that has ended.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { groupNumbers } from '../../../src/engine/account/group-numbers.ts';
import { openTaskPass } from '../../../src/engine/account/iterator-rows.ts';
import { findIterators, makeIterators } from '../../../src/engine/account/iterators.ts';
import { openToldCounters, type ToldCounters } from '../../../src/engine/account/told-counters.ts';
import type { Quantity } from '../../../src/engine/cgroup/quantities.ts';
import { glances, toldOf } from '../../../src/engine/cgroup/usage.ts';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import { openLinuxHost } from '../../../src/engine/host/linux/host.ts';
import { openLauncher } from '../../../src/engine/launcher/client.ts';
import { counterRecords } from '../../../src/engine/spec/bpf/counters.ts';
import { LAUNCHER, requires } from '../requires.ts';
import { topologyOf } from '../sockets/inmate.ts';
import { until } from '../until.ts';
import { type Loads, openLoads, untilRow } from './loads.ts';

const IDS = [101, 102] as const;
const OF_V1: readonly Quantity[] = ['bothPeak', 'kernel', 'kernelPeak', 'tcp', 'tcpPeak'];
const OF_V2: readonly Quantity[] = ['swapPeak', 'swapFail'];
const OF_BOTH: readonly Quantity[] = [
  'numproc',
  'numprocLimit',
  'numprocPeak',
  'numprocFail',
  'memory',
  'memoryLimit',
  'memoryPeak',
  'memoryFail',
  'oomKill',
  'swap',
  'swapLimit',
  'frozen',
  'cpuUsec',
  'cpuUser',
  'cpuSystem',
];

const CPU_TIME: readonly Quantity[] = ['cpuUsec', 'cpuUser', 'cpuSystem'];

requires(
  'root',
  'launcher',
  'busybox',
  'cc',
  'cgroup2',
  'x64',
)('counters that are told for all containers at once', () => {
  let loads: Loads;
  const launcher = openLauncher(LAUNCHER);
  beforeAll(async () => {
    loads = openLoads();
    await loads.born(101, { NUMPROC: '60' });
    await loads.born(102, { PHYSPAGES: '0:4096', SWAPPAGES: '0:0' });
  });
  afterAll(async () => {
    await loads.down();
    launcher.close();
  });

  const opened = async () => {
    const topology = topologyOf(loads.lab);
    const host = openLinuxHost(loads.lab.root, launcher);
    await makeIterators(host, topology);
    expect(findIterators(host, topology)).not.toBeNull();
    const version = topology.controllers.get('memory')?.version;
    const wanted = [...OF_BOTH, ...(version === 1 ? OF_V1 : OF_V2)].filter((q) => topology.swap || !/^(swap|both)/.test(q));
    const tasks = openTaskPass(host, topology);
    const told = openToldCounters(host, topology, wanted, groupNumbers(host, topology), tasks.read);
    const look = (): ToldCounters => {
      tasks.begin();
      return told(IDS);
    };
    const records = (): number => counterRecords(tasks.read() ?? new Uint8Array()).length;
    return { topology, wanted, look, records };
  };

  test('each says what its file says, refused forks, kills and memory’s limit among them', async () => {
    const [forks, oom] = [loads.row(101, 'numproc'), loads.row(102, 'oomguarpages')];
    const storm = await loads.hold(101, 'fork', 100);
    await loads.push(102, 'mib', 40);
    await untilRow(loads, 102, 'oomguarpages', ({ failcnt }) => failcnt > oom.failcnt);
    const { topology, wanted, look } = await opened();
    const quantities = toldOf(topology, wanted, look().get(101) ?? { names: [], numbers: new Float64Array() });
    // a kernel before 6.11 tells refused forks of groups below as well
    expect(wanted.filter((q) => !quantities.includes(q) && q !== 'numprocFail')).toEqual([]);
    const glance = glances(linuxFiles, topology, quantities);
    for (const id of IDS) {
      // somebody inside may do something meanwhile
      await until(() => {
        const [told, read] = [glance(id, look().get(id))?.usage, glance(id)?.usage];
        return quantities.every((q) => told?.[q] === read?.[q]);
      });
    }
    const [first, second] = IDS.map((id) => glance(id, look().get(id))?.usage);
    if (quantities.includes('numprocFail')) expect(first?.numprocFail).toBe(forks.failcnt + storm.refused);
    expect(first).toMatchObject({ numprocLimit: 60, frozen: 0 });
    expect(second).toMatchObject({ memoryLimit: 4096 * 4096, oomKill: oom.failcnt + 1 });
    expect(second?.memoryFail).toBeGreaterThan(0);
    await storm.end();
    await loads.lab.engine.freeze(101);
    expect(glance(101, look().get(101))?.usage.frozen).toBe(1);
    await loads.lab.engine.thaw(101);
  });

  test('CPU time is that of the moment, though nobody reads the container’s own file', async () => {
    const { topology, look } = await opened();
    const glance = glances(linuxFiles, topology, CPU_TIME);
    const told = (): Partial<Record<Quantity, number>> => glance(102, look().get(102))?.usage ?? {};
    expect(toldOf(topology, CPU_TIME, look().get(102) ?? { names: [], numbers: new Float64Array() })).toEqual(CPU_TIME);
    const begun = told().cpuUsec ?? 0;
    await loads.lab.inside(102, 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done');
    const spun = told().cpuUsec ?? 0;
    expect(spun).toBeGreaterThan(begun + 10_000);
    // at the same moment the file says the same, and its parts are the whole
    await until(() => {
      const [now, read] = [told(), glance(102)?.usage];
      const parts = (now.cpuUser ?? 0) + (now.cpuSystem ?? 0);
      return CPU_TIME.every((q) => now[q] === read?.[q]) && Math.abs(parts - (now.cpuUsec ?? 0)) <= 1;
    });
  });

  test('a container has one record, however many process namespaces are made inside', async () => {
    const { look, records } = await opened();
    const { out } = await loads.lab.inside(
      102,
      'for i in 1 2 3; do unshare -p -f sleep 60 >/dev/null 2>&1 & done; while [ $(pidof sleep | wc -w) -lt 3 ]; do :; done; pidof sleep',
    );
    expect(out.trim().split(' ')).toHaveLength(3);
    look();
    expect(records()).toBe(IDS.length);
  });

  test('a container of the next start has its own, and one that has ended none', async () => {
    const { topology, look } = await opened();
    expect(look().has(101)).toBe(true);
    await loads.lab.engine.stop(101, { fast: true });
    expect([look().has(101), look().has(102)]).toEqual([false, true]);
    await loads.lab.engine.start(101);
    const fresh = await opened();
    const usage = glances(linuxFiles, topology, ['numprocFail', 'numproc'])(101, fresh.look().get(101))?.usage;
    expect(usage).toMatchObject({ numprocFail: 0 });
    expect(usage?.numproc).toBeGreaterThan(0);
  });
});

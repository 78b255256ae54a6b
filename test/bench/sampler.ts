// How long one tick of the sampler takes with N containers (default 200): real cgroups with real limits below a top of our own, each with one
// process. Prints milliseconds: median and 95th percentile of the ticks, first tick apart. Run as root: node test/bench/sampler.ts [N] [TICKS]
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { CtSummary } from '../../src/engine/account/sample.ts';
import { openSampler } from '../../src/engine/account/sampler.ts';
import { containerCgroups } from '../../src/engine/cgroup/container.ts';
import { NO_LIMITS } from '../../src/engine/cgroup/limits.ts';
import { ensureService } from '../../src/engine/cgroup/service.ts';
import { findTopology, removeTop } from '../../src/engine/cgroup/topology.ts';
import { linuxFiles } from '../../src/engine/host/linux/files.ts';
import { openLinuxHost } from '../../src/engine/host/linux/host.ts';
import { openLauncher } from '../../src/engine/launcher/client.ts';
import { sightOf } from '../engine/account/sight.ts';

const count = Number(process.argv[2] ?? 200);
const ticks = Number(process.argv[3] ?? 100);
const launcher = openLauncher(process.env['VZDECK_LAUNCHER'] ?? new URL('../../build/launcher', import.meta.url).pathname);
const host = openLinuxHost('/', launcher);
const topology = findTopology(linuxFiles, '/proc', `bench${process.pid}`);
const ids = Array.from({ length: count }, (_, i) => 101 + i);
const groups = ids.map((id) => containerCgroups(linuxFiles, topology, id));
const sleepers: ReturnType<typeof spawn>[] = [];

const since = (t: bigint): number => Number(process.hrtime.bigint() - t) / 1e6;
const at = (sorted: readonly number[], part: number): string => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(2);

try {
  await ensureService(host, topology, []);
  const made: number[] = [];
  for (const [i, ct] of groups.entries()) {
    const t = process.hrtime.bigint();
    await launcher.ops({
      ops: ct.create(
        { ...NO_LIMITS, numproc: 100, memory: 2 ** 28, swap: 2 ** 28, cpuunits: 500, cpulimit: 100, cpus: 0 },
        0x70000000 + i * 65536,
      ),
    });
    made.push(since(t));
    const sleeper = spawn('sleep', ['1000000'], { stdio: 'ignore' });
    sleepers.push(sleeper);
    for (const op of ct.attach()) if (op.op === 'attachCgroup') writeFileSync(`${op.path}/cgroup.procs`, String(sleeper.pid));
    if (ct.births.init !== '') writeFileSync(`${ct.births.init}/cgroup.procs`, String(sleeper.pid));
  }
  const list: readonly CtSummary[] = ids.map((id, i) => ({
    id,
    name: `ct${id}`,
    hostname: `ct${id}`,
    description: '',
    ostemplate: 'busybox',
    layout: 'simfs',
    ips: [],
    state: 'running',
    unattended: false,
    init: { pid: sleepers[i]?.pid ?? 0, startTime: 1n },
    uptime: 100,
    trouble: '',
    restartAt: null,
  }));
  const sampler = openSampler(
    host,
    sightOf(host, topology, () => list),
  );
  const took: number[] = [];
  for (let i = 0; i <= ticks; i++) {
    const t = process.hrtime.bigint();
    sampler.tick();
    took.push(since(t));
  }
  sampler.close();
  const [first = 0, ...rest] = took;
  rest.sort((a, b) => a - b);
  made.sort((a, b) => a - b);
  console.log(`${topology.mode}, ${count} containers: groups made in ${at(made, 0.5)} ms each (median, plan and round trip)`);
  console.log(`tick: ${at(rest, 0.5)} ms median, ${at(rest, 0.95)} ms 95 %, first ${first.toFixed(2)} ms`);
} finally {
  for (const sleeper of sleepers) sleeper.kill('SIGKILL');
  for (const ct of groups) await launcher.ops({ ops: [...ct.kill(), ...ct.remove()] });
  if (topology.service === null) await launcher.ops({ ops: removeTop(topology) });
  launcher.close();
}

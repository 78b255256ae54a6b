// What this machine's cgroups lack for containers, in plain words with a remedy. Says nothing of how the engine copes.
import type { Obstacle } from '../host/obstacles.ts';
import type { CgroupTopology } from './face.ts';
import type { Reading } from './topology.ts';

/** What a container loses without the controller, and whether it may be started so. */
const LOSS: Readonly<Record<string, { readonly text: string; readonly fatal: boolean }>> = {
  pids: { text: 'the number of processes (numproc) cannot be limited', fatal: true },
  memory: { text: 'memory (physpages, swappages) cannot be limited', fatal: true },
  cpu: { text: 'CPU time (cpuunits, cpulimit, cpus) cannot be limited', fatal: false },
};

const SYSTEMD_V2 = 'boot the node with systemd.unified_cgroup_hierarchy=1';

/** Why no hierarchy has the controller: /proc/cgroups lists those of this kernel with a column "enabled". */
function remedyFor(files: Reading, proc: string, topology: CgroupTopology, name: string): string {
  const line = (files.read(`${proc}/cgroups`) ?? '').split('\n').find((l) => l.startsWith(`${name}\t`));
  if (line === undefined) return `The kernel is built without it: use one with the ${name} controller`;
  if (line.endsWith('\t0'))
    return `It is switched off: remove cgroup_disable=${name} from the kernel's command line, or add cgroup_enable=${name}, and boot again`;
  if (topology.mode === 'v2') return `A v1 hierarchy that is not mounted here may hold it: ${SYSTEMD_V2}`;
  return `It is not mounted: mkdir -p /sys/fs/cgroup/${name}; mount -t cgroup -o ${name} cgroup /sys/fs/cgroup/${name}`;
}

/** Controllers that exist in the tree but are not given to our service by systemd. */
function notDelegated(files: Reading, topology: CgroupTopology): readonly string[] {
  if (topology.service === null || topology.unified === null) return [];
  const given = files.read(`${topology.unified}${topology.top}/cgroup.controllers`);
  return given === null ? [] : Object.keys(LOSS).filter((c) => topology.controllers.has(c) && !given.split(/\s+/).includes(c));
}

/** A v2 "root" that is in truth a group of an outer container can hand controllers on only when it holds no process. */
function innerRoot(files: Reading, topology: CgroupTopology): boolean {
  const { unified, service } = topology;
  if (unified === null || service !== null || (files.read(`${unified}/cgroup.events`) ?? '') === '') return false;
  const wanted = Object.keys(LOSS).filter((c) => topology.controllers.get(c)?.version === 2);
  const on = (files.read(`${unified}/cgroup.subtree_control`) ?? '').split(/\s+/);
  return wanted.some((c) => !on.includes(c)) && (files.read(`${unified}/cgroup.procs`) ?? '') !== '';
}

export function cgroupObstacles(files: Reading, proc: string, topology: CgroupTopology): readonly Obstacle[] {
  const found: Obstacle[] = [];
  if (topology.hierarchies.length === 0)
    found.push({ what: 'No cgroup tree is mounted', remedy: 'mount -t cgroup2 cgroup2 /sys/fs/cgroup', fatal: true });
  for (const [name, { text, fatal }] of Object.entries(LOSS))
    if (!topology.controllers.has(name))
      found.push({ what: `The ${name} controller is missing: ${text}`, remedy: remedyFor(files, proc, topology, name), fatal });
  for (const name of notDelegated(files, topology))
    found.push({
      what: `systemd does not give the ${name} controller to ${topology.service}: ${LOSS[name]?.text}`,
      remedy: `Set Delegate=yes in ${topology.service}, then systemctl daemon-reload and restart it`,
      fatal: LOSS[name]?.fatal ?? false,
    });
  if (topology.hierarchies.length > 0 && topology.unified === null)
    found.push({
      what: 'No cgroup v2 tree is mounted: containers get no cgroups of their own, and are ended process by process',
      remedy: 'mkdir -p /sys/fs/cgroup/unified; mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified',
      fatal: false,
    });
  if (topology.unified === null && !topology.controllers.has('devices'))
    found.push({
      what: 'Access to devices cannot be limited: neither the devices controller nor a cgroup v2 tree is mounted',
      remedy: 'mkdir -p /sys/fs/cgroup/devices; mount -t cgroup -o devices cgroup /sys/fs/cgroup/devices',
      fatal: true,
    });
  if (topology.controllers.has('memory') && !topology.swap)
    found.push({
      what: 'Swap is not accounted: swappages cannot be limited',
      remedy: "Add swapaccount=1 to the kernel's command line and boot again, or run without swap",
      fatal: false,
    });
  if (innerRoot(files, topology))
    found.push({
      what: `The tree at ${topology.unified} is a part of an outer one and holds processes, so it cannot hand its controllers on`,
      remedy: 'Move its processes into a group below it, e.g. by running systemd as init there',
      fatal: true,
    });
  return found;
}

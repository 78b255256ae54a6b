// What this node's kernel offers the engine and what the engine does about it, each line found by trying.
import type { CgroupTopology } from '../cgroup/face.ts';
import { VzError } from '../errors.ts';
import { parseMountinfo } from '../host/mountinfo.ts';
import { effectiveUser } from '../host/obstacles.ts';
import type { Host } from '../host/port.ts';
import { perlPrelude } from '../host/probe/perl.ts';
import { ask, type Finding } from '../host/probe/probe.ts';
import { CONTROLLERS, PROBES, SHELL_PRELUDE } from '../host/probe/probes.ts';
import { triesToMapIds } from '../rootfs/idmap-probe.ts';
import { tryLimits } from './mechanisms.ts';

/** File systems that somebody may keep containers on, as far as they are mounted here. */
const KEEPERS = ['ext4', 'xfs', 'btrfs', 'f2fs', 'zfs', 'tmpfs', 'overlay', 'bcachefs', 'nfs4', 'cifs', 'fuse', '9p', 'virtiofs'];

async function idmaps(host: Host): Promise<readonly Finding[]> {
  const mounts = parseMountinfo(host.files.read(`${host.proc}/self/mountinfo`) ?? '');
  const found: Finding[] = [];
  for (const type of KEEPERS) {
    const mount = mounts.find((one) => one.type === type);
    if (!mount) continue;
    const refusal = await triesToMapIds(host, mount.path);
    found.push({
      name: `idmap-${type}`,
      group: 'file systems',
      title: `Mapped ids on ${type}`,
      answer: refusal === null ? 'yes' : 'no',
      detail: refusal ?? mount.path,
      use: 'private areas and shared layers may lie there',
      without: 'no container is started from there; never a privileged one instead',
    });
  }
  return found;
}

function mode({ mode, top }: CgroupTopology): Finding {
  return {
    name: 'cgroup-mode',
    group: 'cgroups',
    title: 'Layout of the trees',
    answer: 'yes',
    detail: mode,
    use: `containers have their groups below ${top}`,
    without: '',
  };
}

/** In the order of the table, what differs from node to node first in its group. */
export async function probeNode(host: Host, topology: CgroupTopology): Promise<readonly Finding[]> {
  const uid = effectiveUser(host.files, host.proc);
  // What an ordinary user may not do would look like what the kernel cannot.
  if (uid !== null && uid !== 0) throw new VzError('not-root', { path: 'what is to be tried', uid });
  const trees = CONTROLLERS.map((name) => topology.controllers.get(name)?.mount ?? '');
  const args = [topology.unified ?? '', ...trees];
  const prelude = { sh: SHELL_PRELUDE, perl: perlPrelude(process.arch) };
  const tried = await Promise.all(PROBES.map((probe) => ask(host, probe, prelude[probe.language], args)));
  const limits = await tryLimits(host, topology, false);
  const all = [mode(topology), ...(await idmaps(host)), ...tried, ...limits];
  const groups = [...new Set([...tried, ...limits].map((one) => one.group))];
  return groups.flatMap((group) => all.filter((one) => one.group === group));
}

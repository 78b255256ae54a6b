// What is missing on this node for containers to run, each with its remedy: asked by the manager's first screen, and by start before it makes
// anything. Puts together what the mechanisms know.
import type { CgroupTopology } from '../cgroup/face.ts';
import { cgroupObstacles } from '../cgroup/obstacles.ts';
import { VzError } from '../errors.ts';
import { kernelObstacles, type Obstacle } from '../host/obstacles.ts';
import { above, nearest } from '../host/paths.ts';
import type { Host } from '../host/port.ts';
import { canMapIds, fileSystemOf } from '../rootfs/idmap-probe.ts';
import { policyObstacle } from '../rootfs/wall/apparmor.ts';
import type { NodeConfig } from '../store/node-config.ts';
import { privateOf, readCt } from '../store/registry.ts';
import { programObstacles } from '../template/obstacles.ts';
import { freeId } from './list.ts';

async function areaObstacles(host: Host, node: NodeConfig): Promise<readonly Obstacle[]> {
  const next = privateOf(node, readCt(host, node, freeId({ host, node })));
  const areas = next === null ? [] : [{ path: above(next), fatal: true, loss: '' }];
  const all = [...areas, { path: `${node.templateDir}/cache`, fatal: false, loss: ': the layout overlay is not possible' }];
  const found: Obstacle[] = [];
  for (const { path, fatal, loss } of all) {
    if (await canMapIds(host, nearest(host.files, path))) continue;
    const { message, remedy } = new VzError('no-idmap', { path, type: fileSystemOf(host, path) });
    found.push({ what: `${message}${loss}`, remedy, fatal });
  }
  return found;
}

/** Everything, the worst first. */
export async function nodeObstacles(host: Host, node: NodeConfig, topology: CgroupTopology): Promise<readonly Obstacle[]> {
  const policy = policyObstacle(host, node.tag);
  const found = [
    ...kernelObstacles(host.files, host.proc),
    ...cgroupObstacles(host.files, host.proc, topology),
    ...(await areaObstacles(host, node)),
    ...(policy ? [policy] : []),
    ...programObstacles(host.files),
  ];
  return [...found.filter((one) => one.fatal), ...found.filter((one) => !one.fatal)];
}

/** Throws VzError 'node-unfit' with the first thing that lets no container start; a file system says so itself when it is mounted. */
export function checkNode(host: Host, topology: CgroupTopology): void {
  const all = [...kernelObstacles(host.files, host.proc), ...cgroupObstacles(host.files, host.proc, topology)];
  const worst = all.find((one) => one.fatal);
  if (worst) throw new VzError('node-unfit', { what: worst.what, remedy: worst.remedy });
}

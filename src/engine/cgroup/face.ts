// Cgroups of a container, v1 and v2 behind one face. Below a top T of our own (`/vz[-tag]`, or the delegated cgroup of the node's vz service):
//   T/<id>/keeper     the keeper; not counted, not killed with the container
//   T/<id>/ct         limits, cgroup.kill, bounds on sub-groups; stays root's
//   T/<id>/ct/init    delegated to the container's root; its cgroup namespace begins here (v2 only; on v1 hierarchies T/<id>/ct is the last level)
import type { Op } from '../spec/op.ts';

/** What the machine has mounted and who holds which controller. Found, never assumed. */
export interface CgroupTopology {
  readonly mode: 'v1' | 'hybrid' | 'v2';
  /** Mount point of the v2 tree, null on a node without one. */
  readonly unified: string | null;
  /** Controller name → mount point of its v1 hierarchy, or the v2 mount point. */
  readonly controllers: ReadonlyMap<string, { readonly version: 1 | 2; readonly mount: string }>;
  /** Mount points of all hierarchies that a container must have a place in (v1 ones once each, name=systemd, v2). */
  readonly hierarchies: readonly string[];
  /** Path of T below each mount point, e.g. "/vz" or "/vz-1a2b3c4d". */
  readonly top: string;
}

/** Limits in base units; null = no limit. */
export interface Limits {
  readonly numproc: number | null;
  /** Bytes. */
  readonly memory: number | null;
  /** Bytes of swap above memory. */
  readonly swap: number | null;
  /** OpenVZ units 8…500000, default 1000. */
  readonly cpuunits: number;
  /** Percent of one CPU, 0 = none. */
  readonly cpulimit: number;
  /** CPUs at most, 0 = all. */
  readonly cpus: number;
}

export interface Usage {
  readonly numproc: number;
  /** Bytes charged. */
  readonly memory: number;
  readonly memoryPeak: number;
  /** CPU time used since start, microseconds. */
  readonly cpuUsec: number;
  /** Refusals: forks at the pids limit, memory limit (v2: events oom; v1: failcnt), OOM kills. */
  readonly numprocFail: number;
  readonly memoryFail: number;
  readonly oomKill: number;
}

export interface ContainerCgroups {
  /** Directories in the order in which they are made. */
  readonly directories: readonly string[];
  /** makes them, writes limits and device rules; `owner` = first mapped id, to which ct/init is delegated. */
  create(limits: Limits, owner: number): readonly Op[];
  /** Writes for changed limits of a running container. */
  update(limits: Limits): readonly Op[];
  /** Moves the keeper-to-be into its place on every hierarchy. */
  joinKeeper(): readonly Op[];
  /** Moves the calling process out of T to where it may stay when T/<id> is removed (the hierarchies' roots, or the node service's own group). */
  leaveKeeper(): readonly Op[];
  /** v2 directory to be born into, null without a v2 tree. */
  readonly birth: string | null;
  /** attachCgroup operations for the v1 hierarchies. */
  attach(): readonly Op[];
  /** joinCgroup operations of a process that enters the running container. */
  joinEnter(): readonly Op[];
  /** Ends every process of the container (not the keeper). */
  kill(): readonly Op[];
  /** Removes all directories of the container; harmless when some are gone. */
  remove(): readonly Op[];
  freeze(on: boolean): readonly Op[];
}

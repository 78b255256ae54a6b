// Cgroups of a container, v1 and v2 behind one face. Below a top T of our own (`/vz[-tag]`, or the delegated cgroup of the node's vz service):
//   T/keepers         all keepers: not counted, not killed with their containers, outside of the session that started them
//   T/<id>            limits, kill, freeze, bounds on sub-groups, device access; stays root's
//   T/<id>/init       delegated to the container's root; its cgroup namespace begins here (v2 only; on v1 hierarchies T/<id> is the last level)
//   T/<id>/init/enter processes that enter from outside (v2 only: a group whose controllers an inner systemd hands on may hold no process itself)
// One group for all keepers and no level between T and the limits: each directory costs 25 µs and 10.7 KB of kernel memory, on each hierarchy.
import type { Op } from '../spec/op.ts';

/** One mounted cgroup tree. */
export interface Hierarchy {
  readonly version: 1 | 2;
  readonly mount: string;
  /** What it controls; empty for a named v1 hierarchy and for a v2 tree whose controllers are all v1. */
  readonly controllers: readonly string[];
}

/** What the machine has mounted and who holds which controller. Found, never assumed. */
export interface CgroupTopology {
  readonly mode: 'v1' | 'hybrid' | 'v2';
  /** Mount point of the v2 tree, null on a node without one. */
  readonly unified: string | null;
  /** Controller name → the hierarchy that has it. */
  readonly controllers: ReadonlyMap<string, Hierarchy>;
  /** Trees in which a container has a place: v2 first, then those v1 ones that it needs. */
  readonly hierarchies: readonly Hierarchy[];
  /** Path of T below each mount point, e.g. "/vz", "/vz-1a2b3c4d" or "/system.slice/vz.service". */
  readonly top: string;
  /** systemd's name of the service whose cgroup T is; null where nobody else manages the tree. */
  readonly service: string | null;
  /** Files that the kernel wants handed over with a delegated directory. */
  readonly delegate: readonly string[];
  /** Swap can be limited. */
  readonly swap: boolean;
  /** Fork refusals are counted in the group that forks, not in the one whose limit it was, although the kernel could (mount option). */
  readonly localPidsEvents: boolean;
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

/** A device that may be used: type b or c, minor null = all of the major; access any of r, w, m (mknod). */
export interface DeviceRule {
  readonly type: 'b' | 'c';
  readonly major: number;
  readonly minor: number | null;
  readonly access: string;
}

export interface Standstill {
  readonly file: string;
  /** In its text when all processes stand still. */
  readonly says: string;
  /** The kernel tells of changes of the file; the freezer of v1 does not, and moves on only when it is read. */
  readonly told: boolean;
}

export interface ContainerCgroups {
  /** Directories in the order in which they are made. */
  readonly directories: readonly string[];
  /** Makes them, writes limits and device rules; `owner` = first mapped id, to which T/<id>/init is delegated. */
  create(limits: Limits, owner: number): readonly Op[];
  /**
   * Writes for changed limits of a running container. A memory limit below what cannot be reclaimed fails and changes nothing
   * (v1: EBUSY, v2: EAGAIN), instead of killing processes as a bare write to memory.max would.
   */
  update(limits: Limits): readonly Op[];
  /** v2 directories that the keeper, init and programs that enter are born in; "" without a v2 tree. */
  readonly births: { readonly keeper: string; readonly init: string; readonly enter: string };
  /** Moves the keeper-to-be into its place on every hierarchy. */
  joinKeeper(): readonly Op[];
  /** attachCgroup operations for the v1 hierarchies. */
  attach(): readonly Op[];
  /** The same at `enter`, for a program that joins the running container. */
  joinEnter(): readonly Op[];
  /** Ends every process of the container (not the keeper). */
  kill(): readonly Op[];
  /** Removes all directories of the container; harmless when some are gone. */
  remove(): readonly Op[];
  freeze(on: boolean): readonly Op[];
  /** Where the kernel tells that all of it stands still; null where nothing can freeze. */
  readonly standstill: Standstill | null;
}

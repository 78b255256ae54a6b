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
  /** Bytes that are left to it when the node reclaims memory from all, 0 = none, Infinity = all. */
  readonly guarantee: number;
  /** Bytes of TCP buffers, both directions together. */
  readonly tcpBuffers: number | null;
  /** Lists of CPUs and of NUMA nodes as the kernel writes them, "0-2,7"; null = all. */
  readonly cpumask: string | null;
  readonly nodemask: string | null;
  /** Share of the disk against other groups, 100 = as everybody. */
  readonly ioWeight: number;
  /** Bytes, and operations, per second: reads and writes each. 0 = no limit. */
  readonly ioRate: number;
  readonly ioOps: number;
  /** Where the limits on input and output act; null = nowhere. */
  readonly disk: Disk | null;
}

export type LimitName = Exclude<keyof Limits, 'disk'>;

/** The block device that a directory's input and output go to. */
export interface Disk {
  /** "254:0", the whole disk of a partition. */
  readonly device: string;
  readonly name: string;
  /** What divides the disk by weights: the scheduler bfq, or the controller io.cost where it is switched on; null: nothing. */
  readonly weigher: 'bfq' | 'iocost' | null;
  /** The scheduler in use, of the disk at the bottom. */
  readonly scheduler: string;
}

/**
 * How container 0, the node, stands to all others: its units against theirs together, which is what the weight of our top among its siblings
 * says. 1000 is as every other group.
 */
export interface TopShare {
  readonly path: string;
  readonly text: string;
  /** The node's units by what stands there now; null while T is not there. */
  readonly now: number | null;
  /** systemd's service that T is, and the property that it has it write; null where nobody else manages the tree. */
  readonly service: { readonly unit: string; readonly property: string } | null;
}

/** A group above the containers, whose guarantee of memory bounds theirs. */
export interface GuaranteeLevel {
  readonly path: string;
  /** systemd's unit that the group is; null where nobody else manages the tree. */
  readonly unit: string | null;
  /** Bytes that stand there now. */
  readonly now: number;
  /** Bytes that must stand there. */
  readonly wanted: number;
}

/** What one change of limits writes, and what it answers. */
export interface LimitChange {
  readonly of: readonly LimitName[];
  /** Group on a v1 hierarchy that the container is not in yet: made by `make`, its processes are to be moved there. "" otherwise. */
  readonly join: string;
  readonly make: readonly Op[];
  readonly writes: readonly { readonly path: string; readonly text: string; readonly present?: (text: string) => string }[];
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
  create(limits: Limits, owner: number, devices?: readonly DeviceRule[]): readonly Op[];
  /** Changes which devices a running container may use, beside those that every container has; at no moment is more allowed than before or after. */
  devices(rules: readonly DeviceRule[]): readonly Op[];
  /** Does the kernel say that a device may be used? null where it does not tell (a program of v2). */
  allows(rule: DeviceRule): boolean | null;
  /**
   * Writes for changed limits of a running container, one entry for those that change together; of `wanted` only, where it is given. A memory
   * limit below what cannot be reclaimed fails and changes nothing (v1: EBUSY, v2: EAGAIN), instead of killing processes as a bare write to
   * memory.max would.
   */
  changes(limits: Limits, wanted?: ReadonlySet<LimitName>): readonly LimitChange[];
  /** The same as operations, where nobody wants any of it back. */
  update(limits: Limits): readonly Op[];
  /** Which of the limits the kernel can hold the container to, and what it holds it to now. `limits`: as they should be. */
  held(limits: Limits): Partial<Limits>;
  /** Present use of what a limit bounds, in its unit; null where the kernel does not tell. */
  use(name: LimitName): number | null;
  /** The directory below which all its processes are sure to be; null where there is none. */
  readonly whole: string | null;
  /** Its directory in the v2 tree, null without one. */
  readonly unified: string | null;
  /** v2 directories that the keeper, init and programs that enter are born in; "" without a v2 tree. */
  readonly births: { readonly keeper: string; readonly init: string; readonly enter: string };
  /** Moves the keeper-to-be into its place on every hierarchy. */
  joinKeeper(): readonly Op[];
  /** attachCgroup operations for the v1 hierarchies; `limits` may ask for further ones. */
  attach(limits?: Limits): readonly Op[];
  /** The same at `enter`, for a program that joins the running container. */
  joinEnter(): readonly Op[];
  /** Ends every process of the container (not the keeper). */
  kill(): readonly Op[];
  /** Begins the highest use anew, as far as the kernel lets it; `kept`: limits of which it does not. */
  resetPeaks(): { readonly ops: readonly Op[]; readonly kept: readonly LimitName[] };
  /** The groups above it, as they must be when it is promised so many bytes. */
  above(bytes: number): readonly GuaranteeLevel[];
  /** Weighs all containers together against the node's own groups; null where nothing divides CPU time. */
  share(node: number): TopShare | null;
  /** Removes all directories of the container; harmless when some are gone. */
  remove(): readonly Op[];
  freeze(on: boolean): readonly Op[];
  /** Where the kernel tells that all of it stands still; null where nothing can freeze. */
  readonly standstill: Standstill | null;
}

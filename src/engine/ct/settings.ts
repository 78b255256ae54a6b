// One container's configuration as the verbs need it: paths with the prefix, values in base units. Built by the registry's reader.
import type { Limits } from '../cgroup/face.ts';
import type { RootMount } from '../rootfs/root-mount.ts';

export interface CtSettings {
  readonly id: number;
  readonly name: string;
  /** "" leaves the kernel's default. */
  readonly hostname: string;
  readonly rootMount: RootMount;
  readonly limits: Limits;
  /** VZDECK_IDBASE, null when none is recorded. */
  readonly idWish: number | null;
  /** Terminals that the keeper holds: 1 is the console. */
  readonly ttys: readonly number[];
  /** Pseudo-terminals inside (numpty), and queued signals (numsiginfo). */
  readonly numpty: number;
  readonly numsiginfo: number;
  /** Seconds. */
  readonly stopTimeout: number;
  readonly disabled: boolean;
}

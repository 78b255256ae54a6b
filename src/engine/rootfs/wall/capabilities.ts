// What root of a container may do in its own namespaces. A capability in a user namespace never reaches a thing of the node; those dropped
// here are asked for on the node anyway, and programs that see them missing leave alone what would fail.

export interface Capability {
  readonly name: string;
  /** linux/capability.h */
  readonly number: number;
  readonly reason: string;
}

export const DROPPED: readonly Capability[] = [
  { name: 'sys_module', number: 16, reason: 'no module can be loaded; systemd skips what would try' },
  { name: 'sys_rawio', number: 17, reason: 'no hardware; systemd skips debugfs, tracefs and configfs' },
  { name: 'sys_resource', number: 24, reason: 'without it root cannot raise user.max_* and pass limits of its namespace' },
  { name: 'sys_time', number: 25, reason: 'the clock is the node’s; time daemons do not start' },
  { name: 'audit_control', number: 30, reason: 'auditing belongs to the node' },
  { name: 'mac_override', number: 32, reason: 'security modules belong to the node' },
  { name: 'mac_admin', number: 33, reason: 'security modules belong to the node' },
  { name: 'syslog', number: 34, reason: 'the kernel log and kernel addresses' },
  { name: 'wake_alarm', number: 35, reason: 'would wake the node' },
  { name: 'block_suspend', number: 36, reason: 'would keep the node awake' },
  { name: 'audit_read', number: 37, reason: 'auditing belongs to the node; journald does not open its socket' },
  { name: 'perfmon', number: 38, reason: 'perf_event_open is refused' },
  { name: 'bpf', number: 39, reason: 'bpf is refused' },
  { name: 'checkpoint_restore', number: 40, reason: 'choosing pids and changing executables of others is for the node’s checkpointing' },
];

/** chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service … audit_write setfcap. */
const LAST = 40;

const bit = (number: number): bigint => 1n << BigInt(number);

/** Numbers of linux/capability.h, in its order. */
const ALL =
  'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin ' +
  'net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time ' +
  'sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf ' +
  'checkpoint_restore';
const NUMBERS: ReadonlyMap<string, number> = new Map(ALL.split(' ').map((name, number) => [name, number]));

/**
 * Deny by default, as Linux-VServer did: what daemons need that bind ports, change user, go into a directory of their own and look after files.
 * Nothing that mounts, makes interfaces or namespaces, reads foreign memory by force, locks memory or orders processes.
 */
const STRICT =
  'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap net_bind_service net_broadcast sys_chroot sys_boot ' +
  'sys_tty_config lease audit_write setfcap';

/** Bit n = capability n, for the operation `caps`. Capabilities that this table does not know are dropped. */
export const KEPT: bigint = DROPPED.reduce((keep, { number }) => keep & ~bit(number), bit(LAST + 1) - 1n);

const bits = (names: readonly string[]): bigint =>
  names.reduce((set, name) => set | (NUMBERS.has(name) ? bit(NUMBERS.get(name) ?? 0) : 0n), 0n);

export type CapabilityProfile = 'openvz' | 'strict';
const PROFILES: Readonly<Record<CapabilityProfile, bigint>> = { openvz: KEPT, strict: bits(STRICT.split(' ')) };

/** Names that the table of capabilities knows, of a set. */
export const capabilityNames = (set: bigint): readonly string[] =>
  [...NUMBERS].flatMap(([name, number]) => ((set >> BigInt(number)) & 1n ? [name] : []));

/** A profile with switches over it (name in lower case → on). Names that only OpenVZ's kernel knew (ve_admin, fs_mask) change nothing. */
export function capabilitySet(profile: CapabilityProfile, switches: ReadonlyMap<string, boolean> = new Map()): bigint {
  const named = (on: boolean): bigint => bits([...switches].flatMap(([name, is]) => (is === on ? [name] : [])));
  return (PROFILES[profile] | named(true)) & ~named(false);
}

/** From /proc/PID/status: the bounding set of a process. */
export function boundingSet(status: string): bigint | null {
  const hex = /^CapBnd:\t([0-9a-f]+)$/m.exec(status)?.[1];
  return hex === undefined ? null : BigInt(`0x${hex}`);
}

/** Does a set hold CAP_SYS_ADMIN: may who has it mount, and administer namespaces? */
export const administers = (set: bigint): boolean => (set & bits(['sys_admin'])) !== 0n;

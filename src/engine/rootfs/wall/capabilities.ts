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

/** Bit n = capability n, for the operation `caps`. Capabilities that this table does not know are dropped. */
export const KEPT: bigint = DROPPED.reduce((keep, { number }) => keep & ~bit(number), bit(LAST + 1) - 1n);

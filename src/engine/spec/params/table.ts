// THE table: every parameter of a container, in the order in which new lines are appended to a config.
import { CPULIMIT, CPUMASK, CPUS, CPUUNITS, CPUUWEIGHT, NODEMASK } from './cpu.ts';
import { DEVICES, DEVNODES, PCI } from './devices.ts';
import { DISK_QUOTA, DISKINODES, DISKSPACE, IOLIMIT, IOPRIO, IOPSLIMIT, QUOTATIME, QUOTAUGIDLIMIT } from './disk.ts';
import { VZDECK_FORWARD } from './forward.ts';
import {
  BOOTORDER,
  DESCRIPTION,
  DISABLED,
  LOCAL_GID,
  LOCAL_UID,
  MEMINFO,
  MOUNT_OPTS,
  NAME,
  ONBOOT,
  ORIGIN_SAMPLE,
  OSTEMPLATE,
  STOP_TIMEOUT,
  VE_LAYOUT,
  VE_PRIVATE,
  VE_ROOT,
  VZDECK_IDBASE,
  VZDECK_TIMEZONE,
  VZDECK_TTYS,
  VZDECK_USERLAND,
} from './general.ts';
import { VZDECK_LINKS, VZDECK_NETWORK } from './links.ts';
import { BINDMOUNT } from './mounts.ts';
import { HOSTNAME, IP_ADDRESS, NAMESERVER, NETDEV, SEARCHDOMAIN } from './net.ts';
import { NETIF } from './netif-param.ts';
import { VZDECK_RATE } from './rate.ts';
import { CAPABILITY, FEATURES_PARAM, IPTABLES_PARAM, NETFILTER, VZDECK_CAPABILITIES, VZDECK_PROC } from './rights.ts';
import type { Flag, Param } from './types.ts';
import { UBC_PARAMS } from './ubc.ts';

export type Section = 'beancounters' | 'rights' | 'network' | 'devices' | 'general' | 'processors' | 'disk';

const SECTIONS: readonly (readonly [Section, readonly Param[]])[] = [
  ['beancounters', UBC_PARAMS],
  ['rights', [IPTABLES_PARAM, NETFILTER, CAPABILITY, VZDECK_CAPABILITIES, VZDECK_PROC]],
  ['network', [IP_ADDRESS, NETDEV, HOSTNAME]],
  ['general', [DESCRIPTION]],
  ['network', [NAMESERVER, SEARCHDOMAIN]],
  ['devices', [DEVICES, DEVNODES, PCI]],
  ['general', [VE_ROOT, VE_PRIVATE, VE_LAYOUT, MOUNT_OPTS]],
  ['devices', [BINDMOUNT]],
  ['general', [OSTEMPLATE]],
  ['processors', [CPUUNITS, CPUUWEIGHT, CPULIMIT, CPUS, CPUMASK, NODEMASK]],
  ['general', [ONBOOT, ORIGIN_SAMPLE, DISABLED]],
  ['disk', [DISK_QUOTA, DISKSPACE, DISKINODES, QUOTATIME, QUOTAUGIDLIMIT]],
  ['general', [MEMINFO]],
  ['network', [NETIF]],
  ['general', [NAME]],
  ['rights', [FEATURES_PARAM]],
  ['disk', [IOPRIO, IOLIMIT, IOPSLIMIT]],
  ['general', [BOOTORDER, STOP_TIMEOUT, LOCAL_UID, LOCAL_GID, VZDECK_IDBASE, VZDECK_TIMEZONE, VZDECK_TTYS, VZDECK_USERLAND]],
  ['network', [VZDECK_LINKS, VZDECK_NETWORK, VZDECK_FORWARD, VZDECK_RATE]],
];

export const PARAMS: readonly Param[] = SECTIONS.flatMap(([, params]) => params);

const bySection = new Map(SECTIONS.flatMap(([section, params]) => params.map((p) => [p.key, section] as const)));
const byKey = new Map(PARAMS.flatMap((p) => [p.key, ...(p.aliases ?? [])].map((key) => [key, p] as const)));
const byFlag = new Map(PARAMS.flatMap((param) => param.flags.map((flag) => [flag.name, { param, flag }] as const)));

/** By config key or one of its aliases. */
export function paramOf(key: string): Param | undefined {
  return byKey.get(key);
}

export function sectionOf(param: Param): Section {
  return bySection.get(param.key) ?? 'general';
}

/** By the name of a command-line option, without dashes. */
export function flagOf(name: string): { readonly param: Param; readonly flag: Flag } | undefined {
  return byFlag.get(name);
}

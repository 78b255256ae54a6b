// Disk space, quotas and input/output.
import { parseNumber } from '../units.ts';
import { cgroup, nobody } from './enforcer.ts';
import { number, pair, refused, taken, unsigned, yesNo } from './grammar.ts';
import type { Grammar, Param, Reading } from './types.ts';

const INT_MAX = 2_147_483_647n;

/** Bytes per second. A bare number is in MB on the command line and in bytes in a config. */
function rate(text: string, bare: bigint): Reading {
  if (text === 'unlimited') return taken('0');
  const bytes = parseNumber(text, { unit: 1n, bare, suffix: true, max: INT_MAX });
  return bytes.ok ? taken(String(bytes.value)) : refused;
}

const ioRate: Grammar = {
  hint: 'N megabytes per second, suffixes B K M G; 0 or unlimited for none',
  read: (text) => rate(text, 1n << 20n),
  readFile: (text) => rate(text, 1n),
  examples: ['0', '10485760'],
};

export const DISK_QUOTA: Param = {
  key: 'DISK_QUOTA',
  grammar: yesNo,
  flags: [{ name: 'diskquota', op: 'set' }],
  repeat: 'first',
  acts: 'restart',
  effect: 'none',
  enforcer: nobody('this version keeps no disk quota'),
  help: 'hold the container to its disk space',
};
export const DISKSPACE: Param = {
  key: 'DISKSPACE',
  grammar: pair('N[:N] blocks of 1 KB, suffixes K M G T', { unit: 1024n, suffix: true, fraction: true }, true),
  flags: [{ name: 'diskspace', op: 'set' }],
  repeat: 'first',
  acts: 'live',
  effect: 'none',
  enforcer: nobody('this version keeps no disk quota'),
  unit: 'blocks',
  help: 'disk space: soft and hard limit',
  field: 'diskspace',
};
export const DISKINODES: Param = {
  key: 'DISKINODES',
  grammar: pair('N[:N], suffixes K M G T', { unit: 1n, suffix: true, fraction: true }, true),
  flags: [{ name: 'diskinodes', op: 'set' }],
  repeat: 'first',
  acts: 'live',
  effect: 'none',
  enforcer: nobody('this version keeps no disk quota'),
  unit: 'items',
  help: 'number of files: soft and hard limit',
  field: 'diskinodes',
};
export const QUOTATIME: Param = {
  key: 'QUOTATIME',
  grammar: unsigned,
  flags: [{ name: 'quotatime', op: 'set' }],
  repeat: 'first',
  acts: 'live',
  effect: 'none',
  enforcer: nobody('this version keeps no disk quota'),
  unit: 'seconds',
  fallback: '259200',
  help: 'seconds for which the soft limit may be exceeded',
};
export const QUOTAUGIDLIMIT: Param = {
  key: 'QUOTAUGIDLIMIT',
  grammar: unsigned,
  flags: [{ name: 'quotaugidlimit', op: 'set' }],
  repeat: 'first',
  acts: 'restart',
  effect: 'none',
  enforcer: nobody('this version keeps no disk quota'),
  unit: 'items',
  fallback: '0',
  help: 'users and groups that quota counts inside; 0: none',
};
export const IOPRIO: Param = {
  key: 'IOPRIO',
  grammar: number('0…7', { unit: 1n, suffix: false, max: 7n }),
  flags: [{ name: 'ioprio', op: 'set' }],
  repeat: 'last',
  acts: 'live',
  effect: 'live',
  enforcer: cgroup('io', { 1: 'blkio.bfq.weight', 2: 'io.bfq.weight or io.weight' }, 'where the disk is scheduled by bfq or iocost'),
  fallback: '4',
  help: 'priority of input and output, 7 is the highest',
  field: 'ioprio',
};
export const IOLIMIT: Param = {
  key: 'IOLIMIT',
  grammar: ioRate,
  flags: [{ name: 'iolimit', op: 'set' }],
  repeat: 'last',
  acts: 'live',
  effect: 'live',
  enforcer: cgroup('io', { 1: 'blkio.throttle.read_bps_device', 2: 'io.max' }, 'reads and writes each; on v1 not what is written behind'),
  unit: 'bytes/s',
  fallback: '0',
  help: 'greatest rate of input and output',
  field: 'iolimit',
};
export const IOPSLIMIT: Param = {
  key: 'IOPSLIMIT',
  grammar: number('operations per second, 0 for none', { unit: 1n, suffix: false, max: INT_MAX }),
  flags: [{ name: 'iopslimit', op: 'set' }],
  repeat: 'last',
  acts: 'live',
  effect: 'live',
  enforcer: cgroup('io', { 1: 'blkio.throttle.read_iops_device', 2: 'io.max' }, 'reads and writes each; on v1 not what is written behind'),
  unit: 'operations/s',
  fallback: '0',
  help: 'greatest number of input and output operations per second',
  field: 'iopslimit',
};

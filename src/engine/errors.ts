// Every way in which the engine refuses or fails: one table code → exit status of vzctl → text. Messages are built here and nowhere else.
// A text names object and cause; `remedy` says what to do. Capital first, no full stop at the end, on one line.

import { type Fields, failedOf, knownFailure } from './launch-failures.ts';

interface Entry {
  /** Exit status of vzctl (reference: vzctl(8), EXIT STATUS); of a refusal that wraps others that of its field `exit`, where there is one. */
  readonly exit: number;
  readonly text: (f: Fields) => string;
  readonly remedy?: (f: Fields) => string;
}

const entry = (exit: number, text: Entry['text'], remedy?: Entry['remedy']): Entry => (remedy ? { exit, text, remedy } : { exit, text });

export const ERRORS = {
  system: entry(3, (f) => `${f['what']}: ${f['cause']}`),
  'program-failed': entry(
    8,
    (f) =>
      `${f['program']} ended with ${f['signal'] ? `signal ${f['signal']}` : `status ${f['status']}`}${f['said'] ? `: ${f['said']}` : ''}`,
    () => 'Its lines are in the log of the task',
  ),
  'no-program': entry(
    3,
    (f) => `Unable to execute ${f['program']}: ${f['cause']}`,
    (f) => `Install the package that has ${f['program']}`,
  ),
  'no-support': entry(5, (f) => `${f['what']} is not supported by this kernel: ${f['cause']}`),
  'node-unfit': entry(
    5,
    (f) => `Containers cannot run on this node: ${f['what']}`,
    (f) => String(f['remedy']),
  ),
  'bad-prefix': entry(
    3,
    (f) => `VZDECK_ROOT is no absolute path: ${f['path']}`,
    () => 'Give the whole path of the directory, from / on',
  ),
  'config-unread': entry(
    3,
    (f) => `Unable to read ${f['path']}: ${f['cause']}`,
    () => 'Put a plain file in its place, or take it away',
  ),
  'not-root': entry(
    12,
    (f) => `Containers are run by root: ${f['path']} is closed to user ${f['uid']}`,
    () => 'Type it once more with sudo',
  ),
  'launch-failed': entry(
    7,
    (f) =>
      knownFailure(f)?.text ??
      `${failedOf(f)} at ${f['stage']} operation ${f['index']} (${f['op']}): ${f['syscall']} ${f['path']}: ${f['errno']}`,
    (f) => knownFailure(f)?.remedy ?? '',
  ),
  locked: entry(
    9,
    (f) => `Container ${f['ct']} is locked by pid ${f['pid']} (${f['verb'] || f['cmdline']})`,
    () => 'Wait for it to end, or use --skiplock if you know that it does nothing here any more',
  ),
  'no-lock': entry(
    3,
    (f) => `Unable to lock container: ${f['path']}: ${f['cause']}`,
    () => 'Use --skiplock if the file system is read-only',
  ),
  'lock-stuck': entry(
    3,
    (f) => `${f['path']} has been held by ${f['pid'] ? `process ${f['pid']} (${f['cmdline']})` : 'somebody else'} for ${f['seconds']} s`,
    (f) => (f['pid'] ? `Wait for it; if it hangs: kill -9 ${f['pid']}` : 'Look for a process of vzdeck that is stopped or hangs'),
  ),
  cancelled: entry(3, (f) => `${f['what']} was cancelled`),
  'not-running': entry(31, () => 'Container is not running'),
  'no-process': entry(
    3,
    (f) => `Process ${f['pid']} is not in container ${f['ct']} any more`,
    () => 'Look again: vzdeck ps',
  ),
  running: entry(32, () => 'Container is already running'),
  mounted: entry(41, () => 'Container is currently mounted (umount first)'),
  'not-mounted': entry(40, () => 'CT is not mounted'),
  'place-refused': entry(
    21,
    (f) => `${f['key']} of container ${f['ct']} is refused: ${f['path']} ${f['cause']}`,
    (f) => `Give it a directory of its own, such as ${f['key']}=${f['usual']}`,
  ),
  'private-shared': entry(
    44,
    (f) => `Container ${f['ct']} cannot have the private area ${f['path']}: container ${f['by']} has it`,
    () => 'Give one of them a private area of its own',
  ),
  'no-private': entry(43, (f) => `Container private area ${f['path']} does not exist`),
  'private-exists': entry(44, (f) => `Private area already exists in ${f['path']}`),
  'bad-template': entry(47, (f) => `Template ${f['template']}: ${f['cause']}`),
  'no-template': entry(91, (f) => `Cached OS template ${f['path']}.tar[.gz|.bz2|.xz] not found`),
  'no-space': entry(
    46,
    (f) => `Insufficient disk space in ${f['path']}; available: ${f['available']}, needed: ${f['needed']}`,
    () => 'Make room there, or move VE_PRIVATE; sizes are in KiB',
  ),
  'unpack-failed': entry(48, (f) => `Can't unpack template ${f['template']} into ${f['path']}: ${f['cause']}`),
  'template-missing': entry(
    91,
    (f) => `Template ${f['template']} does not exist in ${f['path']}`,
    () => 'List them with: vzdeck template list',
  ),
  'template-embedded': entry(3, (f) => `Template ${f['template']} came with the program and is not removed`),
  'template-used': entry(
    3,
    (f) => `Template ${f['template']} is the lower layer of container ${f['by']}`,
    () => 'Destroy these containers first',
  ),
  'template-build': entry(
    3,
    (f) => `Template ${f['template']} could not be built: ${f['cause']}`,
    (f) => String(f['remedy'] ?? ''),
  ),
  'mount-failed': entry(50, (f) => `Can't mount ${f['path']}: ${f['cause']}`),
  'umount-failed': entry(51, (f) => `Can't umount: ${f['path']}: ${f['cause']}`),
  'bind-refused': entry(
    50,
    (f) => `${f['source']} cannot be bound at ${f['place']}: ${f['cause']}`,
    (f) => String(f['remedy']),
  ),
  'area-open': entry(
    3,
    (f) => `Private area ${f['path']} can be reached by ordinary users of the node: setuid files of the container would be theirs`,
    (f) => `Type chmod 0700 ${f['dir']}, or move the area into a directory that only root may enter`,
  ),
  'no-idmap': entry(
    50,
    (f) => `The file system of ${f['path']} (${f['type']}) cannot map ids`,
    () => 'Move the private area to ext4, xfs, btrfs or tmpfs; a container is never started privileged instead',
  ),
  'no-ids': entry(
    6,
    () => 'No free range of 65536 user ids from 0x70000000 on',
    () => 'Look into /run/vzdeck-ids and /etc/subuid for who holds them',
  ),
  'init-died': entry(
    47,
    (f) => `Init of container ${f['ct']} ${f['how']} right after its start`,
    () => 'Read the last console lines; check /sbin/init and its libraries in the template',
  ),
  'memory-in-use': entry(
    1,
    (f) => `Container ${f['ct']} holds more memory than ${f['limit']} bytes and cannot give it back: the limit was not lowered`,
    () => 'End programs inside, or choose a higher limit',
  ),
  'not-applied': entry(1, (f) => `Unable to set ${f['what']}: ${f['cause']}${f['others'] ? `; ${f['others']}` : ''}`),
  'node-limit': entry(
    5,
    (f) => `${f['keys']} of the node cannot be set: its own processes are in no control group of ours`,
    () => 'Its cpuunits can: they weigh it against all containers together',
  ),
  'node-idle': entry(
    31,
    () => 'No container has run since the boot of the node, so there is nothing to weigh it against',
    () => 'Use --save: the first start acts on it',
  ),
  'mixed-set': entry(
    20,
    (f) => `${f['now']} can act now, ${f['later']} only after a restart`,
    () => 'Ask for them one after the other, or use --setmode restart, or --partial to have the first now and the others saved',
  ),
  'mask-elsewhere': entry(
    21,
    (f) => `${f['key']} ${f['value']} names nothing of this node, which has ${f['there']}`,
    () => 'Choose among those, or all',
  ),
  'stop-timeout': entry(33, () => 'Unable to stop container: operation timed out'),
  'start-disabled': entry(
    105,
    () => 'Container start disabled',
    () => 'Use --force, or vzctl set CTID --disabled no --save',
  ),
  'destroy-running': entry(32, () => 'Container is currently running. Stop it first.'),
  'still-running': entry(
    32,
    (f) => `Containers run on this node: ${f['cts']}`,
    () => 'Stop them first: vzdeck stop --all',
  ),
  'still-mounted': entry(
    32,
    (f) => `Containers are mounted on this node: ${f['cts']}`,
    () => 'Unmount them first: vzdeck umount --all',
  ),
  'record-newer': entry(
    3,
    (f) =>
      `Container ${f['ct']} was started by a newer vzdeck: the record of its start has form ${f['form']}, known are those up to ${f['known']}`,
    () => 'Work on it with that vzdeck',
  ),
  frozen: entry(
    31,
    (f) => `Container ${f['ct']} is frozen`,
    (f) => `Thaw it first: vzdeck thaw ${f['ct']}`,
  ),
  'freeze-timeout': entry(
    16,
    (f) => `Container ${f['ct']} did not freeze within ${f['seconds']} seconds: a process in it waits for the kernel and cannot be stopped`,
    () => 'It goes on as before; try again when that is over (state D in vzdeck ps)',
  ),
  'umount-running': entry(32, () => 'Container is running -- stop it first'),
  'action-script': entry(79, (f) => `Error executing ${f['moment']} script ${f['file']}`),
  'script-refused': entry(
    79,
    (f) => `Script ${f['file']} is refused: others than root may change ${f['place']}, or it is no plain file`,
    (f) => `Make it root's alone: chown root:root ${f['place']}; chmod go-w ${f['place']}`,
  ),
  'script-missing': entry(11, (f) => `Script not found: ${f['file']}`),
  'template-not-set': entry(24, () => 'TEMPLATE is not set'),
  'no-ostemplate': entry(29, () => 'OS template is not specified'),
  'sample-missing': entry(82, (f) => `Sample config ${f['path']} not found: ${f['cause']}`),
  'sample-refused': entry(82, (f) => `Error: container config file ${f['path']} already exists, can not use --config option`),
  'no-ploop': entry(
    99,
    () => 'The ploop layout is not supported',
    () => 'Use --layout simfs or overlay, or set VE_LAYOUT=simfs in /etc/vz/vz.conf',
  ),
  'not-all-made': entry(
    3,
    (f) => `${f['count']} of ${f['total']} containers were not made; the first is ${f['first']}: ${f['cause']}`,
    () => 'Their list says of each why',
  ),
  'bad-password': entry(
    74,
    () => 'A password has 1 to 255 characters on one line',
    () => 'Choose another one',
  ),
  'no-systemd': entry(
    5,
    () => "The service can be installed on nodes of systemd only, and this node's init is another one",
    () => 'Let its own boot scripts call vzdeck node start and vzdeck node stop',
  ),
  'password-refused': entry(
    74,
    (f) => `Password change failed: ${f['cause']}`,
    () => 'Set it inside: vzctl enter, passwd',
  ),
  'inside-refused': entry(
    3,
    (f) => `Files of container ${f['ct']} cannot be changed: ${f['what']}: ${f['cause']}`,
    () => 'Look at what stands there: vzctl mount shows its files on the node',
  ),
  'address-taken': entry(
    78,
    (f) => `Address ${f['address']} is that of container ${f['owner']}`,
    () => 'Choose another address',
  ),
  'file-exists': entry(
    3,
    (f) => `${f['path']} exists already: passwords are written into a new file only`,
    () => 'Name another file, or take this one away',
  ),
  'sample-exists': entry(
    3,
    (f) => `Sample config ${f['path']} exists already`,
    () => 'Choose another name, or take that file away',
  ),
  'create-script': entry(79, (f) => `User create script ${f['file']} exited with error`),
  'not-deleted': entry(52, (f) => `Unable to delete ${f['path']}: ${f['cause']}`),
  'mount-point': entry(
    48,
    (f) => `Can't create: private dir (${f['path']}) is a mount point. Suggestion: use --private ${f['path']}/private`,
  ),
  'no-applyconfig': entry(109, (f) => `Sample config file not found: ${f['path']}`),
  'bad-value': entry(
    21,
    (f) => `Bad parameter for ${f['key']}: ${f['value']}`,
    (f) => `Expected ${f['hint'] ?? 'a parameter of the table'}`,
  ),
  'exclusive-option': entry(20, (f) => `Error: option ${f['option']} is exclusive`),
  'network-empty': entry(
    20,
    (f) => `Error: --network empty leaves nothing but loopback, which contradicts ${f['options']}`,
    () => 'Leave one of them out',
  ),
  'option-requires': entry(20, (f) => `Error: ${f['option']} requires ${f['other']}`),
  'option-only-with': entry(20, (f) => `Error: option ${f['option']} can only be used with ${f['other']}`),
  'option-needs-save': entry(20, (f) => `Error: unable to use ${f['option']} option without --save`),
  'name-needs-save': entry(131, () => 'Error: unable to use --name option without --save'),
  'force-needs-save': entry(20, () => 'Error: --force is useless without --save'),
  'setmode-needs-save': entry(20, () => "Error: --setmode restart doesn't make sense without --save flag"),
  'netif-usage': entry(20, (f) => String(f['text'])),
  'ub-missing': entry(28, (f) => `Error: required UB parameter (${f['name']}) not set`),
  'apply-stopped': entry(31, (f) => `Unable to ${f['what']}: container is not running`),
  'path-running': entry(32, (f) => `Unable to change ${f['key']} on a running container`),
  'needs-restart': entry(32, (f) => String(f['text'])),
  'net-failed': entry(
    34,
    (f) => `The network was refused by ${f['what']}: ${f['cause']}`,
    (f) => String(f['remedy'] ?? ''),
  ),
  'no-such-end': entry(
    21,
    (f) => `${f['word']} is no end of a way: no container, no address, and not "node"`,
    () => 'Give a CTID or name, "node" or an address, and a port after it: 101, web:80, node, 10.0.0.9:53/udp, [2001:db8::9]:80',
  ),
  'net-elsewhere': entry(
    34,
    (f) => `The network of container ${f['ct']} stands in another network namespace (${f['namespace']})`,
    (f) => (f['pid'] === undefined ? 'Run it there' : `Run it there: nsenter --target ${f['pid']} --net …`),
  ),
  'port-conflict': entry(
    78,
    (f) => `Port ${f['port']} of the node ${f['why']}`,
    () => 'Choose another port',
  ),
  'netdev-refused': entry(
    104,
    (f) => `Network device ${f['device']} ${f['why']}`,
    (f) => String(f['remedy'] ?? 'Name another device, or take it out of the list with --netdev_del'),
  ),
  'address-conflict': entry(
    78,
    (f) => `Unable to add IP ${f['address']}: it ${f['why']}`,
    (f) => String(f['remedy'] ?? 'Choose another address; --ipadd auto takes a free one of the pools'),
  ),
  'veth-refused': entry(
    130,
    (f) => `Unable to create veth device ${f['device']}: ${f['why']}`,
    (f) => String(f['remedy'] ?? 'Choose another'),
  ),
  'veth-script': entry(130, (f) => `${f['file']} exited with error ${f['status']} for ${f['device']}`),
  'config-not-saved': entry(139, (f) => `Unable to save ${f['path']}: ${f['cause']}`),
  'name-conflict': entry(131, (f) => `Conflict: name ${f['name']} already used by container ${f['owner']}`),
  'name-link': entry(131, (f) => `Unable to create link ${f['path']}: ${f['cause']}`),
  'root-not-set': entry(22, () => 'VE_ROOT is not set'),
  'private-not-set': entry(23, () => 'VE_PRIVATE is not set'),
  'no-tty': entry(
    3,
    (f) => `Container ${f['ct']} has no tty ${f['tty']}, only ${f['ttys']}`,
    () => 'Set VZDECK_TTYS in its config and restart it',
  ),
  'no-keeper': entry(
    3,
    (f) => `The keeper of container ${f['ct']} is gone, and its console with it`,
    (f) => `Attach to it: vzctl console ${f['ct']} gives it a new keeper`,
  ),
  'wait-failed': entry(133, (f) => `Container wait failed${f['cause'] ? ` - ${f['cause']}` : ''}`),
  'no-config': entry(14, () => 'Container config file does not exist'),
  'bad-state': entry(
    3,
    (f) => `Container ${f['ct']} is ${f['state']}: ${f['verb']} is not possible`,
    (f) => String(f['instead'] ?? ''),
  ),
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof ERRORS;

/** Control characters would steer the terminal that shows a text; names, values and what programs said come from anywhere. */
export function drawable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '?');
}

export class VzError extends Error {
  readonly code: ErrorCode;
  readonly fields: Fields;
  constructor(code: ErrorCode, fields: Fields = {}, cause?: unknown) {
    super(drawable(ERRORS[code].text(fields)), cause === undefined ? undefined : { cause });
    this.name = 'VzError';
    this.code = code;
    this.fields = fields;
  }
  get exit(): number {
    const { exit } = this.fields;
    return typeof exit === 'number' ? exit : ERRORS[this.code].exit;
  }
  get remedy(): string {
    return (ERRORS[this.code] as Entry).remedy?.(this.fields) ?? '';
  }
}

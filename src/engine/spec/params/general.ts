// Parameters of a container as a whole: what it is called, where it lies, what it was made from, when it starts.
import { MAX_TTYS } from '../op.ts';
import { distribution, engine, idmap, kernel, nobody, seccomp } from './enforcer.ts';
import { number, oneOf, path, refused, taken, text, unsigned, yesNo } from './grammar.ts';
import type { Grammar, Param } from './types.ts';

/** Names are links in a directory and words of command lines. "." and ".." are no names, whatever their letters. */
const containerName: Grammar = {
  hint: 'letters, digits, blanks and - + _ . ; empty takes the name away',
  read: (value) => (/^[A-Za-z0-9 \-+_.]*$/.test(value) ? taken(value) : refused),
  examples: ['web', 'a b-c+d_e.f', ''],
};

/** A layout, without the mode that ploop may have. */
const layout: Grammar = {
  hint: 'simfs, overlay or ploop[:expanded|plain|raw]',
  read: (value) => (/^(simfs|overlay|ploop(:(expanded|plain|raw))?)$/.test(value) ? taken(value.split(':')[0] ?? '') : refused),
  examples: ['simfs', 'overlay', 'ploop'],
  choices: ['simfs', 'overlay', 'ploop'],
};

/** none, or MODE:N with N ≠ 0; what follows N is not looked at, and an empty value changes nothing. */
const meminfo: Grammar = {
  hint: 'none, pages:N or privvmpages:N',
  read(value) {
    if (value === 'none' || value === '') return taken(value);
    const match = /^(pages|privvmpages):\s*\+?(\d+)/.exec(value);
    const count = BigInt(match?.[2] ?? 0);
    return count === 0n || count > 18_446_744_073_709_551_615n ? refused : taken(`${match?.[1]}:${count}`);
  },
  merge: (_before, change) => ({ ok: true, value: change.set ? change.set : null }),
  examples: ['none', 'privvmpages:2', 'pages:1000'],
};

const seconds = number('seconds', { unit: 1n, suffix: false, max: 2_147_483_647n });

export const DESCRIPTION: Param = {
  key: 'DESCRIPTION',
  grammar: text,
  flags: [{ name: 'description', op: 'set' }],
  repeat: 'first',
  acts: 'stored',
  effect: 'live',
  enforcer: engine('shows it'),
  help: 'a line about the container',
  field: 'description',
};
export const VE_ROOT: Param = {
  key: 'VE_ROOT',
  grammar: path,
  flags: [{ name: 'root', op: 'set' }],
  repeat: 'first',
  acts: 'stored',
  effect: 'start',
  enforcer: engine('mounts the container there'),
  fallback: '/vz/root/$VEID',
  help: 'where the running container is mounted',
  field: 'root',
};
export const VE_PRIVATE: Param = {
  key: 'VE_PRIVATE',
  grammar: path,
  flags: [{ name: 'private', op: 'set' }],
  repeat: 'first',
  acts: 'stored',
  effect: 'start',
  enforcer: engine('mounts it'),
  fallback: '/vz/private/$VEID',
  help: 'where the files of the container lie',
  field: 'private',
};
export const VE_LAYOUT: Param = {
  key: 'VE_LAYOUT',
  grammar: layout,
  flags: [
    { name: 'layout', op: 'set' },
    { name: 've_layout', op: 'set', help: 'the same as --layout' },
    { name: 'velayout', op: 'set', help: 'the same as --layout' },
  ],
  repeat: 'last',
  acts: 'stored',
  effect: 'live',
  enforcer: engine('makes and mounts the tree so'),
  since: '5.19 for overlay',
  fallback: 'simfs',
  help: 'how the files lie on disk: a plain tree, a layer over the template, or an image',
  field: 'layout',
};
export const MOUNT_OPTS: Param = {
  key: 'MOUNT_OPTS',
  grammar: text,
  flags: [{ name: 'mount_opts', op: 'set' }],
  repeat: 'first',
  acts: 'restart',
  effect: 'start',
  enforcer: kernel('attributes of the container’s own mount of its root; options that only an image takes are passed over'),
  help: 'mount options of the root: ro, noexec, noatime, nodiratime, relatime, strictatime',
  field: 'mount_opts',
};
export const OSTEMPLATE: Param = {
  key: 'OSTEMPLATE',
  grammar: text,
  flags: [{ name: 'ostemplate', op: 'set' }],
  repeat: 'first',
  acts: 'stored',
  effect: 'live',
  enforcer: engine('unpacks it, and goes by its name for the steps of a distribution'),
  help: 'template that the container was made from',
  field: 'ostemplate',
};
export const ORIGIN_SAMPLE: Param = {
  key: 'ORIGIN_SAMPLE',
  grammar: text,
  flags: [],
  repeat: 'first',
  acts: 'stored',
  effect: 'live',
  enforcer: engine('notes it'),
  help: 'sample config that the container was made from',
  field: 'origin_sample',
};
export const ONBOOT: Param = {
  key: 'ONBOOT',
  grammar: yesNo,
  flags: [{ name: 'onboot', op: 'set' }],
  repeat: 'first',
  acts: 'stored',
  effect: 'live',
  enforcer: engine('starts it with the node'),
  fallback: 'started when it ran at shutdown',
  help: 'start with the node',
  field: 'onboot',
};
export const DISABLED: Param = {
  key: 'DISABLED',
  grammar: yesNo,
  flags: [{ name: 'disabled', op: 'set' }],
  repeat: 'first',
  acts: 'stored',
  effect: 'live',
  enforcer: engine('refuses to start it'),
  fallback: 'no',
  help: 'yes: only start --force starts it',
  field: 'disabled',
};
export const MEMINFO: Param = {
  key: 'MEMINFO',
  grammar: meminfo,
  flags: [{ name: 'meminfo', op: 'set' }],
  repeat: 'last',
  acts: 'live',
  effect: 'none',
  enforcer: nobody('/proc/meminfo inside is that of the kernel'),
  obsolete: 'RAM and swap configs do not need it',
  fallback: 'privvmpages:1',
  help: 'what /proc/meminfo says inside',
};
export const NAME: Param = {
  key: 'NAME',
  grammar: containerName,
  flags: [{ name: 'name', op: 'set' }],
  repeat: 'first',
  acts: 'node',
  effect: 'live',
  enforcer: engine('keeps a link of that name'),
  help: 'a name that may be used instead of the id',
  field: 'name',
};
export const BOOTORDER: Param = {
  key: 'BOOTORDER',
  grammar: unsigned,
  flags: [{ name: 'bootorder', op: 'set' }],
  repeat: 'first',
  acts: 'stored',
  effect: 'live',
  enforcer: engine('starts the highest first'),
  fallback: 'last',
  help: 'order of starting with the node, the highest first',
  field: 'bootorder',
};
export const STOP_TIMEOUT: Param = {
  key: 'STOP_TIMEOUT',
  grammar: seconds,
  flags: [{ name: 'stop-timeout', op: 'set' }],
  repeat: 'first',
  acts: 'stored',
  effect: 'live',
  enforcer: engine('ends it after that time'),
  unit: 'seconds',
  fallback: '120',
  help: 'seconds that a clean stop may take',
};
export const LOCAL_UID: Param = {
  key: 'LOCAL_UID',
  grammar: unsigned,
  flags: [{ name: 'local_uid', op: 'set' }],
  repeat: 'first',
  acts: 'stored',
  effect: 'none',
  enforcer: idmap('ranges are leased at each start, and ids on disk do not depend on them'),
  obsolete: 'ranges of ids are leased at each start',
  help: 'where old tools let the ids of a container begin',
};
export const LOCAL_GID: Param = {
  key: 'LOCAL_GID',
  grammar: unsigned,
  flags: [{ name: 'local_gid', op: 'set' }],
  repeat: 'first',
  acts: 'stored',
  effect: 'none',
  enforcer: idmap('ranges are leased at each start, and ids on disk do not depend on them'),
  obsolete: 'ranges of ids are leased at each start',
  help: 'where old tools let the ids of a container begin',
};
export const VZDECK_IDBASE: Param = {
  key: 'VZDECK_IDBASE',
  grammar: number('a multiple of 65536', { unit: 1n, suffix: false, max: 0xffff_ffffn }),
  flags: [],
  repeat: 'first',
  acts: 'restart',
  effect: 'start',
  enforcer: idmap('the range that the next start asks for'),
  fallback: 'a free range',
  help: 'first of the 65,536 ids of the node that the container last ran with',
};
export const VZDECK_USERLAND: Param = {
  key: 'VZDECK_USERLAND',
  grammar: oneOf(['32', '64']),
  flags: [],
  repeat: 'first',
  acts: 'restart',
  effect: 'start',
  enforcer: seccomp('socketcall and all its protocol families pass for 32 bits'),
  fallback: '64',
  help: 'bits of the programs inside; with 32 the filter lets socketcall pass, and with it all protocol families',
};
/** As tzdata names them; `inherit` is the node's. Whether there is one is known where the files are. */
const zone: Grammar = {
  hint: 'a time zone such as Europe/Berlin, or inherit',
  read: (value) => (/^([A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+){0,2})?$/.test(value) ? taken(value) : refused),
  examples: ['Europe/Berlin', 'UTC', 'America/Argentina/Ushuaia', 'inherit', ''],
};

export const VZDECK_TIMEZONE: Param = {
  key: 'VZDECK_TIMEZONE',
  grammar: zone,
  flags: [{ name: 'timezone', op: 'set' }],
  repeat: 'first',
  acts: 'live',
  effect: 'live',
  enforcer: distribution("links /etc/localtime, or puts the node's data there"),
  help: 'time zone of the programs inside',
};
export const VZDECK_TTYS: Param = {
  key: 'VZDECK_TTYS',
  grammar: number(`1…${MAX_TTYS}`, { unit: 1n, suffix: false, min: 1n, max: BigInt(MAX_TTYS) }),
  flags: [{ name: 'ttys', op: 'set' }],
  repeat: 'first',
  acts: 'restart',
  effect: 'start',
  enforcer: engine('its keeper holds the terminals'),
  unit: 'items',
  fallback: '2',
  help: 'terminals that vzctl console reaches; the first is the console',
};

// The care list: what is wrong in a container about the tree of a distribution, as data. Each step says what it looks at and, from what it
// saw, what is to change. Steps see texts only and know neither disk nor launcher; doing a step twice changes nothing more.
import { MAX_TTYS, type TreeOp } from '../spec/op.ts';
import { hasSystemd, mkdir, remove, type Seen, SYSTEMD, symlink, type Wants, write } from './seen.ts';

export interface CareStep extends Wants {
  readonly name: string;
  /** Why a container is better without it, or needs it. */
  readonly reason: string;
  readonly change: (seen: Seen) => readonly TreeOp[];
}

/** A rewrite of one text file; nothing happens where it is missing or stays the same. */
const edit = (path: string, name: string, reason: string, change: (lines: readonly string[]) => readonly string[]): CareStep => ({
  name,
  reason,
  reads: [path],
  change: (seen) => {
    const text = seen.text(path);
    if (text === null) return [];
    const after = change(text.split('\n')).join('\n');
    return after === text ? [] : [write(path, after)];
  },
});

const OURS = '# vzdeck:';
const off = (line: string): string => `${OURS} off in a container: ${line}`;

/** Terminals beside the console that a container may be given (VZDECK_TTYS). */
export const TTYS = Array.from({ length: MAX_TTYS - 1 }, (_, n) => n + 2);

const UNITS = '/etc/systemd/system';

/** Script names of services that reach for hardware, for disks, or for mounts that stand before init, in rc directories and OpenRC run levels. */
const OF_THE_NODE = [
  'udev',
  'udev-mtab',
  'udev-post',
  'eudev',
  'mdev',
  'hwdrivers',
  'modules',
  'modloop',
  'hwclock',
  'hwclock.sh',
  'hwclockfirst.sh',
  'klogd',
  'kmod',
  'module-init-tools',
  'bootlogs',
  'mountkernfs.sh',
  'mountdevsubfs.sh',
  'mount-configfs',
  'checkroot.sh',
  'checkroot-bootclean.sh',
  'checkfs.sh',
  'umountfs',
  'umountroot',
];
const RC_DIRS = ['S', '0', '1', '2', '3', '4', '5', '6'].flatMap((level) => [`/etc/rc${level}.d`, `/etc/rc.d/rc${level}.d`]);
const RUNLEVELS = ['sysinit', 'boot', 'default', 'shutdown'].map((level) => `/etc/runlevels/${level}`);

const SSH_KEY = /^ssh_host_.*_key(\.pub)?$/;
/** An RSA key costs more than the rest of a boot, and clients have done without since OpenSSH 5.7: only a server that names one gets one. */
const HOST_KEY_TYPES = ['ed25519', 'ecdsa'];
const makeKey = (type: string): string => `ssh-keygen -q -t ${type} -N "" -f /etc/ssh/ssh_host_${type}_key`;
/** Also for servers that know none of these types. */
const OTHER_KEYS =
  'ls /etc/ssh/ssh_host_*_key >/dev/null 2>&1 && ! grep -qis "^[[:space:]]*HostKey.*rsa" /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf || ssh-keygen -A';
const FIRST_BOOT_UNIT = `[Unit]
Description=SSH host keys of this container
Before=ssh.service sshd.service ssh.socket sshd.socket
ConditionPathExistsGlob=!/etc/ssh/ssh_host_*_key

[Service]
Type=oneshot
${HOST_KEY_TYPES.map((type) => `ExecStart=-/usr/bin/${makeKey(type)}`).join('\n')}
ExecStart=/bin/sh -c '${OTHER_KEYS}'

[Install]
WantedBy=multi-user.target
`;
const FIRST_BOOT_SCRIPT = `#!/bin/sh
### BEGIN INIT INFO
# Provides:          ssh-host-keys
# Required-Start:    $local_fs
# Required-Stop:
# Default-Start:     S
# Default-Stop:
# Short-Description: SSH host keys of this container
### END INIT INFO
# chkconfig: 2345 01 99
[ "$1" = start ] || exit 0
ls /etc/ssh/ssh_host_*_key >/dev/null 2>&1 && exit
${HOST_KEY_TYPES.map((type) => makeKey(type)).join('\n')}
${OTHER_KEYS}
`;

const TTY_UNIT = `[Unit]
Description=Login on %I
ConditionPathExists=/dev/%I
After=systemd-user-sessions.service getty-pre.target
Before=getty.target

[Service]
ExecStart=-/sbin/agetty -L --keep-baud 115200,38400,9600 %I linux
Type=idle
Restart=always
RestartSec=0
UtmpIdentifier=%I
TTYPath=/dev/%I
TTYReset=yes
TTYVHangup=yes
IgnoreSIGPIPE=no
SendSIGHUP=yes

[Install]
WantedBy=getty.target
`;

export const CARE: readonly CareStep[] = [
  edit(
    '/etc/inittab',
    'getty',
    'tty1 to tty6 are screens of the node; a login stands on the console and on the terminals that the keeper holds',
    (lines) => {
      const kept = lines.filter((line) => !line.endsWith('# vzdeck'));
      const quiet = kept.map((line) => (/^[^#].*getty.*\b(tty\d|vc\/\d|hvc\d|ttyS\d)/.test(line) ? off(line) : line));
      const command = kept.some((line) => /\/sbin\/mingetty/.test(line)) ? '/sbin/mingetty' : '/sbin/getty -L 38400';
      // busybox init has no run levels: its first field is the terminal
      const busybox = !kept.some((line) => /^[^#:]*:\d:initdefault:/.test(line));
      if (kept.some((line) => /^[^#].*getty.*\bconsole\b/.test(line))) return quiet;
      const login = busybox ? `console::respawn:${command} console linux # vzdeck` : `co:2345:respawn:${command} console linux # vzdeck`;
      return [...quiet.slice(0, -1), login, ...quiet.slice(-1)];
    },
  ),
  edit('/etc/sysconfig/init', 'getty', 'upstart of Red Hat 6 starts its logins on these', (lines) =>
    lines.map((line) => (/^ACTIVE_CONSOLES=/.test(line) ? 'ACTIVE_CONSOLES=/dev/console' : line)),
  ),
  {
    name: 'getty',
    reason: 'upstart: no login on screens of the node, one on the console',
    looks: ['/sbin/initctl', ...TTYS.map((n) => `/etc/init/tty${n}.conf`), '/etc/init/tty1.conf'],
    change: (seen) => {
      const there = [1, ...TTYS].filter((n) => seen.there(`/etc/init/tty${n}.conf`));
      if (there.length === 0 || !seen.there('/sbin/initctl')) return [];
      const console = 'start on stopped rc RUNLEVEL=[2345]\nstop on runlevel [!2345]\nrespawn\nexec /sbin/getty -L 38400 console linux\n';
      return [...there.map((n) => write(`/etc/init/tty${n}.override`, 'manual\n')), write('/etc/init/vzdeck-console.conf', console)];
    },
  },
  {
    name: 'terminals',
    reason: 'systemd starts a login on the console of a container by itself, but on no further terminal: each that is there gets one',
    looks: SYSTEMD,
    change: (seen) =>
      hasSystemd(seen)
        ? [
            mkdir(`${UNITS}/getty.target.wants`),
            write(`${UNITS}/vzdeck-tty@.service`, TTY_UNIT),
            ...TTYS.flatMap((n) => symlink(`${UNITS}/getty.target.wants/vzdeck-tty@tty${n}.service`, '../vzdeck-tty@.service')),
          ]
        : [],
  },
  {
    name: 'services of the node',
    reason:
      "udev, hwclock, klogd, module loading, checks of disks and mounts of the kernel's file systems belong to the node; in a container they fail or wait",
    lists: [...RC_DIRS, ...RUNLEVELS],
    change: (seen) => [
      ...RC_DIRS.flatMap((dir) =>
        seen
          .names(dir)
          .filter((name) => /^[SK]\d\d/.test(name) && OF_THE_NODE.includes(name.slice(3)))
          .map((name) => remove(`${dir}/${name}`)),
      ),
      ...RUNLEVELS.flatMap((dir) =>
        seen
          .names(dir)
          .filter((name) => OF_THE_NODE.includes(name))
          .map((name) => remove(`${dir}/${name}`)),
      ),
    ],
  },
  edit('/etc/rsyslog.conf', 'klogd', "the kernel's log is the node's: reading it is refused", (lines) =>
    lines.map((line) => (/^\s*(\$ModLoad\s+imklog|module\(load="imklog")/.test(line) ? off(line) : line)),
  ),
  edit(
    '/etc/fstab',
    'fstab',
    'disks and kernel file systems are mounted before init starts; only tmpfs elsewhere belongs to the container',
    (lines) =>
      lines.map((line) => {
        const [, dir = '', type = ''] = line.trim().split(/\s+/);
        if (line.trim() === '' || line.trim().startsWith('#')) return line;
        return type === 'tmpfs' && !/^\/(dev|proc|sys)(\/|$)/.test(dir) ? line : off(line);
      }),
  ),
  {
    name: 'mtab',
    reason: 'a plain file would show the mounts of the machine that the template was packed on',
    looks: ['/etc', '/etc/mtab'],
    change: (seen) => (seen.there('/etc') && seen.link('/etc/mtab') === null ? symlink('/etc/mtab', '../proc/self/mounts') : []),
  },
  {
    name: 'host keys',
    reason: 'all containers of one template would have one SSH identity; keys are made at the first boot instead',
    lists: ['/etc/ssh'],
    looks: ['/usr/sbin/sshd', '/etc/rcS.d', '/etc/rc2.d', ...SYSTEMD],
    change: (seen) => {
      const removed = seen
        .names('/etc/ssh')
        .filter((name) => SSH_KEY.test(name))
        .map((name) => remove(`/etc/ssh/${name}`));
      if (!seen.there('/usr/sbin/sshd')) return removed;
      if (hasSystemd(seen)) {
        const unit = `${UNITS}/ssh-host-keys.service`;
        const wants = `${UNITS}/multi-user.target.wants`;
        return [
          ...removed,
          mkdir(wants),
          write(unit, FIRST_BOOT_UNIT),
          ...symlink(`${wants}/ssh-host-keys.service`, '../ssh-host-keys.service'),
        ];
      }
      if (!seen.there('/etc/rc2.d')) return removed;
      const script = '/etc/init.d/ssh-host-keys';
      // where startpar runs a level's scripts at once, only those of rcS end before the others begin
      const levels = seen.there('/etc/rcS.d') ? ['S'] : ['2', '3', '4', '5'];
      return [
        ...removed,
        write(script, FIRST_BOOT_SCRIPT, 0o755),
        ...levels.flatMap((level) => symlink(`/etc/rc${level}.d/S01ssh-host-keys`, '../init.d/ssh-host-keys')),
      ];
    },
  },
  edit('/etc/init.d/.depend.boot', 'host keys', 'startpar runs what insserv has put into its list, and insserv has not run here', (lines) =>
    lines.map((line) => (/^TARGETS =(?!.* ssh-host-keys\b)/.test(line) ? `${line} ssh-host-keys` : line)),
  ),
  {
    name: 'sysctl',
    reason: "protected links are the node's to decide; at each boot a container would only be refused",
    looks: ['/usr/lib/sysctl.d/99-protect-links.conf'],
    change: (seen) =>
      seen.there('/usr/lib/sysctl.d/99-protect-links.conf')
        ? [mkdir('/etc/sysctl.d'), ...symlink('/etc/sysctl.d/99-protect-links.conf', '/dev/null')]
        : [],
  },
  {
    name: 'machine-id',
    reason: 'an id that is the same in two containers breaks DHCP, journals and D-Bus; an empty one is filled at the first boot',
    reads: ['/etc/machine-id'],
    looks: ['/var/lib/dbus/machine-id', ...SYSTEMD],
    change: (seen) => [
      ...(hasSystemd(seen) && seen.text('/etc/machine-id') !== '' ? [write('/etc/machine-id', '', 0o444)] : []),
      ...(seen.there('/var/lib/dbus/machine-id') && seen.link('/var/lib/dbus/machine-id') === null
        ? [remove('/var/lib/dbus/machine-id')]
        : []),
    ],
  },
  {
    name: 'hostname',
    reason: "the name of the machine that the template was packed on; a container's name is given at its start",
    looks: ['/etc/hostname'],
    change: (seen) => (seen.there('/etc/hostname') ? [remove('/etc/hostname')] : []),
  },
];

// The files of the embedded template beside busybox itself: what a small machine needs to boot, log in, log, run jobs, serve and stop.
// Root logs in without a password, but only on the container's own terminals (the console and the further ones), which only the node's root can reach.
import { TTYS } from './care-steps.ts';

export interface PlainFile {
  readonly path: string;
  readonly mode: number;
  readonly text: string;
}

const file = (path: string, lines: readonly string[], mode = 0o644): PlainFile => ({
  path,
  mode,
  text: lines.map((line) => `${line}\n`).join(''),
});
const script = (path: string, lines: readonly string[]): PlainFile => file(path, ['#!/bin/sh', ...lines], 0o755);

/** Directories with their modes; parents first. */
const PLAIN_DIRECTORIES = [
  ...['bin', 'dev', 'etc', 'etc/init.d', 'etc/network', 'etc/udhcpc', 'home', 'lib', 'mnt', 'opt', 'proc', 'run', 'sbin', 'srv', 'sys'],
  ...['usr', 'usr/bin', 'usr/sbin', 'var', 'var/cache', 'var/lib', 'var/log', 'var/spool', 'var/spool/cron', 'var/www', 'var/www/cgi-bin'],
  ...['etc/network/if-up.d', 'etc/network/if-down.d', 'etc/network/if-pre-up.d', 'etc/network/if-post-down.d'],
];
export const DIRECTORIES: readonly (readonly [path: string, mode: number])[] = [
  ...PLAIN_DIRECTORIES.map((path) => [path, 0o755] as const),
  ['root', 0o700],
  ['home/user', 0o755],
  ['tmp', 0o1777],
  ['var/tmp', 0o1777],
  ['var/spool/cron/crontabs', 0o700],
];

export const LINKS: readonly (readonly [path: string, target: string])[] = [
  ['var/run', '../run'],
  ['etc/mtab', '../proc/self/mounts'],
];

export const FILES: readonly PlainFile[] = [
  file('etc/inittab', [
    '# busybox init: "tty::action:command". halt, poweroff and SIGPWR run the shutdown line, then everything is ended.',
    '::sysinit:/etc/init.d/rcS',
    'console::respawn:/sbin/getty -L 0 console linux',
    '# What init opens the console for it also resets the console for, under the login that waits there.',
    'null::once:/etc/init.d/terminals',
    'null::respawn:/sbin/syslogd -n',
    'null::respawn:/usr/sbin/crond -f',
    'null::respawn:/usr/sbin/httpd -f -h /var/www',
    '::ctrlaltdel:/sbin/reboot',
    '::shutdown:/etc/init.d/rcK',
    '::restart:/sbin/init',
  ]),
  script('etc/init.d/rcS', [
    '# What is below /run and /tmp belongs to one run only.',
    'rm -rf /run/* /tmp/* 2>/dev/null',
    'mount -a',
    'ifup -a 2>/dev/null',
    'for service in /etc/init.d/S??*; do [ -x "$service" ] && "$service" start; done',
    'exit 0',
  ]),
  script('etc/init.d/rcK', [
    'for service in /etc/init.d/S??*; do [ -x "$service" ] && "$service" stop; done',
    'ifdown -a 2>/dev/null',
    'exit 0',
  ]),
  script('etc/init.d/terminals', [
    '# A login on each further terminal that this container was started with.',
    `for n in ${TTYS.join(' ')}; do`,
    '  [ -c /dev/tty$n ] && while :; do getty -L 0 tty$n linux; done &',
    'done',
    'wait',
  ]),
  file('etc/fstab', ['# What the container needs is mounted before its init starts.']),
  file('etc/hostname', ['busybox']),
  file('etc/hosts', ['127.0.0.1 localhost', '::1 localhost ip6-localhost']),
  file('etc/resolv.conf', []),
  file('etc/network/interfaces', ['auto lo', 'iface lo inet loopback']),
  file('etc/passwd', [
    'root:x:0:0:root:/root:/bin/sh',
    'daemon:x:1:1:daemon:/usr/sbin:/bin/false',
    'nobody:x:65534:65534:nobody:/:/bin/false',
    'user:x:1000:1000:user:/home/user:/bin/sh',
  ]),
  file(
    'etc/shadow',
    ['root::19723:0:99999:7:::', 'daemon:*:19723:0:99999:7:::', 'nobody:*:19723:0:99999:7:::', 'user:!:19723:0:99999:7:::'],
    0o600,
  ),
  file('etc/group', [
    'root:x:0:',
    'daemon:x:1:',
    'tty:x:5:',
    'disk:x:6:',
    'mail:x:8:',
    'utmp:x:43:',
    'users:x:100:',
    'nogroup:x:65534:',
    'user:x:1000:',
  ]),
  file('etc/securetty', ['console', ...TTYS.map((n) => `tty${n}`)]),
  file('etc/shells', ['/bin/sh', '/bin/ash']),
  file('etc/issue', ['busybox on \\n (\\l)', 'root needs no password here unless one was set', '']),
  file('etc/os-release', ['NAME=busybox', 'ID=busybox', 'PRETTY_NAME="busybox"']),
  file('etc/profile', [
    'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    "export PS1='\\u@\\h:\\w\\$ '",
    'export PAGER=less EDITOR=vi',
    'umask 022',
  ]),
  script('var/www/cgi-bin/index.cgi', ["printf 'Content-Type: text/plain\\r\\n\\r\\n'", 'hostname']),
  file(
    'var/spool/cron/crontabs/root',
    [
      '# minute hour day month weekday command',
      '# this syslogd does not rotate its file; it opens it anew once it is gone',
      '17 * * * * find /var/log/messages -size +1024k -exec mv {} {}.0 ";" 2>/dev/null',
    ],
    0o600,
  ),
  script('etc/udhcpc/default.script', [
    '# Called by udhcpc: $1 says what happened, the lease stands in the environment.',
    'case $1 in',
    '  deconfig)',
    '    ip -4 addr flush dev "$interface"',
    '    ip link set "$interface" up',
    '    ;;',
    '  bound | renew)',
    '    ip -4 addr flush dev "$interface"',
    '    ip addr add "$ip/$mask" dev "$interface"',
    '    for gateway in $router; do ip route replace default via "$gateway" dev "$interface"; break; done',
    '    {',
    '      [ -n "$domain" ] && echo "search $domain"',
    '      for server in $dns; do echo "nameserver $server"; done',
    '    } >/etc/resolv.conf.new && mv /etc/resolv.conf.new /etc/resolv.conf',
    '    ;;',
    'esac',
    'exit 0',
  ]),
];

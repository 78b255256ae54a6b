// The care list on small trees of each family: what is wrong in a container goes, what belongs there stays, twice is as good as once.
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLinuxHost } from '../../../src/engine/host/linux/host.ts';
import type { Launcher } from '../../../src/engine/launcher/launcher.ts';
import type { TreeOp, TreeResult } from '../../../src/engine/spec/op.ts';
import { careFor } from '../../../src/engine/template/care.ts';
import { CARE } from '../../../src/engine/template/care-steps.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vzdeck-care-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Tree operations on plain directories without hostile links; those are for the real launcher, in test/kernel. */
function plainTree(top: string, op: TreeOp): TreeResult {
  const at = (path: string): string => join(top, path);
  switch (op.op) {
    case 'read':
      return lstatSync(at(op.path)).isFile() ? { ok: true, data: readFileSync(at(op.path)) } : { ok: false, errno: 'EINVAL' };
    case 'list':
      return { ok: true, names: readdirSync(at(op.path)) };
    case 'stat':
      lstatSync(at(op.path));
      return { ok: true };
    case 'readlink':
      return { ok: true, target: readlinkSync(at(op.path)) };
    case 'write':
      writeFileSync(at(op.path), op.data, { mode: op.mode });
      return { ok: true };
    case 'mkdir':
      mkdirSync(at(op.path));
      return { ok: true };
    case 'symlink':
      symlinkSync(op.target, at(op.path));
      return { ok: true };
    case 'remove':
      rmSync(at(op.path), { recursive: true, force: true });
      return { ok: true };
    case 'chown':
      throw new Error('Nothing of care gives files away');
  }
}

const launcher = {
  tree: async (top: string, ops: readonly TreeOp[]) =>
    ops.map((op): TreeResult => {
      try {
        return plainTree(top, op);
      } catch (error) {
        return { ok: false, errno: (error as NodeJS.ErrnoException).code ?? 'EIO' };
      }
    }),
} as unknown as Launcher;
const host = openLinuxHost('/', launcher);

function plant(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (text.startsWith('-> ')) symlinkSync(text.slice(3), join(root, path));
    else writeFileSync(join(root, path), text, 'latin1');
  }
}
const text = (path: string): string => readFileSync(join(root, path), 'latin1');
const care = () => careFor(host, root, 'fake');

/** Everything below root: path → content or link target. */
function picture(): Record<string, string> {
  const names = readdirSync(root, { recursive: true }).map(String).sort();
  return Object.fromEntries(
    names.map((name) => {
      const info = lstatSync(join(root, name));
      return [name, info.isSymbolicLink() ? `-> ${readlinkSync(join(root, name))}` : info.isFile() ? text(name) : '/'];
    }),
  );
}

const SYSTEMD = {
  'usr/lib/systemd/systemd': '',
  'etc/systemd/system/.keep': '',
  'etc/machine-id': '0123456789abcdef0123456789abcdef\n',
  'var/lib/dbus/machine-id': '0123456789abcdef0123456789abcdef\n',
  'usr/sbin/sshd': '',
  'etc/ssh/ssh_host_rsa_key': 'secret',
  'etc/ssh/ssh_host_rsa_key.pub': 'public',
  'etc/ssh/sshd_config': 'UsePAM yes\n',
  'etc/hostname': 'packer\n',
  'etc/resolv.conf': 'nameserver 192.0.2.53\n',
  'etc/mtab': '/dev/sda1 / ext4 rw 0 0\n',
  'etc/fstab':
    '# caf\xe9\nUUID=1-2 / ext4 defaults 0 1\n/dev/sda2 none swap sw 0 0\nproc /proc proc defaults 0 0\ntmpfs /tmp tmpfs size=64m 0 0\ntmpfs /dev/shm tmpfs defaults 0 0\n',
  'etc/rsyslog.conf': 'module(load="imuxsock")\nmodule(load="imklog")   # kernel\n',
};
const SYSV = {
  'etc/inittab':
    'id:2:initdefault:\nsi::sysinit:/etc/init.d/rcS\n1:2345:respawn:/sbin/getty 38400 tty1\n2:23:respawn:/sbin/getty 38400 tty2\nT0:23:respawn:/sbin/getty -L ttyS0 9600\nz6:6:respawn:/sbin/sulogin\n',
  'etc/rcS.d/S02udev': '-> ../init.d/udev',
  'etc/rcS.d/S11hwclock.sh': '-> ../init.d/hwclock.sh',
  'etc/rc6.d/K25hwclock.sh': '-> ../init.d/hwclock.sh',
  'etc/rc2.d/S10rsyslog': '-> ../init.d/rsyslog',
  'etc/rcS.d/S05checkroot.sh': '-> ../init.d/checkroot.sh',
  'etc/init.d/udev': '',
  'etc/init.d/.depend.boot': 'TARGETS = udev hostname.sh\nINTERACTIVE = udev\nhostname.sh: udev\n',
  'usr/lib/sysctl.d/99-protect-links.conf': 'fs.protected_fifos = 1\n',
  'usr/sbin/sshd': '',
  'etc/ssh/ssh_host_dsa_key': 'secret',
};
const ALPINE = {
  'etc/inittab':
    '::sysinit:/sbin/openrc sysinit\ntty1::respawn:/sbin/getty 38400 tty1\n#ttyS0::respawn:/sbin/getty -L ttyS0\n::shutdown:/sbin/openrc shutdown\n',
  'etc/runlevels/boot/hwclock': '-> /etc/init.d/hwclock',
  'etc/runlevels/boot/syslog': '-> /etc/init.d/syslog',
  'etc/runlevels/sysinit/mdev': '-> /etc/init.d/mdev',
};
const UPSTART = {
  'sbin/initctl': '',
  'etc/init/tty1.conf': 'exec /sbin/getty tty1\n',
  'etc/init/tty4.conf': 'exec /sbin/getty tty4\n',
  'etc/sysconfig/init': 'BOOTUP=color\nACTIVE_CONSOLES=/dev/tty[1-6]\n',
};

describe('a tree with systemd', () => {
  beforeEach(async () => {
    plant(SYSTEMD);
    await care();
  });

  test('has no identity of its own left', () => {
    expect(text('etc/machine-id')).toBe('');
    expect(existsSync(join(root, 'var/lib/dbus/machine-id'))).toBe(false);
    expect(existsSync(join(root, 'etc/hostname'))).toBe(false);
    expect(readdirSync(join(root, 'etc/ssh'))).toEqual(['sshd_config']);
  });

  test('makes host keys at the first boot only', () => {
    expect(text('etc/systemd/system/ssh-host-keys.service')).toMatch(
      /ConditionPathExistsGlob=!\/etc\/ssh\/ssh_host_\*_key\n[\s\S]*ExecStart=-\/usr\/bin\/ssh-keygen -q -t ed25519 /,
    );
    expect(readlinkSync(join(root, 'etc/systemd/system/multi-user.target.wants/ssh-host-keys.service'))).toBe('../ssh-host-keys.service');
  });

  test('has a login on every further terminal that exists', () => {
    expect(readdirSync(join(root, 'etc/systemd/system/getty.target.wants'))).toEqual(
      [2, 3, 4, 5, 6, 7].map((n) => `vzdeck-tty@tty${n}.service`),
    );
    expect(text('etc/systemd/system/vzdeck-tty@.service')).toContain('ConditionPathExists=/dev/%I\n');
  });

  test('mounts only its own tmpfs; other bytes of fstab survive', () => {
    const lines = text('etc/fstab').split('\n');
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual(['tmpfs /tmp tmpfs size=64m 0 0']);
    expect(lines[0]).toBe('# caf\xe9');
    expect(readlinkSync(join(root, 'etc/mtab'))).toBe('../proc/self/mounts');
  });

  test("does not read the kernel's log, and keeps its resolver", () => {
    expect(text('etc/rsyslog.conf')).toMatch(/^module\(load="imuxsock"\)\n# .*imklog/);
    expect(text('etc/resolv.conf')).toBe('nameserver 192.0.2.53\n');
  });
});

test('sysvinit: no getty on screens and serial lines, one on the console; no udev, no hwclock; keys by an init script', async () => {
  plant(SYSV);
  await care();
  const active = text('etc/inittab')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(active).toEqual([
    'id:2:initdefault:',
    'si::sysinit:/etc/init.d/rcS',
    'z6:6:respawn:/sbin/sulogin',
    'co:2345:respawn:/sbin/getty -L 38400 console linux # vzdeck',
  ]);
  expect(readdirSync(join(root, 'etc/rcS.d'))).toEqual(['S01ssh-host-keys']);
  expect(readdirSync(join(root, 'etc/rc6.d'))).toEqual([]);
  expect(readdirSync(join(root, 'etc/rc2.d')).sort()).toEqual(['S10rsyslog']);
  expect(text('etc/init.d/.depend.boot').split('\n')[0]).toBe('TARGETS = udev hostname.sh ssh-host-keys');
  expect(readlinkSync(join(root, 'etc/sysctl.d/99-protect-links.conf'))).toBe('/dev/null');
  expect(lstatSync(join(root, 'etc/init.d/ssh-host-keys')).mode & 0o111).toBe(0o111);
  expect(existsSync(join(root, 'etc/machine-id'))).toBe(false);
});

test('busybox init and OpenRC', async () => {
  plant(ALPINE);
  await care();
  const active = text('etc/inittab')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(active).toEqual([
    '::sysinit:/sbin/openrc sysinit',
    '::shutdown:/sbin/openrc shutdown',
    'console::respawn:/sbin/getty -L 38400 console linux # vzdeck',
  ]);
  expect(readdirSync(join(root, 'etc/runlevels/boot'))).toEqual(['syslog']);
  expect(readdirSync(join(root, 'etc/runlevels/sysinit'))).toEqual([]);
});

test('upstart', async () => {
  plant(UPSTART);
  await care();
  expect(text('etc/init/tty1.override')).toBe('manual\n');
  expect(text('etc/init/tty4.override')).toBe('manual\n');
  expect(existsSync(join(root, 'etc/init/tty2.override'))).toBe(false);
  expect(text('etc/init/vzdeck-console.conf')).toContain('console');
  expect(text('etc/sysconfig/init')).toContain('ACTIVE_CONSOLES=/dev/console\n');
});

test.each(Object.entries({ SYSTEMD, SYSV, ALPINE, UPSTART, nothing: {} }))('%s: twice is as good as once', async (_name, files) => {
  plant(files);
  await care();
  const once = picture();
  await care();
  expect(picture()).toEqual(once);
});

test('a tree that cannot be changed is refused by name', async () => {
  plant(SYSTEMD);
  const broken = {
    ...host,
    launcher: {
      ...launcher,
      tree: async (top: string, ops: readonly TreeOp[]) =>
        (await launcher.tree(top, ops)).map((r, i) => (ops[i]!.op === 'write' ? { ok: false as const, errno: 'EROFS' } : r)),
    },
  };
  await expect(careFor(broken, root, 'debian')).rejects.toThrow(/^Template debian: write \/etc\/\S+: EROFS$/);
});

test('every step says why', () => {
  for (const step of CARE) expect(step.reason.split(' ').length, step.name).toBeGreaterThan(4);
});

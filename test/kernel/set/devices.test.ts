// Devices, features and rights given and taken: what opens inside and what does not, on the devices controller of v1 and on the program of v2.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';

const ID = 101;
/** Every kernel has it, and opening it for writing does nothing. */
const KMSG = 'c:1:11';

requires(
  'root',
  'launcher',
  'busybox',
)('devices', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = openLab();
    await lab.born(ID);
  });
  afterAll(() => lab.down());
  beforeEach(async () => {
    await lab.engine.set(ID, { DEVICES: `${KMSG}:none`, DEVNODES: 'kmsg:none' }, { save: true });
    lab.said();
  });

  const set = (values: Readonly<Record<string, string>>, save = false) => lab.engine.set(ID, values, { save }, lab.run);
  const sh = async (line: string): Promise<string> => (await lab.inside(ID, line)).out.trim();
  const opens = (way: '<' | '>', path = '/dev/kmsg'): Promise<string> =>
    sh(`[ -c ${path} ] && ( : ${way}${path} ) 2>/dev/null && echo yes || echo no`);
  const parameter = async (key: string) => (await lab.engine.parameters(ID)).find((p) => p.key === key);
  const restart = () => lab.engine.restart(ID, { fast: true }, lab.run);

  test.each([
    ['by name', { DEVNODES: 'kmsg:w' }, { DEVNODES: 'kmsg:none' }],
    ['by number', { DEVICES: `${KMSG}:w` }, { DEVICES: `${KMSG}:none` }],
  ])('given %s it has a node of the container’s root, opens as far as was said, and is gone again', async (_how, give, take) => {
    expect(await opens('>')).toBe('no');
    await set(give);
    expect(await sh('stat -c "%u:%t:%T" /dev/kmsg')).toBe('0:1:b');
    expect([await opens('>'), await opens('<')]).toEqual(['yes', 'no']);
    await set(take);
    expect(await sh('ls /dev/kmsg')).toMatch(/No such file/);
  });

  test('its rights change while it is there; with the device and what is saved the next start brings it', async () => {
    await set({ DEVNODES: 'kmsg:r' }, true);
    expect(await opens('>')).toBe('no');
    await set({ DEVNODES: 'kmsg:rw' }, true);
    expect(await opens('>')).toBe('yes');
    await restart();
    expect(await opens('>')).toBe('yes');
    expect(await parameter('DEVNODES')).toMatchObject({ file: 'kmsg:rw', live: 'kmsg:rw', drift: false });
    await sh('umount /dev/kmsg');
    expect(await parameter('DEVNODES')).toMatchObject({ live: '', drift: true });
  });

  test('a rule is in force without the node, and no node is without its rule: root inside can make none', async () => {
    await set({ DEVNODES: 'kmsg:w' });
    expect(await sh('mknod /dev/mine c 1 11 || mknod /root/mine c 1 11 || echo refused')).toMatch(/refused$/);
    // A bind of the node keeps nothing once the rule has gone.
    await sh('touch /root/copy; mount --bind /dev/kmsg /root/copy');
    expect(await opens('>', '/root/copy')).toBe('yes');
    await set({ DEVNODES: 'kmsg:none' });
    expect(await opens('>', '/root/copy')).toBe('no');
    await sh('umount /root/copy');
  });

  test('while rules change nothing that is allowed is refused, and nothing else is allowed', async () => {
    await set({ DEVNODES: 'kmsg:r' });
    await sh(
      '(while [ ! -e /root/stop ]; do ( : </dev/zero ) 2>/dev/null || echo shut; ( : >/dev/kmsg ) 2>/dev/null && echo open; echo; done >/root/seen; touch /root/ended) &',
    );
    for (let round = 0; round < 20; round++) {
      await set({ DEVICES: 'c:1:4:r' });
      await set({ DEVICES: 'c:1:4:none' });
    }
    expect(
      await sh(
        'touch /root/stop; until [ -e /root/ended ]; do :; done; grep -c "^$" /root/seen | grep -qv "^0$" && echo tried; grep -c "shut\\|open" /root/seen; rm /root/stop /root/ended',
      ),
    ).toBe('tried\n0');
  });

  test('what root inside has put in the way of a node is covered, or told', async () => {
    await sh('echo mine >/dev/kmsg');
    await set({ DEVNODES: 'kmsg:w' });
    expect(await sh('stat -c %t:%T /dev/kmsg')).toBe('1:b');
    await set({ DEVNODES: 'kmsg:none' });
    await sh('rm -f /dev/kmsg; ln -s /etc/passwd /dev/kmsg');
    const before = readFileSync(join(lab.root, 'var/lib/vz/private/101/etc/passwd'));
    await expect(set({ DEVNODES: 'kmsg:w' })).rejects.toMatchObject({ code: 'not-applied' });
    expect(readFileSync(join(lab.root, 'var/lib/vz/private/101/etc/passwd'))).toEqual(before);
    expect(await parameter('DEVNODES')).toMatchObject({ live: '' });
    await sh('rm /dev/kmsg');
  });

  test('a PCI device is refused with the reason', async () => {
    await expect(set({ PCI: '0000:00:1f.2' })).rejects.toMatchObject({ code: 'no-support', message: expect.stringMatching(/PCI/) });
  });

  test('fuse: at once, and a file system of user space is mounted inside', async () => {
    await set({ FEATURES: 'fuse:on' });
    const mount =
      'exec 3<>/dev/fuse; mount -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 none /mnt && grep -c " /mnt fuse" /proc/mounts; umount -l /mnt';
    expect(await sh(`stat -c %a /dev/fuse; ${mount}`)).toBe('666\n1');
    await set({ FEATURES: 'fuse:off' });
    expect(await sh('ls /dev/fuse')).toMatch(/No such file/);
  });

  test.skipIf(!existsSync('/dev/net/tun'))('tun: an interface in the container’s own network', async () => {
    await set({ FEATURES: 'tun:on' });
    expect(await sh('tunctl -t tap7 | grep -o tap7; ls /sys/class/net | tr "\\n" " "; tunctl -d tap7 >/dev/null')).toMatch(/^tap7\n.*tap7/);
    expect(existsSync('/sys/class/net/tap7')).toBe(false);
    await set({ FEATURES: 'tun:off' });
  });

  test('what no container can have is said with the reason and the way round', async () => {
    await set({ FEATURES: 'nfs:on' });
    expect(lab.said().join('\n')).toMatch(/nfs.*--bindmount_add/);
    await set({ FEATURES: 'nfs:on' }, true);
    expect((await parameter('FEATURES'))?.drift).toBe(false);
    lab.said();
    await set({ FEATURES: 'fuse:off' });
    expect(lab.said().join('\n')).not.toContain('nfs');
    await set({ FEATURES: 'nfs:off' }, true);
  });

  test('/sys goes with its feature, entries of /proc come and go by a parameter, at the next start', async () => {
    expect(await sh('head -c 1 /proc/loadavg | wc -c; wc -c </proc/interrupts')).toBe('1\n0');
    await set({ FEATURES: 'sysfs:off', VZDECK_PROC: '/proc/loadavg:hide /proc/interrupts:show /proc/none:hide' }, true);
    expect(lab.said()).toContain('! Unable to set features on a running container');
    await restart();
    expect(await sh('wc -c </proc/loadavg; head -c 1 /proc/interrupts | wc -c; ls /sys')).toBe('0\n1');
    // nor can root inside mount another one
    expect(await sh('mount -t sysfs none /mnt || echo refused')).toMatch(/refused$/);
    await set({ FEATURES: 'sysfs:on', VZDECK_PROC: '/proc/loadavg:default /proc/interrupts:default /proc/none:default' }, true);
    await restart();
    expect(await sh('head -c 1 /proc/loadavg | wc -c; wc -c </proc/interrupts; ls -d /sys/fs/cgroup')).toBe('1\n0\n/sys/fs/cgroup');
  });

  const BIT = { net_admin: 12, net_raw: 13, sys_admin: 21, sys_time: 25 } as const;
  const has = async (name: keyof typeof BIT, of = 'self'): Promise<boolean> => {
    const hex = (await sh(`sed -n 's/^CapBnd:.//p' /proc/${of}/status`)) || '0';
    return ((BigInt(`0x${hex}`) >> BigInt(BIT[name])) & 1n) === 1n;
  };

  test('capabilities hold from the next start on, for init and for all who enter', async () => {
    expect([await has('net_raw'), await has('sys_time')]).toEqual([true, false]);
    await set({ CAPABILITY: 'net_raw:off sys_time:on' }, true);
    expect(lab.said()).toContain('! Unable to set capability on a running container');
    // nobody who enters has other rights than init, whatever the config says meanwhile
    expect([await has('net_raw'), await has('net_raw', '1')]).toEqual([true, true]);
    await restart();
    for (const whose of ['self', '1']) expect([await has('net_raw', whose), await has('sys_time', whose)]).toEqual([false, true]);
    await set({ CAPABILITY: 'net_raw:on sys_time:off' }, true);
  });

  test('options of the root hold from the next start on', async () => {
    await set({ MOUNT_OPTS: 'noatime,nodiratime,discard' }, true);
    expect(lab.said()).toContain('! Unable to change mount options on a running container');
    await restart();
    expect(await sh('grep "/101 / " /proc/self/mountinfo | cut -d" " -f6')).toMatch(/noatime.*nodiratime/);
  });

  test('strict: no mounts, no interfaces, and no way back by a user namespace', async () => {
    await set({ VZDECK_CAPABILITIES: 'strict' }, true);
    await restart();
    for (const whose of ['self', '1']) expect([await has('sys_admin', whose), await has('net_admin', whose)]).toEqual([false, false]);
    expect(await sh('mount -t tmpfs none /mnt || echo refused; umount /proc || echo refused; unshare -Ur true || echo refused')).toMatch(
      /refused\n.*refused\n.*refused$/s,
    );
    // what the administrator gives comes nevertheless, and cannot be taken off inside
    await set({ DEVNODES: 'kmsg:w' });
    expect(await opens('>')).toBe('yes');
    await set({ VZDECK_CAPABILITIES: 'openvz' }, true);
    await restart();
  });
});

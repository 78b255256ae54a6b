// What the tables must hold, said a second time: an entry that gets lost is noticed here, since the other tests take the tables at their word.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DROPPED, KEPT } from '../../../src/engine/rootfs/wall/capabilities.ts';
import { NODES } from '../../../src/engine/rootfs/wall/devices.ts';
import { HIDDEN, READ_ONLY, WRITABLE } from '../../../src/engine/rootfs/wall/masks.ts';
import { PROCESS_LIMITS } from '../../../src/engine/rootfs/wall/rlimits.ts';
import { LEFT_OPEN, REFUSED } from '../../../src/engine/rootfs/wall/syscalls.ts';
import { is32Bit } from '../../../src/engine/rootfs/wall/userland.ts';
import { wall, wallAround } from '../../../src/engine/rootfs/wall/wall.ts';
import { NO_SLOT, type Op } from '../../../src/engine/spec/op.ts';

const words = (text: string): string[] => text.trim().split(/\s+/).sort();

describe('the tables', () => {
  test('refuse these calls', () => {
    expect(REFUSED.flatMap((refusal) => Object.keys(refusal.calls)).sort()).toEqual(
      words(`
        add_key request_key keyctl kexec_load kexec_file_load init_module finit_module delete_module open_by_handle_at userfaultfd bpf
        perf_event_open settimeofday clock_settime clock_settime64 stime swapon swapoff acct syslog iopl ioperm io_uring_setup io_uring_enter
        io_uring_register clone3 clone unshare ioctl socket socketpair socketcall socket socketpair setsockopt getsockopt lookup_dcookie nfsservctl uselib _sysctl`),
    );
    expect(REFUSED.flatMap(({ calls, when }) => (when && 'oneOf' in when && 'ioctl' in calls ? when.oneOf : []))).toEqual([
      0x5412, 0x541c, 0x5423,
    ]);
    expect(REFUSED.flatMap(({ when }) => (when && 'noneOf' in when ? when.noneOf : []))).toEqual([0, 1, 2, 10, 16, 17]);
  });

  test('hide and protect these places', () => {
    expect(HIDDEN.flatMap((part) => part.paths).sort()).toEqual(
      words(`
        /proc/acpi /proc/asound /proc/bootconfig /proc/bus /proc/cmdline /proc/diskstats /proc/driver /proc/fs /proc/interrupts /proc/iomem
        /proc/ioports /proc/irq /proc/kallsyms /proc/kcore /proc/key-users /proc/keys /proc/mdstat /proc/modules /proc/partitions
        /proc/sched_debug /proc/scsi /proc/swaps /proc/sysrq-trigger /proc/timer_list /proc/tty/driver /sys/block /sys/bus /sys/class/block
        /sys/dev /sys/devices/virtual/dmi /sys/devices/virtual/powercap /sys/firmware /sys/fs/btrfs /sys/fs/ext4 /sys/fs/f2fs /sys/fs/fuse
        /sys/fs/xfs /sys/hypervisor /sys/module /sys/power`),
    );
    expect([READ_ONLY.flatMap((part) => part.paths), WRITABLE.paths]).toEqual([['/proc/sys'], ['/proc/sys/net']]);
  });

  test('drop these capabilities, and no other', () => {
    expect(DROPPED.map(({ name }) => name).sort()).toEqual(
      words(`
        sys_module sys_rawio sys_resource sys_time audit_control mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf
        checkpoint_restore`),
    );
    for (const { number } of DROPPED) expect((KEPT >> BigInt(number)) & 1n).toBe(0n);
    expect(KEPT.toString(2).replaceAll('0', '')).toHaveLength(41 - DROPPED.length);
  });

  test('know capabilities and limits by the kernel’s numbers', ({ skip }) => {
    const capabilities = '/usr/include/linux/capability.h';
    const limits = '/usr/include/asm-generic/resource.h';
    skip(![capabilities, limits].every(existsSync), 'needs the kernel’s headers');
    const numbers = (file: string, prefix: string): ReadonlyMap<string, number> =>
      new Map(
        [...readFileSync(file, 'utf8').matchAll(new RegExp(`^# ?define ${prefix}_(\\w+)\\s+(\\d+)`, 'gm'))].map((m) => [
          m[1]?.toLowerCase() ?? '',
          Number(m[2]),
        ]),
      );
    const caps = numbers(capabilities, 'CAP');
    for (const { name, number } of DROPPED) expect([name, number]).toEqual([name, caps.get(name)]);
    const rlimits = numbers(limits, 'RLIMIT');
    for (const { name, resource } of PROCESS_LIMITS) expect([name, resource]).toEqual([name, rlimits.get(name)]);
  });

  test('give a reason for every line', () => {
    const lines = [...REFUSED, ...LEFT_OPEN, ...HIDDEN, ...READ_ONLY, WRITABLE, ...DROPPED, ...PROCESS_LIMITS];
    for (const { reason } of lines) expect(reason.length).toBeGreaterThan(3);
  });
});

describe('the operations', () => {
  const built = wall({ base: 1_000_000, ttys: [1, 2], numpty: 7, firstSlot: 8 });
  const at = (ops: readonly Op[], found: (op: Op) => boolean): number => ops.findIndex(found);

  test('take every node of the node’s /dev out of its propagation before it goes in', () => {
    const clones = built.prepare.filter((op) => op.op === 'cloneTree');
    expect(clones.map((op) => op.path)).toEqual(NODES.map((name) => `/dev/${name}`));
    for (const { slot } of clones)
      expect(built.prepare).toContainEqual({ op: 'setTree', slot, set: 0x0an, clear: 0n, propagation: 1n << 18n, userns: NO_SLOT });
  });

  test('make the pseudo-terminals on the node, with their limit and the group tty of the container', () => {
    expect(built.prepare.at(-1)).toMatchObject({
      op: 'newFs',
      type: 'devpts',
      options: ['ptmxmode=666', 'mode=620', 'gid=1000005', 'max=7'],
    });
    expect(built.inside).toContainEqual({ op: 'place', slot: 14, path: '/dev/pts' });
    expect(built.inside.filter((op) => op.op === 'mount').map((op) => op.type)).not.toContain('devpts');
  });

  test('stand in an order that works', () => {
    const { inside } = built;
    const firstMask = at(inside, (op) => op.op === 'mask');
    expect(firstMask).toBeGreaterThan(at(inside, (op) => op.op === 'place' && op.path === '/dev/null'));
    expect(firstMask).toBeGreaterThan(at(inside, (op) => op.op === 'mount' && op.path === '/sys'));
    const writable = at(inside, (op) => op.op === 'protect' && op.path === '/proc/sys/net');
    expect(at(inside, (op) => op.op === 'protect' && op.path === '/proc/sys')).toBeGreaterThan(writable);
  });

  test('end with limits, capabilities, filter, for init as for those who enter', () => {
    expect(built.last.map((op) => op.op)).toEqual([...PROCESS_LIMITS.map(() => 'rlimit'), 'seccomp', 'caps']);
    expect(wallAround()).toEqual(built.last);
  });

  test('keep core files from the node’s crash handler, unless the node has none', () => {
    const core = (ops: readonly Op[]) => ops.find((op) => op.op === 'rlimit' && op.resource === 4);
    expect(core(wallAround())).toMatchObject({ soft: 1n, hard: 1n });
    expect(core(wallAround({ coresInside: true }))).toMatchObject({ soft: 0n, hard: 0xffff_ffff_ffff_ffffn });
  });

  test('mount nothing that obeys setuid bits or devices, but the root', () => {
    const NOSUID = 0x02n;
    for (const op of built.inside) if (op.op === 'mount') expect(op.attrs & NOSUID).toBe(NOSUID);
  });
});

test('programs are 32-bit when their ELF header says so, and scripts are not', () => {
  const head = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);
  const seen = [
    head(0x7f, 0x45, 0x4c, 0x46, 1),
    head(0x7f, 0x45, 0x4c, 0x46, 2),
    head(0x23, 0x21, 0x2f, 0x62, 1),
    head(0x7f, 0x45),
    head(),
  ];
  expect(seen.map(is32Bit)).toEqual([true, false, false, false, false]);
});

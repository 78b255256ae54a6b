// What a machine lacks, told from the files in which it shows.
import { describe, expect, it } from 'vitest';
import { effectiveUser, kernelObstacles } from '../../../src/engine/host/obstacles.ts';
import type { Files } from '../../../src/engine/host/port.ts';

const ALL = 'CapEff:\t000001ffffffffff\n';
const NAMESPACES = ['user', 'pid', 'net', 'mnt', 'uts', 'ipc', 'cgroup'];

/** A node that lacks nothing, but for what is said otherwise: path → content, null = not there. */
function node(otherwise: Readonly<Record<string, string | null>> = {}) {
  const content = new Map<string, string | null>(
    Object.entries({
      '/proc/self/status': `Name:\tnode\nUid:\t0\t0\t0\t0\n${ALL}`,
      '/proc/self/uid_map': '         0          0 4294967295\n',
      '/proc/self/ns': '',
      ...Object.fromEntries(
        NAMESPACES.flatMap((name) => [
          [`/proc/self/ns/${name}`, ''],
          [`/proc/sys/user/max_${name}_namespaces`, '63000\n'],
        ]),
      ),
      ...otherwise,
    }),
  );
  const stat = (path: string) => (content.get(path) == null ? null : { type: 'file' });
  const files = { read: (path: string) => content.get(path) ?? null, stat, lstat: stat } as unknown as Files;
  return { kernel: () => kernelObstacles(files, '/proc'), files };
}

const without = (...bits: readonly number[]): string => {
  const held = bits.reduce((caps, bit) => caps & ~(1n << BigInt(bit)), 0x1ffffffffffn);
  return `Uid:\t0\t0\t0\t0\nCapEff:\t${held.toString(16).padStart(16, '0')}\n`;
};

describe('rights and kernel', () => {
  it('none on a node that has all', () => {
    expect(node().kernel()).toEqual([]);
  });

  it('somebody who is not root hears of nothing else', () => {
    const found = node({ '/proc/self/status': 'Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000000000\n' }).kernel();
    expect(found).toEqual([
      { what: 'Containers are run by root, and this is user 1000', remedy: 'Type it once more with sudo', fatal: true },
    ]);
  });

  it('capabilities that are missing are named with what they are for', () => {
    expect(node({ '/proc/self/status': without(21, 0) }).kernel()).toMatchObject([
      { what: 'Root is here without CAP_CHOWN, CAP_SYS_ADMIN: no container can be started', fatal: true },
    ]);
    expect(node({ '/proc/self/status': without(19) }).kernel()).toMatchObject([
      { what: 'Root is here without CAP_SYS_PTRACE: nobody can enter a container', fatal: false },
    ]);
    expect(node({ '/proc/self/status': without(24) }).kernel()).toEqual([]);
  });

  it('root of an outer container has too few ids', () => {
    const [found] = node({ '/proc/self/uid_map': '         0     100000      65536\n' }).kernel();
    expect(found).toMatchObject({ what: expect.stringMatching(/^User ids from 0x70000000 on are not mapped/), fatal: true });
  });

  it.each(NAMESPACES)('%s namespaces that are switched off, or not built', (name) => {
    const [off] = node({ [`/proc/sys/user/max_${name}_namespaces`]: '0\n' }).kernel();
    expect(off).toMatchObject({ what: expect.stringContaining(`max_${name}_namespaces is 0`), fatal: true });
    expect(off?.remedy).toContain(`sysctl user.max_${name}_namespaces=`);
    const [none] = node({ [`/proc/self/ns/${name}`]: null }).kernel();
    expect(none).toMatchObject({ what: expect.stringContaining('the kernel is built without them'), fatal: true });
  });

  it('a procfs that is none says nothing', () => {
    const empty = node(Object.fromEntries(['status', 'uid_map', 'ns'].map((name) => [`/proc/self/${name}`, null])));
    expect(empty.kernel()).toEqual([]);
    expect(effectiveUser(empty.files, '/proc')).toBe(null);
  });
});

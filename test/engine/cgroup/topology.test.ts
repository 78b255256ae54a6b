import { describe, expect, it } from 'vitest';
import { cgroupMounts } from '../../../src/engine/cgroup/mount-info.ts';
import { cgroupObstacles } from '../../../src/engine/cgroup/obstacles.ts';
import { findTopology, removeTop } from '../../../src/engine/cgroup/topology.ts';
import { hybrid, type Machine, v1, v2, v2Systemd } from './trees.ts';

const find = (m: Machine, tag = '') => findTopology(m.files, '/proc', tag);
const mounts = (m: Machine, tag = ''): readonly string[] => find(m, tag).hierarchies.map((h) => h.mount.replace('/sys/fs/cgroup', ''));

describe('what a container needs a place in', () => {
  it('hybrid: v2 first, then one place per needed controller and in named hierarchies; not cpuset, blkio, cpuacct, freezer', () => {
    const m = hybrid();
    expect(find(m)).toMatchObject({ mode: 'hybrid', unified: '/sys/fs/cgroup/unified', top: '/vz', service: null, swap: true });
    expect(mounts(m)).toEqual(['/unified', '/cpu', '/memory', '/devices', '/pids', '/systemd']);
  });

  it('v1: freezer and cpuacct as well, a pair once', () => {
    expect(find(v1(), 'ab12')).toMatchObject({ mode: 'v1', unified: null, top: '/vz-ab12' });
    expect(mounts(v1())).toEqual(['/cpu,cpuacct', '/memory', '/devices', '/freezer', '/pids']);
  });

  it('v2: the one tree', () => {
    expect(find(v2())).toMatchObject({ mode: 'v2', unified: '/sys/fs/cgroup', top: '/vz', service: null, localPidsEvents: false });
    expect(mounts(v2())).toEqual(['']);
  });

  it('v2 under systemd: a delegated service, by prefix', () => {
    expect(find(v2Systemd())).toMatchObject({ top: '/system.slice/vz.service', service: 'vz.service' });
    expect(find(v2Systemd(), 'ab12')).toMatchObject({ top: '/system.slice/vz-ab12.service', service: 'vz-ab12.service' });
  });

  it('hybrid under systemd keeps beside it', () => {
    const m = hybrid();
    m.content.set('/run/systemd/system/', '');
    expect(find(m)).toMatchObject({ top: '/vz', service: null });
  });

  it('tells who counts refused forks', () => {
    const m = v2();
    m.content.set('/proc/self/mountinfo', '31 25 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,pids_localevents\n');
    expect(find(m).localPidsEvents).toBe(true);
  });

  it('takes the top away everywhere', () => {
    expect(removeTop(find(v2()))).toEqual([{ op: 'rmCgroup', path: '/sys/fs/cgroup/vz' }]);
    expect(removeTop(find(hybrid(), 't'))).toHaveLength(8);
  });
});

describe('mountinfo', () => {
  it('decodes escapes and prefers the whole, writable view of a hierarchy mounted twice', () => {
    const text = [
      '50 1 0:9 /docker/abc /a\\040b rw - cgroup cgroup rw,memory',
      '51 1 0:9 / /c ro - cgroup cgroup rw,memory',
      '52 1 0:10 / /d\\134e rw - cgroup2 none rw,nsdelegate',
      '53 1 0:11 / /sys rw - sysfs sysfs rw',
      'rubbish',
    ].join('\n');
    expect(cgroupMounts(text).map((m) => [m.version, m.mount, m.root, m.readOnly])).toEqual([
      [1, '/a b', '/docker/abc', false],
      [2, '/d\\e', '/', false],
    ]);
  });
});

describe('obstacles', () => {
  const obstacles = (m: Machine) => cgroupObstacles(m.files, '/proc', find(m));

  it('none on complete machines', () => {
    expect(obstacles(hybrid())).toEqual([]);
    expect(obstacles(v2())).toEqual([]);
    expect(obstacles(v2Systemd())).toEqual([]);
  });

  it('v1 lacks only the tree for birth', () => {
    expect(obstacles(v1()).map((o) => [o.what, o.fatal])).toEqual([[expect.stringContaining('No cgroup v2 tree'), false]]);
  });

  const without = (name: string, cgroups: (line: string) => string): Machine => {
    const m = hybrid();
    const drop = (path: string, keep: (line: string) => string): void => {
      m.content.set(path, (m.content.get(path) ?? '').split('\n').map(keep).join('\n'));
    };
    drop('/proc/self/mountinfo', (line) => (line.endsWith(`,${name}`) ? '' : line));
    drop('/proc/cgroups', (line) => (line.startsWith(`${name}\t`) ? cgroups(line) : line));
    return m;
  };

  it.each([
    ['not mounted', (line: string) => line, /mount -t cgroup -o memory/],
    ['switched off', (line: string) => line.replace(/1$/, '0'), /remove cgroup_disable=memory/],
    ['not built', () => '', /built without it/],
  ])('a memory controller that is %s', (_, cgroups, remedy) => {
    const [found] = obstacles(without('memory', cgroups));
    expect(found).toMatchObject({ what: expect.stringMatching(/^The memory controller is missing/), fatal: true });
    expect(found?.remedy).toMatch(remedy);
  });

  it('no pids controller', () => {
    expect(obstacles(without('pids', (line) => line)).map((o) => o.what)).toEqual([expect.stringMatching(/pids controller is missing/)]);
  });

  it('no tree at all', () => {
    const m = v2();
    m.content.set('/proc/self/mountinfo', '');
    expect(obstacles(m)[0]).toMatchObject({ what: 'No cgroup tree is mounted', fatal: true });
  });

  it('a service that systemd gives too little', () => {
    const m = v2Systemd();
    m.content.set('/sys/fs/cgroup/system.slice/vz.service/cgroup.controllers', 'cpu pids');
    expect(obstacles(m)).toMatchObject([
      { what: expect.stringContaining('does not give the memory controller to vz.service'), fatal: true },
    ]);
  });

  it('a root that is part of an outer tree and has processes', () => {
    const m = v2({ '/sys/fs/cgroup/cgroup.events': 'populated 1\n', '/sys/fs/cgroup/cgroup.procs': '1\n' });
    expect(obstacles(m)).toMatchObject([{ what: expect.stringContaining('part of an outer one'), fatal: true }]);
    m.content.set('/sys/fs/cgroup/cgroup.subtree_control', 'cpu memory pids');
    expect(obstacles(m)).toEqual([]);
  });

  it('no swap accounting', () => {
    const m = hybrid();
    m.content.delete('/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes');
    expect(obstacles(m)).toMatchObject([{ what: expect.stringContaining('Swap is not accounted'), fatal: false }]);
  });
});

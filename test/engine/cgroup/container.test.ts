import { describe, expect, it } from 'vitest';
import { containerCgroups } from '../../../src/engine/cgroup/container.ts';
import { BASIC_DEVICES } from '../../../src/engine/cgroup/devices.ts';
import type { Limits } from '../../../src/engine/cgroup/face.ts';
import { NO_LIMITS } from '../../../src/engine/cgroup/limits.ts';
import { findTopology } from '../../../src/engine/cgroup/topology.ts';
import { openCounters } from '../../../src/engine/cgroup/usage.ts';
import { hybrid, type Machine, v1, v2, v2Systemd } from './trees.ts';

const OWNER = 0x70000000;
const MIB = 2 ** 20;
const UNLIMITED: Limits = NO_LIMITS;
const LIMITS: Limits = { ...NO_LIMITS, numproc: 120, memory: 512 * MIB, swap: 256 * MIB, cpuunits: 2000, cpulimit: 250, cpus: 2 };

const MACHINES = { v1, hybrid, v2, 'v2 under systemd': v2Systemd };

function cgroups(m: Machine, id = 101) {
  const topology = findTopology(m.files, '/proc', '');
  return { topology, ct: containerCgroups(m.files, topology, id) };
}

function created(m: Machine, limits: Limits, id = 101) {
  const both = cgroups(m, id);
  m.run(both.ct.create(limits, OWNER));
  return both;
}

const enforced = (m: Machine, id = 101) =>
  openCounters(m.files, findTopology(m.files, '/proc', ''), id, ['numprocLimit', 'memoryLimit', 'swapLimit']).read();

describe.each(Object.entries(MACHINES))('%s', (_, make) => {
  it('can be told to a kernel as it stands, twice for two containers', () => {
    const m = make();
    created(m, LIMITS);
    const { ct } = created(m, LIMITS, 102);
    for (const dir of ct.directories) expect(m.content.has(`${dir}/`), dir).toBe(true);
    m.run([...ct.joinKeeper(), ...ct.attach(), ...ct.joinEnter(), ...ct.kill()]);
  });

  it('enforces what was asked, whoever has the controllers', () => {
    const m = make();
    created(m, LIMITS);
    expect(enforced(m)).toEqual({ numprocLimit: 120, memoryLimit: 512 * MIB, swapLimit: 256 * MIB });
  });

  it('writes no limit where there is none', () => {
    const m = make();
    created(m, UNLIMITED);
    expect(enforced(m)).toEqual({ numprocLimit: Infinity, memoryLimit: Infinity, swapLimit: Infinity });
    expect(m.log.filter((line) => /pids.max|memory.max|memsw|memory.limit|cpu\.(max|weight|shares|cfs)/.test(line))).toEqual([]);
  });

  it.each([
    ['raised', 1024, 512],
    ['lowered', 64, 32],
    ['memory up, swap down', 700, 10],
    ['memory down, swap up', 100, 4000],
    ['to the last byte of the old sum', 768, 0],
  ])('changes them in an order that the kernel takes: %s', (_name, memory, swap) => {
    const m = make();
    const { ct } = created(m, LIMITS);
    m.run(ct.update({ ...LIMITS, numproc: 7, memory: memory * MIB, swap: swap * MIB }));
    expect(enforced(m)).toMatchObject({ numprocLimit: 7, memoryLimit: memory * MIB });
    expect([swap * MIB, 4096]).toContain(enforced(m)?.swapLimit);
    m.run(ct.update(UNLIMITED));
    expect(enforced(m)).toEqual({ numprocLimit: Infinity, memoryLimit: Infinity, swapLimit: Infinity });
    m.run(ct.update(LIMITS));
    expect(enforced(m)).toEqual({ numprocLimit: 120, memoryLimit: 512 * MIB, swapLimit: 256 * MIB });
  });

  it('removes all that is its own, again without harm, and lets others be', () => {
    const m = make();
    const before = new Set(m.content.keys());
    const other = created(m, LIMITS, 7).ct;
    const { ct } = created(m, LIMITS);
    m.run([...ct.remove(), ...ct.remove()]);
    expect([...m.content.keys()].filter((path) => path.includes('/101'))).toEqual([]);
    m.run(other.remove());
    const left = [...m.content.keys()].filter((path) => path.endsWith('/') && !before.has(path));
    expect(left.every((path) => /\/vz(\.service)?\/(keepers\/)?$/.test(path))).toBe(true);
  });

  it('ends whoever still lives in groups that a crash has left before it removes them', () => {
    const m = make();
    const { ct } = created(m, LIMITS);
    expect(ct.create(LIMITS, OWNER)[0]).toEqual(ct.kill().at(-1));
  });

  it('begins a start with new groups, whatever a crash has left', () => {
    const m = make();
    created(m, LIMITS);
    const { ct } = cgroups(m);
    m.run(ct.create(UNLIMITED, OWNER));
    expect(enforced(m)).toEqual({ numprocLimit: Infinity, memoryLimit: Infinity, swapLimit: Infinity });
  });

  it('never writes outside of its top, but to hand controllers on', () => {
    const m = make();
    const { topology, ct } = cgroups(m);
    m.run([...ct.create(LIMITS, OWNER), ...ct.joinKeeper()]);
    const outside = m.log.filter((line) => !line.includes(`${topology.top}/`));
    for (const line of outside) expect(line).toMatch(/cgroup\.subtree_control=\+/);
    expect([...m.owners.keys()].every((path) => path.startsWith(ct.births.init || 'none'))).toBe(true);
  });
});

describe('v2', () => {
  it('delegates init and nothing above it', () => {
    const m = v2();
    const { ct } = created(m, LIMITS);
    const init = '/sys/fs/cgroup/vz/101/init';
    expect(ct.births).toEqual({ keeper: '/sys/fs/cgroup/vz/keepers', init, enter: `${init}/enter` });
    expect(Object.fromEntries(m.owners)).toEqual(
      Object.fromEntries(
        ['', '/cgroup.procs', '/cgroup.threads', '/cgroup.subtree_control', '/memory.oom.group', '/memory.reclaim'].map((f) => [
          `${init}${f}`,
          OWNER,
        ]),
      ),
    );
    expect(m.content.get(`${init}/cgroup.controllers`)?.split(' ').sort()).toEqual(['cpu', 'cpuset', 'io', 'memory', 'pids']);
    expect(m.content.get('/sys/fs/cgroup/vz/101/cgroup.max.descendants')).toBe('1000');
    expect(m.content.get('/sys/fs/cgroup/vz/101/cgroup.max.depth')).toBe('16');
  });

  it('uses the fallback list on a kernel that does not say what to delegate', () => {
    const m = v2();
    m.content.delete('/sys/kernel/cgroup/delegate');
    created(m, LIMITS);
    expect([...m.owners.keys()].map((p) => p.split('/init')[1])).toEqual([
      '',
      '/cgroup.procs',
      '/cgroup.threads',
      '/cgroup.subtree_control',
    ]);
  });

  it('hands controllers on once', () => {
    const m = v2();
    created(m, LIMITS);
    m.log.length = 0;
    created(m, LIMITS, 102);
    expect(m.log.filter((line) => line.includes('subtree_control'))).toEqual([
      '/sys/fs/cgroup/vz/102/cgroup.subtree_control=+cpu +memory +pids +io +cpuset',
    ]);
  });

  it('under systemd moves the service’s process to the keepers before it hands controllers on', () => {
    const m = v2Systemd();
    created(m, LIMITS);
    const top = '/sys/fs/cgroup/system.slice/vz.service';
    expect(m.log.slice(0, 2)).toEqual([`${top}/keepers/cgroup.procs=4711`, `${top}/cgroup.subtree_control=+cpu +memory +pids +io`]);
  });

  it('reclaims before it lowers the limit below what is held, so that a refusal kills nobody', () => {
    const m = v2();
    const { ct } = created(m, LIMITS);
    m.content.set('/sys/fs/cgroup/vz/101/memory.current', `${300 * MIB}\n`);
    m.log.length = 0;
    m.run(ct.update({ ...LIMITS, memory: 100 * MIB }));
    expect(m.log.filter((line) => /memory\.(reclaim|max|swap)/.test(line))).toEqual([
      `/sys/fs/cgroup/vz/101/memory.reclaim=${200 * MIB}`,
      `/sys/fs/cgroup/vz/101/memory.max=${100 * MIB}`,
      `/sys/fs/cgroup/vz/101/memory.swap.max=${256 * MIB}`,
    ]);
  });

  it('promises all where nothing bounds it in a word that the kernel gives back as it was', () => {
    const m = v2();
    const all = { ...UNLIMITED, guarantee: Infinity };
    const { ct } = created(m, all);
    expect(m.content.get('/sys/fs/cgroup/vz/101/memory.low')?.trim()).toBe('max');
    expect([ct.held(all).guarantee, ct.held(UNLIMITED).guarantee]).toEqual([Infinity, Infinity]);
    m.run(ct.update(UNLIMITED));
    expect(ct.held(all).guarantee).toBe(0);
  });

  it('promises above what the containers are promised together, and takes nothing from a slice of the node', () => {
    const m = v2Systemd();
    const { ct } = created(m, { ...LIMITS, guarantee: 10 * MIB }, 102);
    created(m, LIMITS);
    m.content.set('/sys/fs/cgroup/system.slice/memory.low', `${64 * MIB}\n`);
    m.content.set('/sys/fs/cgroup/system.slice/vz.service/memory.low', '0\n');
    const levels = cgroups(m).ct.above(30 * MIB);
    expect(levels.map(({ unit, now, wanted }) => [unit, now / MIB, wanted / MIB])).toEqual([
      ['system.slice', 64, 64],
      ['vz.service', 0, 40],
    ]);
    expect(ct.above(100 * MIB).map(({ wanted }) => wanted / MIB)).toEqual([100, 100]);
    expect(cgroups(hybrid()).ct.above(MIB)).toEqual([]);
  });

  it('limits devices by BPF, freezes by cgroup.freeze, kills the whole group', () => {
    const { ct } = cgroups(v2());
    expect(ct.create(LIMITS, OWNER).filter((op) => op.op === 'bpfDevice')).toMatchObject([{ path: '/sys/fs/cgroup/vz/101' }]);
    expect(ct.kill()).toEqual([{ op: 'killCgroup', path: '/sys/fs/cgroup/vz/101' }]);
    expect(ct.freeze(true)).toMatchObject([{ path: '/sys/fs/cgroup/vz/101/cgroup.freeze' }]);
    expect(ct.attach()).toEqual([]);
  });
});

describe('v1', () => {
  it('gives a cpuset that rides along the CPUs and nodes of the level above', () => {
    const m = v1();
    created(m, LIMITS);
    for (const dir of ['vz', 'vz/keepers', 'vz/101']) {
      expect(m.content.get(`/sys/fs/cgroup/cpu,cpuacct/${dir}/cpuset.cpus`)).toBe('0-3');
      expect(m.content.get(`/sys/fs/cgroup/cpu,cpuacct/${dir}/cpuset.mems`)).toBe('0');
    }
  });

  it('inherits a top that the administrator has narrowed', () => {
    const m = v1();
    created(m, LIMITS);
    m.content.set('/sys/fs/cgroup/cpu,cpuacct/vz/cpuset.cpus', '2\n');
    created(m, LIMITS, 102);
    expect(m.content.get('/sys/fs/cgroup/cpu,cpuacct/vz/102/cpuset.cpus')).toBe('2');
  });

  it('keeps a page between memory and memory+swap, since equal limits hide failures', () => {
    const m = hybrid();
    created(m, { ...LIMITS, swap: 0 });
    expect(m.content.get('/sys/fs/cgroup/memory/vz/101/memory.memsw.limit_in_bytes')).toBe(String(512 * MIB + 4096));
  });

  it('begins to count TCP buffers by writing their limit once', () => {
    const m = hybrid();
    const { ct } = created(m, UNLIMITED);
    expect(m.log.filter((line) => line.includes('kmem.tcp'))).toEqual(['/sys/fs/cgroup/memory/vz/101/memory.kmem.tcp.limit_in_bytes=-1']);
    m.log.length = 0;
    m.run(ct.update({ ...LIMITS, tcpBuffers: 2 * MIB }));
    expect(m.log.filter((line) => line.includes('kmem.tcp'))).toEqual([
      `/sys/fs/cgroup/memory/vz/101/memory.kmem.tcp.limit_in_bytes=${2 * MIB}`,
    ]);
  });

  it('denies all devices, then allows those of the table', () => {
    const m = hybrid();
    m.run(cgroups(m).ct.create(LIMITS, OWNER));
    const lines = m.log.filter((line) => line.includes('/devices.')).map((line) => line.split('/vz/101/')[1]);
    expect(lines[0]).toBe('devices.deny=a');
    expect(lines).toContain('devices.allow=c 136:* rwm');
    expect(lines).toHaveLength(1 + Object.keys(BASIC_DEVICES).length);
  });

  it('without a v2 tree freezes by the freezer and kills where pids are counted', () => {
    const m = v1();
    const { ct } = created(m, LIMITS);
    m.run(ct.freeze(true));
    expect(m.content.get('/sys/fs/cgroup/freezer/vz/101/freezer.state')).toBe('FROZEN');
    m.run(ct.freeze(false));
    expect(m.content.get('/sys/fs/cgroup/freezer/vz/101/freezer.state')).toBe('THAWED');
    expect(ct.kill()).toEqual([{ op: 'killCgroup', path: '/sys/fs/cgroup/pids/vz/101' }]);
    m.run(ct.freeze(true));
    m.run(ct.kill());
    expect(m.log.slice(-2)).toEqual(['/sys/fs/cgroup/freezer/vz/101/freezer.state=THAWED', 'killCgroup /sys/fs/cgroup/pids/vz/101']);
    expect(ct.births).toEqual({ keeper: '', init: '', enter: '' });
  });

  it('has programs that enter born in the tree where they can be killed, before they join the others', () => {
    const { ct } = cgroups(hybrid());
    expect(ct.births.enter).toBe('/sys/fs/cgroup/unified/vz/101/init/enter');
    expect(ct.joinEnter().map((op) => op.op === 'joinCgroup' && op.path.replace('/sys/fs/cgroup/', ''))).not.toContain('unified/vz/101');
  });

  it('refuses to freeze by name where nothing can freeze', () => {
    const m = v1();
    m.content.set('/proc/self/mountinfo', (m.content.get('/proc/self/mountinfo') ?? '').replace(/.*freezer.*\n/, ''));
    const { ct } = cgroups(m);
    expect(() => ct.freeze(true)).toThrow(/Freezing is not supported by this kernel/);
    expect(ct.freeze(false)).toEqual([]);
  });
});

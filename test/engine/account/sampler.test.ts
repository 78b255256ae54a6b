import { describe, expect, it } from 'vitest';
import type { CtSummary } from '../../../src/engine/account/sample.ts';
import { openSampler, shownUptime } from '../../../src/engine/account/sampler.ts';
import { containerCgroups } from '../../../src/engine/cgroup/container.ts';
import { NO_LIMITS } from '../../../src/engine/cgroup/limits.ts';
import { findTopology } from '../../../src/engine/cgroup/topology.ts';
import type { Host } from '../../../src/engine/host/port.ts';
import { hybrid, type Machine, v2 } from '../cgroup/trees.ts';
import { sightOf } from './sight.ts';

const LIMITS = { ...NO_LIMITS, numproc: 20 };

function summary(id: number, change: Partial<CtSummary> = {}): CtSummary {
  return {
    id,
    name: '',
    hostname: '',
    description: '',
    ostemplate: 'busybox',
    layout: 'simfs',
    ips: ['10.0.0.1'],
    state: 'running',
    unattended: false,
    init: { pid: 1000 + id, startTime: 5n },
    uptime: 3600,
    trouble: '',
    restartAt: null,
    ...change,
  };
}

/** What the config of each says. */
const ENTRY = {
  name: 'web',
  values: new Map([
    ['ONBOOT', 'yes'],
    ['NUMPROC', '20:20'],
  ]),
  layout: 'simfs',
  private: '/vz/private',
  root: '/vz/root',
  state: 'running',
  init: {},
  uptime: 1,
} as const;

/** A node with containers 101 and 102 whose counters can be set. */
function node(m: Machine) {
  const clock = { ms: 1_000_000 };
  const opened: string[] = [];
  let open = 0;
  const proc: Readonly<Record<string, string>> = {
    '/proc/stat': 'cpu  100 0 0 900 0 0 0 0 0 0\ncpu0 1\ncpu1 1\n',
    '/proc/meminfo': 'MemTotal: 1000 kB\nMemAvailable: 400 kB\n',
    '/proc/loadavg': '0.10 0.20 0.30 1/2 3\n',
    '/proc/sys/kernel/hostname': 'node7\n',
  };
  for (const [path, text] of Object.entries(proc)) m.content.set(path, text);
  const files: Host['files'] = {
    ...m.files,
    openCounter(path) {
      const file = m.files.openCounter(path);
      if (!file) return null;
      opened.push(path);
      open++;
      return {
        read: () => file.read(),
        close: () => {
          open--;
        },
      };
    },
  };
  const host = { files, proc: '/proc', root: '/', now: () => clock.ms, uptime: () => clock.ms } as unknown as Host;
  const topology = findTopology(files, '/proc', '');
  for (const id of [101, 102]) m.run(containerCgroups(files, topology, id).create(LIMITS, 7));
  let list: readonly CtSummary[] = [summary(102), summary(101)];
  const entryOf = (id: number) => ({ ...ENTRY, id });
  const sampler = openSampler(
    host,
    sightOf(host, topology, () => list, entryOf),
  );
  return {
    clock,
    opened,
    open: () => open,
    sampler,
    show: (next: readonly CtSummary[]) => {
      list = next;
    },
    set: (file: string, text: string) => {
      const path = [...m.content.keys()].find((p) => p.includes('/vz/101/') && p.endsWith(`/${file}`));
      if (path === undefined) throw new Error(`no ${file}`);
      m.content.set(path, text);
    },
    cpu: (usec: number) => {
      const path = [...m.content.keys()].find((p) => p.includes('/vz/101/cpu.stat') && (m.content.get(p) ?? '').includes('usage_usec'));
      m.content.set(path ?? '', `usage_usec ${usec}\n`);
    },
  };
}

describe.each([
  ['hybrid', hybrid, 'memory.usage_in_bytes', 'memory.failcnt', '3\n'],
  ['v2', v2, 'memory.current', 'memory.events.local', 'low 0\noom 3\n'],
] as const)('the sampler on %s', (_, make, memory, failures, three) => {
  it('tells what is held, allowed and was refused, in order of CTID', () => {
    const n = node(make());
    n.set('pids.current', '7\n');
    n.set(memory, '4096\n');
    n.set(failures, three);
    const { containers } = n.sampler.tick();
    expect(containers.map((c) => c.id)).toEqual([101, 102]);
    expect(containers[0]).toMatchObject({
      numproc: { held: 7, limit: 20, failcnt: 0 },
      memory: { held: 4096, limit: null, failcnt: 3 },
      cpu: null,
    });
  });

  it('tells CPU time as percent of one CPU between two ticks', () => {
    const n = node(make());
    n.cpu(5_000_000);
    expect(n.sampler.tick().containers[0]?.cpu).toBeNull();
    n.clock.ms += 1000;
    n.cpu(6_500_000);
    expect(n.sampler.tick().containers[0]?.cpu).toBe(150);
    n.clock.ms += 2000;
    n.cpu(6_501_000);
    expect(n.sampler.tick().containers[0]?.cpu).toBe(0.1);
  });

  it('gives the same object for a row in which nothing changed', () => {
    const n = node(make());
    n.sampler.tick();
    n.clock.ms += 1000;
    const second = n.sampler.tick();
    n.clock.ms += 1000;
    n.show([summary(101, { uptime: 3601.5 }), summary(102, { uptime: 3602.5 })]);
    const third = n.sampler.tick();
    expect(third.containers[0]).toBe(second.containers[0]);
    n.set('pids.current', '8\n');
    n.clock.ms += 1000;
    const fourth = n.sampler.tick();
    expect(fourth.containers[0]).not.toBe(third.containers[0]);
    expect(fourth.containers[1]).toBe(third.containers[1]);
    n.show([summary(101, { ips: ['10.0.0.2'] }), summary(102)]);
    n.clock.ms += 1000;
    expect(n.sampler.tick().containers[0]).not.toBe(fourth.containers[0]);
  });

  it('sees at once what a container that runs has done, and the memory of one that sleeps', () => {
    const n = node(make());
    const failed = (): number | undefined => n.sampler.tick().containers[0]?.memory.failcnt;
    n.cpu(5_000);
    expect(failed()).toBe(0);
    for (let run = 1; run <= 10; run++) {
      n.cpu(5_000 + run);
      n.set(failures, three.replace('3', String(run)));
      expect(failed()).toBe(run);
      n.set(memory, `${4096 * run}\n`);
      expect(n.sampler.tick().containers[0]?.memory.held).toBe(4096 * run);
    }
  });

  it('sees within five ticks what was done from outside to a container that sleeps', () => {
    const n = node(make());
    const ticks = { shown: 0, until: 0 };
    n.cpu(5_000);
    n.sampler.tick();
    n.set('pids.max', '30\n');
    for (; ticks.shown !== 30 && ticks.until < 100; ticks.until++) ticks.shown = n.sampler.tick().containers[0]?.numproc.limit ?? 0;
    expect(ticks.until).toBeLessThanOrEqual(5);
  });

  it('opens files once for a start, anew for the next one, and closes those of what has gone', () => {
    const n = node(make());
    const own = n.open();
    n.sampler.tick();
    const files = n.opened.length;
    n.sampler.tick();
    expect(n.opened).toHaveLength(files);
    const each = (n.open() - own) / 2;
    n.show([summary(101, { init: { pid: 1101, startTime: 6n } }), summary(102, { init: null, state: 'stopped', uptime: 0 })]);
    const { containers } = n.sampler.tick();
    expect(n.open() - own).toBe(each);
    expect(containers[0]?.cpu).toBeNull();
    expect(containers[1]).toMatchObject({ numproc: { held: 0, limit: null }, memory: { held: 0 }, cpu: null });
    n.show([]);
    n.sampler.tick();
    expect(n.open()).toBe(own);
    n.sampler.close();
    expect(n.open()).toBe(0);
  });

  it('tells fields of vzlist to whoever asks for them, and keeps their files open only as long', () => {
    const n = node(make());
    n.set('pids.peak', '9\n');
    n.sampler.tick();
    const [plain, open] = [n.opened.length, n.open()];
    expect(n.sampler.tick().containers[0]?.fields).toBeUndefined();
    expect(n.sampler.tick(['onboot', 'diskspace.h', 'nosuch']).containers[0]?.fields).toEqual({ onboot: 'yes', 'diskspace.h': null });
    expect(n.opened).toHaveLength(plain);
    const asked = ['numproc.m', 'numproc.f', 'onboot'];
    const row = n.sampler.tick(asked).containers[0];
    expect(row?.fields).toEqual({ 'numproc.m': 9, 'numproc.f': 0, onboot: 'yes' });
    const more = n.opened.length;
    expect(n.sampler.tick(asked).containers[0]).toBe(row);
    expect(n.opened).toHaveLength(more);
    n.set('pids.peak', '11\n');
    // what the kernel keeps can wait
    const peaks = Array.from({ length: 5 }, () => n.sampler.tick(asked).containers[0]?.fields?.['numproc.m']);
    expect(peaks).toContain(11);
    n.sampler.tick(['onboot']);
    expect(n.open()).toBe(open);
    n.show([summary(101, { init: null, state: 'stopped', uptime: 0 }), summary(102)]);
    expect(n.sampler.tick(asked).containers[0]?.fields).toEqual({ 'numproc.m': null, 'numproc.f': null, onboot: 'yes' });
    n.sampler.close();
    expect(n.open()).toBe(0);
  });

  it('survives groups that go between two ticks', () => {
    const m = make();
    const n = node(m);
    n.sampler.tick();
    m.run(containerCgroups(m.files, findTopology(m.files, '/proc', ''), 101).remove());
    expect(n.sampler.tick().containers[0]).toMatchObject({ numproc: { held: 0 }, cpu: null });
    expect(n.sampler.tick().containers[1]).toMatchObject({ numproc: { limit: 20 } });
  });

  it('tells the node', () => {
    const n = node(make());
    expect(n.sampler.tick()).toMatchObject({
      at: 1_000_000,
      hostname: 'node7',
      cpus: 2,
      cpu: null,
      memory: { held: 600 * 1024, limit: 1000 * 1024 },
      load: [0.1, 0.2, 0.3],
    });
    expect(n.sampler.tick().cpu).toBe(0);
  });
});

it.each([
  [0.4, 0],
  [59.9, 59],
  [60, 60],
  [119, 60],
  [7322, 7320],
])('%d s of uptime are shown as %d', (seconds, shown) => {
  expect(shownUptime(seconds)).toBe(shown);
});

// Cgroup trees of real machines as they were found, as files in memory, and a reader of operation lists that does to them what a kernel would.
import type { CounterFile, Files } from '../../../src/engine/host/port.ts';
import type { Op } from '../../../src/engine/spec/op.ts';

const decoder = new TextDecoder();

/** What a new group of a hierarchy contains, by controller ("" = in any group). */
const NEW_V2: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '': {
    'cgroup.controllers': '',
    'cgroup.subtree_control': '',
    'cgroup.procs': '',
    'cgroup.threads': '',
    'cgroup.max.depth': 'max',
    'cgroup.max.descendants': 'max',
    'cgroup.freeze': '0',
    'cgroup.events': 'populated 0\nfrozen 0\n',
    'cpu.stat': 'usage_usec 0\nuser_usec 0\nsystem_usec 0\n',
  },
  cpu: { 'cpu.weight': '100', 'cpu.max': 'max 100000' },
  cpuset: { 'cpuset.cpus': '', 'cpuset.mems': '' },
  io: { 'io.max': '', 'io.weight': 'default 100', 'io.bfq.weight': 'default 100' },
  memory: {
    'memory.current': '0',
    'memory.max': 'max',
    'memory.low': '0',
    'memory.peak': '0',
    'memory.swap.max': 'max',
    'memory.swap.current': '0',
    'memory.oom.group': '0',
    'memory.reclaim': '',
    'memory.events': 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n',
    'memory.events.local': 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n',
    'memory.swap.events': 'high 0\nmax 0\nfail 0\n',
  },
  pids: { 'pids.current': '0', 'pids.max': 'max', 'pids.peak': '0', 'pids.events': 'max 0\n', 'pids.events.local': 'max 0\n' },
};

const V1_NONE = '9223372036854771712';
const NEW_V1: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '': { 'cgroup.procs': '', tasks: '' },
  cpu: { 'cpu.shares': '1024', 'cpu.cfs_quota_us': '-1', 'cpu.cfs_period_us': '100000', 'cpu.stat': 'nr_periods 0\nnr_throttled 0\n' },
  cpuacct: { 'cpuacct.usage': '0', 'cpuacct.stat': 'user 0\nsystem 0\n' },
  cpuset: { 'cpuset.cpus': '', 'cpuset.mems': '', 'cpuset.memory_migrate': '0' },
  memory: {
    'memory.limit_in_bytes': V1_NONE,
    'memory.memsw.limit_in_bytes': V1_NONE,
    'memory.usage_in_bytes': '0',
    'memory.memsw.usage_in_bytes': '0',
    'memory.max_usage_in_bytes': '0',
    'memory.failcnt': '0',
    'memory.kmem.tcp.limit_in_bytes': V1_NONE,
    'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 0\n',
  },
  pids: { 'pids.current': '0', 'pids.max': 'max', 'pids.peak': '0', 'pids.events': 'max 0\n' },
  devices: { 'devices.allow': '', 'devices.deny': '', 'devices.list': 'a *:* rwm\n' },
  freezer: { 'freezer.state': 'THAWED' },
  blkio: {
    'blkio.bfq.weight': '100',
    'blkio.throttle.read_bps_device': '',
    'blkio.throttle.write_bps_device': '',
    'blkio.throttle.read_iops_device': '',
    'blkio.throttle.write_iops_device': '',
  },
};

export interface Machine {
  readonly files: Files;
  readonly content: Map<string, string>;
  readonly owners: Map<string, number>;
  /** Writes in the order in which they came, "path=text" with mount points left as they are. */
  readonly log: string[];
  run(ops: readonly Op[]): void;
}

interface Tree {
  readonly version: 1 | 2;
  readonly mount: string;
  readonly controllers: readonly string[];
}

/** @param trees mounted hierarchies @param extra further files, path → content; a directory is a path that ends in "/" */
export function machine(trees: readonly Tree[], extra: Readonly<Record<string, string>>): Machine {
  const content = new Map<string, string>(Object.entries(extra));
  const owners = new Map<string, number>();
  const log: string[] = [];
  const treeOf = (path: string): Tree | undefined => trees.find((t) => path === t.mount || path.startsWith(`${t.mount}/`));
  const kindOf = (path: string): 'dir' | 'file' | null => (content.has(`${path}/`) ? 'dir' : content.has(path) ? 'file' : null);

  const fill = (tree: Tree, dir: string, controllers: readonly string[]): void => {
    content.set(`${dir}/`, '');
    const kinds = tree.version === 1 ? NEW_V1 : NEW_V2;
    for (const c of ['', ...controllers]) for (const [file, text] of Object.entries(kinds[c] ?? {})) content.set(`${dir}/${file}`, text);
    if (tree.version === 2) content.set(`${dir}/cgroup.controllers`, controllers.join(' '));
  };

  const handedOn = (dir: string): readonly string[] => (content.get(`${dir}/cgroup.subtree_control`) ?? '').split(' ').filter(Boolean);

  const mkdir = (path: string): void => {
    if (kindOf(path) === 'dir') return;
    const tree = treeOf(path);
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (!tree || kindOf(parent) !== 'dir') throw new Error(`ENOENT mkdir ${path}`);
    fill(tree, path, tree.version === 1 ? tree.controllers : handedOn(parent));
  };

  const enable = (path: string, text: string): void => {
    const dir = path.slice(0, path.lastIndexOf('/'));
    const asked = text.split(' ').map((word) => word.slice(1));
    const available = (content.get(`${dir}/cgroup.controllers`) ?? '').split(' ');
    for (const c of asked) if (!available.includes(c)) throw new Error(`ENOENT +${c} ${path}`);
    if ((content.get(`${dir}/cgroup.procs`) ?? '') !== '' && !trees.some((t) => t.mount === dir)) throw new Error(`EBUSY ${path}`);
    const on = [...new Set([...handedOn(dir), ...asked])];
    content.set(path, on.join(' '));
    for (const known of [...content.keys()]) {
      if (!known.endsWith('/') || known === `${dir}/` || !known.startsWith(`${dir}/`) || known.slice(dir.length + 1, -1).includes('/'))
        continue;
      const child = known.slice(0, -1);
      content.set(`${child}/cgroup.controllers`, on.join(' '));
      for (const c of asked) for (const [file, fresh] of Object.entries(NEW_V2[c] ?? {})) content.set(`${child}/${file}`, fresh);
    }
  };

  const write = (path: string, text: string): void => {
    if (kindOf(path) !== 'file') throw new Error(`ENOENT write ${path}`);
    log.push(`${path}=${text}`);
    if (path.endsWith('/cgroup.subtree_control')) {
      enable(path, text);
      return;
    }
    if (path.endsWith('/cgroup.procs')) {
      for (const [known, procs] of content)
        if (known.endsWith('/cgroup.procs') && treeOf(known) === treeOf(path))
          content.set(
            known,
            procs
              .split('\n')
              .filter((pid) => pid !== text)
              .join('\n'),
          );
      content.set(path, `${content.get(path) ?? ''}${text}\n`);
      return;
    }
    const unlimited = text === '-1' && path.includes('/memory.');
    const sum = path.replace('memory.limit_in_bytes', 'memory.memsw.limit_in_bytes');
    const limit = path.replace('memory.memsw.limit_in_bytes', 'memory.limit_in_bytes');
    const value = unlimited ? V1_NONE : text;
    if (sum !== path && Number(value) > Number(content.get(sum))) throw new Error(`EINVAL ${path}`);
    if (limit !== path && Number(value) < Number(content.get(limit))) throw new Error(`EINVAL ${path}`);
    content.set(path, value);
  };

  const remove = (path: string): void => {
    for (const known of [...content.keys()]) if (known.startsWith(`${path}/`)) content.delete(known);
  };

  const run = (ops: readonly Op[]): void => {
    for (const op of ops)
      switch (op.op) {
        case 'mkdir':
          mkdir(op.path);
          break;
        case 'write':
          write(op.path, decoder.decode(op.data));
          break;
        case 'chown':
          if (kindOf(op.path) === null) throw new Error(`ENOENT chown ${op.path}`);
          owners.set(op.path, op.uid);
          break;
        case 'rmCgroup':
          remove(op.path);
          break;
        case 'joinCgroup':
        case 'attachCgroup':
        case 'killCgroup':
        case 'bpfDevice':
          if (kindOf(op.path) !== 'dir') throw new Error(`ENOENT ${op.op} ${op.path}`);
          log.push(`${op.op} ${op.path}`);
          break;
        default:
          throw new Error(`not for cgroups: ${op.op}`);
      }
  };

  const stat = (path: string) => {
    const type = kindOf(path);
    return type && { type, mode: 0o755, uid: owners.get(path) ?? 0, gid: 0, size: 0, dev: 0, ino: 0, mtimeMs: 0 };
  };
  const list = (path: string): readonly string[] | null => {
    if (kindOf(path) !== 'dir') return null;
    const inside = [...content.keys()].filter((k) => k.startsWith(`${path}/`) && k !== `${path}/`).map((k) => k.slice(path.length + 1));
    return [...new Set(inside.map((k) => k.split('/')[0] ?? ''))];
  };
  const openCounter = (path: string): CounterFile | null =>
    kindOf(path) === 'file' ? { read: () => content.get(path) ?? null, close: () => {} } : null;
  const read = (path: string): string | null => content.get(path) ?? null;
  const files = { read, readTrusted: read, stat, list, openCounter } as unknown as Files;

  for (const tree of trees) {
    fill(tree, tree.mount, tree.controllers);
  }
  for (const [path, text] of Object.entries(extra)) content.set(path, text);
  return { files, content, owners, log, run };
}

const procCgroups = (names: readonly string[], off: readonly string[] = []): string =>
  `#subsys_name\thierarchy\tnum_cgroups\tenabled\n${names.map((n, i) => `${n}\t${i + 1}\t1\t${off.includes(n) ? 0 : 1}\n`).join('')}`;

const ALL = ['cpuset', 'cpu', 'cpuacct', 'blkio', 'memory', 'devices', 'freezer', 'net_cls', 'perf_event', 'net_prio', 'hugetlb', 'pids'];
const DELEGATE = 'cgroup.procs\ncgroup.threads\ncgroup.subtree_control\nmemory.oom.group\nmemory.reclaim\n';
const COMMON = { '/proc/swaps': 'Filename\tType\n', '/sys/kernel/cgroup/delegate': DELEGATE };

/** The development machine: v1 controllers mounted singly, a v2 tree with hugetlb only. */
export function hybrid(): Machine {
  const single = ['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids'];
  const base = '/sys/fs/cgroup';
  return machine(
    [
      ...single.map((c): Tree => ({ version: 1, mount: `${base}/${c}`, controllers: [c] })),
      { version: 1, mount: `${base}/systemd`, controllers: [] },
      { version: 2, mount: `${base}/unified`, controllers: ['hugetlb'] },
    ],
    {
      ...COMMON,
      '/proc/cgroups': procCgroups(ALL),
      '/proc/self/mountinfo': [
        '31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755',
        ...single.map((c, i) => `${32 + i} 31 0:${29 + i} / ${base}/${c} rw,relatime - cgroup cgroup rw,${c}`),
        `40 31 0:37 / ${base}/systemd rw,relatime - cgroup cgroup rw,name=systemd`,
        `41 31 0:38 / ${base}/unified rw,relatime - cgroup2 cgroup2 rw`,
        '',
      ].join('\n'),
    },
  );
}

/** A node of the time before v2: controllers mounted in pairs, no v2 tree; cpuset rides with cpu. */
export function v1(): Machine {
  const base = '/sys/fs/cgroup';
  const mounts: readonly (readonly [string, readonly string[]])[] = [
    ['cpu,cpuacct', ['cpuset', 'cpu', 'cpuacct']],
    ['memory', ['memory']],
    ['devices', ['devices']],
    ['freezer', ['freezer']],
    ['pids', ['pids']],
    ['net_cls,net_prio', ['net_cls', 'net_prio']],
  ];
  return machine(
    mounts.map(([name, controllers]): Tree => ({ version: 1, mount: `${base}/${name}`, controllers })),
    {
      ...COMMON,
      [`${base}/cpu,cpuacct/cpuset.cpus`]: '0-3\n',
      [`${base}/cpu,cpuacct/cpuset.mems`]: '0\n',
      '/proc/cgroups': procCgroups(ALL),
      '/proc/self/mountinfo': mounts
        .map(([name, c], i) => `${32 + i} 31 0:${29 + i} / ${base}/${name} rw,nosuid - cgroup cgroup rw,${c.join(',')}\n`)
        .join(''),
    },
  );
}

const V2_LINE = '31 25 0:27 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n';
const V2_ALL = ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids', 'rdma', 'misc'];

/** A Debian 13 node with an init that leaves cgroups alone; `extra` changes or adds files. */
export function v2(extra: Readonly<Record<string, string>> = {}): Machine {
  return machine([{ version: 2, mount: '/sys/fs/cgroup', controllers: V2_ALL }], {
    ...COMMON,
    '/proc/cgroups': procCgroups(ALL),
    '/proc/self/mountinfo': V2_LINE,
    ...extra,
  });
}

/** The same under systemd, its service there and holding a process, as right after its start. */
export function v2Systemd(): Machine {
  const m = v2({ '/run/systemd/system/': '', '/sys/fs/cgroup/cgroup.subtree_control': V2_ALL.join(' ') });
  m.run([
    { op: 'mkdir', path: '/sys/fs/cgroup/system.slice', mode: 0o755 },
    { op: 'write', path: '/sys/fs/cgroup/system.slice/cgroup.subtree_control', data: new TextEncoder().encode('+cpu +io +memory +pids') },
    { op: 'mkdir', path: '/sys/fs/cgroup/system.slice/vz.service', mode: 0o755 },
    { op: 'write', path: '/sys/fs/cgroup/system.slice/vz.service/cgroup.procs', data: new TextEncoder().encode('4711') },
  ]);
  m.log.length = 0;
  return m;
}

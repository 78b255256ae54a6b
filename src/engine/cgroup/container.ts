// A container's cgroups as lists of operations, planned for the hierarchies that this machine has. Reads control files to find what is
// already there and in which order limits may be written; changes nothing itself.
import { VzError } from '../errors.ts';
import type { Op } from '../spec/op.ts';
import { accessChanges, allowedDevices, deviceLine, deviceProgram, readDeviceLines } from './devices.ts';
import type { CgroupTopology, ContainerCgroups, DeviceRule, Hierarchy, LimitChange, LimitName, Limits, Standstill } from './face.ts';
import type { Dialect, Group, Row } from './limit-row.ts';
import { changedLimits, NO_LIMITS, newLimits, ROWS } from './limits.ts';
import { guaranteeLevels } from './top-guarantee.ts';
import { topShare } from './top-share.ts';
import { onDemandHierarchies, type Reading, USED } from './topology.ts';

/** Bounds on what a container may build below its own group: each directory takes memory of the kernel's that is charged to nobody. */
const MAX_DESCENDANTS = 1000;
const MAX_DEPTH = 16;

const DIR_MODE = 0o755;
const encoder = new TextEncoder();

/** An empty text would be no write at all; the kernel takes an empty line for it. */
const write = (path: string, text: string): Op => ({ op: 'write', path, data: encoder.encode(text === '' ? '\n' : text) });
const mkdir = (path: string): Op => ({ op: 'mkdir', path, mode: DIR_MODE });
const listOf = (text: string | null): readonly string[] => (text ?? '').split(/\s+/).filter(Boolean);

/** Hands controllers of a v2 directory on to its children. */
function handOn(dir: string, controllers: readonly string[]): readonly Op[] {
  return controllers.length === 0 ? [] : [write(`${dir}/cgroup.subtree_control`, controllers.map((c) => `+${c}`).join(' '))];
}

/** The same for a directory in use: to hand on again what is handed on already costs a wait for dying groups. */
function handOnMissing(files: Reading, dir: string, wanted: readonly string[]): readonly Op[] {
  const on = listOf(files.read(`${dir}/cgroup.subtree_control`));
  return handOn(
    dir,
    wanted.filter((c) => !on.includes(c)),
  );
}

/** A v1 cpuset begins empty and takes no process in until it has CPUs and memory nodes: those of the level above. */
function inheritCpuset(files: Reading, h: Hierarchy, top: string, dirs: readonly string[]): readonly Op[] {
  if (h.version === 2 || !h.controllers.includes('cpuset')) return [];
  const from = files.stat(top) === null ? h.mount : top;
  return dirs.flatMap((dir) =>
    ['cpuset.cpus', 'cpuset.mems'].map((file) => write(`${dir}/${file}`, (files.read(`${from}/${file}`) ?? '').trim())),
  );
}

export function containerCgroups(files: Reading, topology: CgroupTopology, id: number): ContainerCgroups {
  const { hierarchies, unified } = topology;
  const topOn = (h: Hierarchy): string => `${h.mount}${topology.top}`;
  const dirOn = (h: Hierarchy): string => `${topOn(h)}/${id}`;
  const keepersOn = (h: Hierarchy): string => `${topOn(h)}/keepers`;
  const v1 = hierarchies.filter((h) => h.version === 1);
  /** Hierarchies of v1 that a container has a place in only once a limit asks for it. */
  const onDemand = onDemandHierarchies(topology);
  const joined = (): readonly Hierarchy[] => onDemand.filter((h) => files.stat(dirOn(h)) !== null);
  const v2 = hierarchies.find((h) => h.version === 2);
  const init = v2 ? `${dirOn(v2)}/init` : null;
  /** Where all processes of the container are sure to be, for kill and freeze. */
  const whole = (controller: string): string | null => {
    const h = unified === null ? topology.controllers.get(controller) : v2;
    return h ? dirOn(h) : null;
  };

  /** A service has what systemd gave to it; elsewhere the whole tree's controllers can be had. */
  const controllersOf = (h: Hierarchy): readonly string[] => {
    if (h.version === 1) return h.controllers;
    const given = topology.service === null ? null : files.read(`${topOn(h)}/cgroup.controllers`);
    const available = given === null ? h.controllers : listOf(given);
    return USED.filter((c) => available.includes(c));
  };

  /** T and its group of keepers, where they are not there yet. */
  const makeTop = (h: Hierarchy): readonly Op[] => {
    const [top, keepers] = [topOn(h), keepersOn(h)];
    const dirs = files.stat(keepers) !== null ? [] : [top, keepers].filter((dir) => files.stat(dir) === null);
    const missing = h.version === 1 ? [] : handOnMissing(files, top, controllersOf(h));
    // A group with processes of its own, such as a service's first one, may not hand controllers on.
    const strays = missing.length === 0 || topology.service === null ? [] : listOf(files.read(`${top}/cgroup.procs`));
    return [
      ...dirs.map(mkdir),
      ...inheritCpuset(files, h, top, dirs),
      ...strays.map((pid) => write(`${keepers}/cgroup.procs`, pid)),
      ...(h.version === 1 || topology.service !== null ? [] : handOnMissing(files, h.mount, controllersOf(h))),
      ...missing,
    ];
  };

  const makeGroup = (h: Hierarchy, left: boolean): readonly Op[] => {
    const dir = dirOn(h);
    // What a crashed start left would keep its limits and counters.
    const stale: readonly Op[] = left ? [{ op: 'rmCgroup', path: dir }] : [];
    return [...stale, mkdir(dir), ...inheritCpuset(files, h, topOn(h), [dir])];
  };

  const groupOn = (h: Hierarchy, dir: string): Group => ({
    read: (file) => files.read(`${dir}/${file}`)?.trim() ?? null,
    has: (file) => files.stat(`${dir}/${file}`) !== null,
    above: (file) => files.read(`${files.stat(topOn(h)) === null ? h.mount : topOn(h)}/${file}`)?.trim() ?? null,
  });

  /** Which rows of the table this hierarchy answers, and how. */
  const dialectsOn = (h: Hierarchy): readonly { readonly row: Row; readonly dialect: Dialect }[] => {
    const controllers = controllersOf(h);
    return ROWS.flatMap((row) => {
      const dialect = row[h.version];
      return dialect && controllers.includes(row.controller) ? [{ row, dialect }] : [];
    });
  };

  /** A new group has the same files as one that is there already. */
  const freshWrites = (h: Hierarchy, limits: Limits): readonly Op[] =>
    dialectsOn(h).flatMap(({ dialect }) =>
      newLimits(dialect, limits, topology.swap, groupOn(h, h.mount)).map((w) => write(`${dirOn(h)}/${w.file}`, w.text)),
    );

  const asked = (limits: Limits): readonly Hierarchy[] => onDemand.filter((h) => freshWrites(h, limits).length > 0);

  const changes = (limits: Limits, wanted?: ReadonlySet<LimitName>): readonly LimitChange[] => {
    const here = joined();
    const needed = asked(limits);
    return [...hierarchies, ...onDemand].flatMap((h) => {
      const extra = onDemand.includes(h) && !here.includes(h);
      if (extra && !needed.includes(h)) return [];
      return dialectsOn(h).flatMap(({ row, dialect }): readonly LimitChange[] => {
        if (wanted && !row.of.some((name) => wanted.has(name))) return [];
        const writes = extra
          ? newLimits(dialect, limits, topology.swap, groupOn(h, h.mount))
          : changedLimits(dialect, limits, topology.swap, groupOn(h, dirOn(h)));
        if (writes.length === 0) return [];
        const make = extra ? [...makeTop(h), ...makeGroup(h, false)] : [];
        return [
          {
            of: row.of,
            join: extra ? dirOn(h) : '',
            make,
            writes: writes.map(({ file, text, present }) => ({ path: `${dirOn(h)}/${file}`, text, ...(present ? { present } : {}) })),
          },
        ];
      });
    });
  };

  const held = (limits: Limits): Partial<Limits> =>
    Object.assign(
      {},
      ...[...hierarchies, ...onDemand].flatMap((h) => {
        const there = files.stat(dirOn(h)) !== null;
        return dialectsOn(h).map(({ row, dialect }) => {
          const writes = dialect.writes(limits, topology.swap);
          if (writes.length === 0) return {};
          // a container that is not in it is held to nothing there
          if (!there) return Object.fromEntries(row.of.map((name) => [name, NO_LIMITS[name]]));
          // what the file says is not always what was asked for: units are rounded, and the smaller one of two limits stands in it
          const group = groupOn(h, dirOn(h));
          const asAsked = writes.every(({ file, text, present = (all) => all }) => text === present(group.read(file) ?? ''));
          return asAsked ? Object.fromEntries(row.of.map((name) => [name, limits[name]])) : dialect.held(group, limits);
        });
      }),
    ) as Partial<Limits>;

  const deviceAccess = (more: readonly DeviceRule[]): readonly Op[] => {
    const rules = allowedDevices(more);
    const h = topology.controllers.get('devices');
    if (h) return [write(`${dirOn(h)}/devices.deny`, 'a'), ...rules.map((r) => write(`${dirOn(h)}/devices.allow`, deviceLine(r)))];
    return v2 ? [{ op: 'bpfDevice', path: dirOn(v2), program: deviceProgram(rules) }] : [];
  };

  /** Of a container that has some: what stays allowed is so at each moment. */
  const changedAccess = (more: readonly DeviceRule[]): readonly Op[] => {
    const h = topology.controllers.get('devices');
    if (!h) return deviceAccess(more);
    const { allow, deny } = accessChanges(readDeviceLines(files.read(`${dirOn(h)}/devices.list`) ?? ''), allowedDevices(more));
    const put = (file: string) => (r: DeviceRule) => write(`${dirOn(h)}/${file}`, deviceLine(r));
    return [...allow.map(put('devices.allow')), ...deny.map(put('devices.deny'))];
  };

  /** The container's root may make groups in `init` and move processes there; limits of `init` itself stay out of its reach. */
  const delegate = (h: Hierarchy, dir: string, owner: number): readonly Op[] => {
    const controllers = controllersOf(h);
    const handed = topology.delegate.filter((file) => file.startsWith('cgroup.') || controllers.some((c) => file.startsWith(`${c}.`)));
    return [
      ...handOn(dirOn(h), controllers),
      write(`${dirOn(h)}/cgroup.max.descendants`, String(MAX_DESCENDANTS)),
      write(`${dirOn(h)}/cgroup.max.depth`, String(MAX_DEPTH)),
      mkdir(dir),
      ...[dir, ...handed.map((file) => `${dir}/${file}`)].map((path): Op => ({ op: 'chown', path, uid: owner, gid: owner })),
    ];
  };

  const freeze = (on: boolean): readonly Op[] => {
    const path = whole('freezer');
    if (path === null && on)
      throw new VzError('no-support', { what: 'Freezing', cause: 'no freezer controller and no cgroup v2 tree is mounted' });
    if (path === null) return [];
    return [unified === null ? write(`${path}/freezer.state`, on ? 'FROZEN' : 'THAWED') : write(`${path}/cgroup.freeze`, on ? '1' : '0')];
  };

  const standstill = (): Standstill | null => {
    const path = whole('freezer');
    if (path === null) return null;
    return unified === null
      ? { file: `${path}/freezer.state`, says: 'FROZEN', told: false }
      : { file: `${path}/cgroup.events`, says: 'frozen 1', told: true };
  };

  const everybody = (): string | null => whole('pids') ?? hierarchies.map(dirOn)[0] ?? null;

  const kill = (): readonly Op[] => {
    const path = everybody();
    if (path === null) return [];
    // The freezer of v1 holds processes even against SIGKILL.
    const held = unified === null && /^FR/.test(files.read(`${whole('freezer')}/freezer.state`) ?? '');
    return [...(held ? freeze(false) : []), { op: 'killCgroup', path }];
  };

  return {
    directories: [...hierarchies.map(dirOn), ...(init === null ? [] : [init])],
    whole: everybody(),
    unified: v2 ? dirOn(v2) : null,
    births: { keeper: v2 ? keepersOn(v2) : '', init: init ?? '', enter: init === null ? '' : `${init}/enter` },
    create: (limits, owner, devices = []) => {
      const left = hierarchies.filter((h) => files.stat(dirOn(h)) !== null);
      return [
        // Whoever still lives in what a crashed start left belongs to nobody any more.
        ...(left.length > 0 ? kill() : []),
        ...hierarchies.flatMap((h) => [...makeTop(h), ...makeGroup(h, left.includes(h)), ...freshWrites(h, limits)]),
        ...joined().map((h): Op => ({ op: 'rmCgroup', path: dirOn(h) })),
        ...asked(limits).flatMap((h) => [...makeTop(h), ...makeGroup(h, false), ...freshWrites(h, limits)]),
        ...(v2 && init !== null ? delegate(v2, init, owner) : []),
        ...deviceAccess(devices),
      ];
    },
    changes,
    update: (limits) => changes(limits).flatMap(({ make, writes }) => [...make, ...writes.map(({ path, text }) => write(path, text))]),
    held,
    use: (name) => {
      for (const h of hierarchies)
        for (const { row, dialect } of dialectsOn(h))
          if (row.of[0] === name && dialect.use !== undefined)
            return Number(files.read(`${dirOn(h)}/${dialect.use}`) ?? Number.NaN) || null;
      return null;
    },
    devices: changedAccess,
    allows: (rule) => {
      const h = topology.controllers.get('devices');
      if (!h) return null;
      return accessChanges(readDeviceLines(files.read(`${dirOn(h)}/devices.list`) ?? ''), [rule]).allow.length === 0;
    },
    joinKeeper: () => hierarchies.map((h) => ({ op: 'joinCgroup', path: keepersOn(h) })),
    attach: (limits = NO_LIMITS) => [...v1, ...asked(limits)].map((h) => ({ op: 'attachCgroup', path: dirOn(h) })),
    joinEnter: () => [...v1, ...joined()].map((h) => ({ op: 'joinCgroup', path: dirOn(h) })),
    kill,
    resetPeaks: () => {
      const rows = hierarchies.flatMap((h) => dialectsOn(h).map((one) => ({ ...one, dir: dirOn(h) })));
      const peaks = rows.flatMap(({ dialect, dir }) => (dialect.peaks ?? []).map((file) => `${dir}/${file}`));
      return {
        ops: peaks.filter((path) => files.stat(path) !== null).map((path) => write(path, '0')),
        kept: rows.flatMap(({ row, dialect }) => (dialect.use !== undefined && dialect.peaks === undefined ? row.of.slice(0, 1) : [])),
      };
    },
    above: (bytes) => guaranteeLevels(files, topology, id, bytes),
    share: (node) => topShare(files, topology, node),
    remove: () => [...hierarchies, ...joined()].reverse().map((h) => ({ op: 'rmCgroup', path: dirOn(h) })),
    freeze,
    standstill: standstill(),
  };
}

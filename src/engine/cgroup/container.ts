// A container's cgroups as lists of operations, planned for the hierarchies that this machine has. Reads control files to find what is
// already there and in which order limits may be written; changes nothing itself.
import { VzError } from '../errors.ts';
import type { Op } from '../spec/op.ts';
import { BASIC_DEVICES, deviceLine, deviceProgram } from './devices.ts';
import type { CgroupTopology, ContainerCgroups, Hierarchy, Limits, Standstill } from './face.ts';
import { changedLimits, DIALECTS, type Group, newLimits, type Write } from './limits.ts';
import { type Reading, USED } from './topology.ts';

/** Bounds on what a container may build below its own group: each directory takes memory of the kernel's that is charged to nobody. */
const MAX_DESCENDANTS = 1000;
const MAX_DEPTH = 16;

const DIR_MODE = 0o755;
const encoder = new TextEncoder();

const write = (path: string, text: string): Op => ({ op: 'write', path, data: encoder.encode(text) });
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
  const v2 = hierarchies.find((h) => h.version === 2);
  const init = v2 ? `${dirOn(v2)}/init` : null;
  /** Where all processes of the container are sure to be, for kill and freeze. */
  const whole = (controller: string): string | null => {
    const h = unified === null ? topology.controllers.get(controller) : v2;
    return h ? dirOn(h) : null;
  };

  /** A service has what systemd gave to it; elsewhere the whole tree's controllers can be had. */
  const controllersOf = (h: Hierarchy): readonly string[] => {
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

  /** `like`: the group, or one with the same files if it is still to be made. */
  const limitsOn = (h: Hierarchy, choose: typeof newLimits, limits: Limits, like: string): readonly Op[] => {
    const group: Group = {
      read: (file) => files.read(`${like}/${file}`)?.trim() ?? null,
      has: (file) => files.stat(`${like}/${file}`) !== null,
    };
    const writes: readonly Write[] = controllersOf(h).flatMap((c) => {
      const dialect = DIALECTS[c]?.[h.version];
      return dialect ? choose(dialect, limits, topology.swap, group) : [];
    });
    return writes.map((w) => write(`${dirOn(h)}/${w.file}`, w.text));
  };

  const deviceAccess = (): readonly Op[] => {
    const rules = Object.values(BASIC_DEVICES);
    const h = topology.controllers.get('devices');
    if (h) return [write(`${dirOn(h)}/devices.deny`, 'a'), ...rules.map((r) => write(`${dirOn(h)}/devices.allow`, deviceLine(r)))];
    return v2 ? [{ op: 'bpfDevice', path: dirOn(v2), program: deviceProgram(rules) }] : [];
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

  const kill = (): readonly Op[] => {
    const path = whole('pids') ?? hierarchies.map(dirOn)[0];
    if (path === undefined) return [];
    // The freezer of v1 holds processes even against SIGKILL.
    const held = unified === null && /^FR/.test(files.read(`${whole('freezer')}/freezer.state`) ?? '');
    return [...(held ? freeze(false) : []), { op: 'killCgroup', path }];
  };

  return {
    directories: [...hierarchies.map(dirOn), ...(init === null ? [] : [init])],
    births: { keeper: v2 ? keepersOn(v2) : '', init: init ?? '', enter: init === null ? '' : `${init}/enter` },
    create: (limits, owner) => {
      const left = hierarchies.filter((h) => files.stat(dirOn(h)) !== null);
      return [
        // Whoever still lives in what a crashed start left belongs to nobody any more.
        ...(left.length > 0 ? kill() : []),
        ...hierarchies.flatMap((h) => [...makeTop(h), ...makeGroup(h, left.includes(h)), ...limitsOn(h, newLimits, limits, h.mount)]),
        ...(v2 && init !== null ? delegate(v2, init, owner) : []),
        ...deviceAccess(),
      ];
    },
    update: (limits) => hierarchies.flatMap((h) => limitsOn(h, changedLimits, limits, dirOn(h))),
    joinKeeper: () => hierarchies.map((h) => ({ op: 'joinCgroup', path: keepersOn(h) })),
    attach: () => v1.map((h) => ({ op: 'attachCgroup', path: dirOn(h) })),
    joinEnter: () => v1.map((h) => ({ op: 'joinCgroup', path: dirOn(h) })),
    kill,
    remove: () => [...hierarchies].reverse().map((h) => ({ op: 'rmCgroup', path: dirOn(h) })),
    freeze,
    standstill: standstill(),
  };
}

// The birth of a container as a list of operations: what must stand in it, and in which order.
import { describe, expect, test } from 'vitest';
import type { ContainerCgroups } from '../../../src/engine/cgroup/face.ts';
import { NO_LIMITS } from '../../../src/engine/cgroup/limits.ts';
import type { KeeperParts } from '../../../src/engine/ct/keeper-plan.ts';
import { launchPlan } from '../../../src/engine/ct/launch-plan.ts';
import type { CtSettings } from '../../../src/engine/ct/settings.ts';
import { MOUNT_ATTR } from '../../../src/engine/rootfs/flags.ts';
import { mapRoot, mountRoot, type RootMount } from '../../../src/engine/rootfs/root-mount.ts';
import { NEWBORN, NO_SLOT, OPS, type Op } from '../../../src/engine/spec/op.ts';

const BASE = 0x7000_0000;
const cgroups: ContainerCgroups = {
  whole: '/cg/vz/101',
  unified: null,
  directories: ['/cg/vz/101'],
  create: () => [{ op: 'mkdir', path: '/cg/vz/101', mode: 0o755 }],
  update: () => [],
  changes: () => [],
  held: () => ({}),
  use: () => null,
  share: () => null,
  above: () => [],
  resetPeaks: () => ({ ops: [], kept: [] }),
  devices: () => [],
  allows: () => null,
  joinKeeper: () => [{ op: 'joinCgroup', path: '/cg/vz/keepers' }],
  births: { keeper: '/cg/vz/keepers', init: '/cg/vz/101/init', enter: '/cg/vz/101/init/enter' },
  attach: () => [{ op: 'attachCgroup', path: '/v1/vz/101' }],
  joinEnter: () => [],
  kill: () => [],
  remove: () => [],
  freeze: () => [],
  standstill: null,
};
const rootMount = (layout: 'simfs' | 'overlay'): RootMount => ({
  layout,
  private: '/vz/private/101',
  root: '/vz/root/101',
  lower: '/vz/template/cache/busybox',
  scratch: '/run/vzdeck/101/layers',
});
const settings = (layout: 'simfs' | 'overlay'): CtSettings => ({
  id: 101,
  name: '',
  hostname: 'ct101',
  rootMount: rootMount(layout),
  limits: { ...NO_LIMITS, numproc: 100 },
  idWish: null,
  ttys: [1, 2],
  tcp: { wmem: '4096 16384 65536', rmem: '4096 16384 65536' },
  numpty: 16,
  numsiginfo: 256,
  refusals: {},
  sockets: { numtcpsock: null, numothersock: null },
  stopTimeout: 120,
  disabled: false,
  wall: {},
  netfilter: 'full',
  born: {},
  remark: '',
  binds: [],
  devices: { rules: [], nodes: [], missing: [] },
  given: {},
});
const parts = (layout: 'simfs' | 'overlay'): KeeperParts => ({
  settings: settings(layout),
  idBase: BASE,
  lease: '/run/vzdeck-ids/70000000',
  cgroups,
  runDir: '/run/vzdeck/101',
  logDir: '/var/log/vzdeck',
  engine: ['/opt/vzdeck/bin/vzdeck'],
  prefix: '',
});

const names = (ops: readonly Op[]): string[] => ops.map((op) => op.op);

describe.each(['simfs', 'overlay'] as const)('%s', (layout) => {
  const plan = launchPlan(parts(layout));

  test('has every operation only where it may stand', () => {
    const places = { prepare: 'node', born: 'born', inside: 'inside', cleanup: 'node' } as const;
    for (const [list, place] of Object.entries(places) as [keyof typeof places, (typeof places)[keyof typeof places]][]) {
      for (const op of plan[list]) expect(OPS[op.op].at as readonly string[], op.op).toContain(place);
    }
  });

  test('limits stand before the birth, and the id map before anything inside', () => {
    expect(names(plan.prepare).indexOf('mkdir')).toBe(0);
    expect(names(plan.born)[0]).toBe('idmap');
    expect(plan.born[0]).toMatchObject({ uids: `0 ${BASE} 65536\n`, gids: `0 ${BASE} 65536\n` });
  });

  test('rights are given up last but for exec, after the pivot', () => {
    const inside = names(plan.inside);
    expect(inside[0]).toBe('root');
    expect(inside.indexOf('pivot')).toBeLessThan(inside.indexOf('caps'));
    expect(inside.slice(-3)).toEqual(['seccomp', 'caps', 'exec']);
  });

  test('environment of init is the whole of it, and tells what it runs in', () => {
    const exec = plan.inside.at(-1) as Extract<Op, { op: 'exec' }>;
    expect(exec.env).toHaveLength(4);
    expect(exec.env).toContain('container=vzdeck');
  });

  test('the container gets its root without the right to devices, and propagation only towards it', () => {
    const trees = plan.prepare.filter((op) => op.op === 'setTree' && op.slot === 2) as Extract<Op, { op: 'setTree' }>[];
    expect(trees.every((tree) => (tree.clear & MOUNT_ATTR.NODEV) === 0n)).toBe(true);
    expect(trees.at(-1)?.propagation).toBe(1n << 19n);
  });

  test('what the keeper hands over to first asks whether the end was on purpose', () => {
    expect(plan.onExit[0]).toEqual(['/bin/sh', '-c', 'test -e "$0"', '/run/vzdeck/101/ended']);
    expect(plan.onExit[1]).toEqual(['/opt/vzdeck/bin/vzdeck', 'exited', '101']);
  });
});

test('VE_ROOT on the node is nosuid, nodev and shared; a simfs container maps ids on its own clone alone', () => {
  const node = mountRoot(rootMount('simfs'), BASE);
  expect(node.some((op) => op.op === 'setTree' && op.userns !== NO_SLOT)).toBe(false);
  expect(node.find((op) => op.op === 'setTree')).toMatchObject({ set: MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV });
  expect(node.at(-1)).toMatchObject({ op: 'setTree', slot: 1, propagation: 1n << 20n });
  expect(mapRoot(rootMount('simfs'))).toMatchObject([{ op: 'setTree', slot: 2, set: MOUNT_ATTR.IDMAP, userns: NEWBORN }]);
  expect(mapRoot(rootMount('overlay'))).toEqual([]);
});

test('an overlay maps ids on both layers, is made with mapped ids, and leaves no layer mounted', () => {
  const node = mountRoot(rootMount('overlay'), BASE);
  const mapped = node.filter((op) => op.op === 'setTree' && (op.set & MOUNT_ATTR.IDMAP) !== 0n);
  expect(mapped).toHaveLength(2);
  expect(node.find((op) => op.op === 'newFs')).toMatchObject({ fsuid: BASE });
  const attached = node.filter((op) => op.op === 'attach').map((op) => (op as Extract<Op, { op: 'attach' }>).path);
  const gone = node.filter((op) => op.op === 'umount').map((op) => (op as Extract<Op, { op: 'umount' }>).path);
  expect(attached.filter((path) => path !== '/vz/root/101').sort()).toEqual([...gone].sort());
});

// Devices that a running container may use: rules of its cgroup, and nodes in its /dev.
import { VzError } from '../../errors.ts';
import { MNT_DETACH } from '../../rootfs/flags.ts';
import { featureOf } from '../../spec/features.ts';
import type { Values } from '../../spec/params/read.ts';
import { parseSwitches } from '../../spec/params/rights.ts';
import { readGiven, writeGiven } from '../../store/given.ts';
import { readRecord } from '../../store/record.ts';
import { ACCESS_KEYS, type DeviceAccess, type DeviceNode, deviceAccess, makeNode, nodePath } from '../device-access.ts';
import { mountsInside } from '../live-mounts.ts';
import { impossible, loadModules } from '../start-gifts.ts';
import type { LiveChange, LivePart, LiveStep, LiveTarget } from './part.ts';
import { visitInside } from './visit.ts';

const SLOT = 0;

const held = ({ context, config }: LiveTarget): Readonly<Record<string, string>> => readGiven(context.host, context.node, config.id).access;

/** A file that root inside has put there in its place is not ours to remove. */
async function removeNode(target: LiveTarget, node: DeviceNode): Promise<void> {
  const path = nodePath(node);
  const mount = mountsInside(target.context.host, target.init).findLast((m) => m.path === path);
  if (!mount) return;
  await visitInside(
    target,
    [],
    [
      { op: 'uncover', path, mount: mount.id, flags: MNT_DETACH },
      { op: 'unlink', path },
    ],
  );
}

const sameNode = (a: DeviceNode, b: DeviceNode): boolean =>
  a.name === b.name &&
  a.mode === b.mode &&
  a.gid === b.gid &&
  a.rule.type === b.rule.type &&
  a.rule.major === b.rule.major &&
  a.rule.minor === b.rule.minor;

/** Those that are no device come with the next start. */
function liveFeatures(before: string, wanted: string): string {
  const now = [...parseSwitches(wanted)].filter(([name]) => featureOf(name)?.gives === 'device');
  const old = [...parseSwitches(before)].filter(([name]) => featureOf(name)?.gives !== 'device');
  return [...old, ...now].map(([name, on]) => `${name}:${on ? 'on' : 'off'}`).join(' ');
}

/** What makes a difference: neither a feature that no container can have, nor one that is as it is without a word. */
const telling = (features: string): string =>
  [...parseSwitches(features)]
    .filter(([name, on]) => featureOf(name)?.gives !== 'nothing' && on !== (name === 'sysfs'))
    .map(([name, on]) => `${name}:${on ? 'on' : 'off'}`)
    .join(' ');

/** From one state of things to another: nobody finds a node that he may not use, so rules come first and go last. */
async function move(target: LiveTarget, from: DeviceAccess, to: DeviceAccess, values: Values): Promise<void> {
  const { host, node, cgroups } = target.context;
  const base = readRecord(host, node, target.config.id)?.idBase;
  if (base === undefined) throw new VzError('not-running');
  const group = cgroups(target.config.id);
  const gone = from.nodes.filter((old) => !to.nodes.some((is) => sameNode(old, is)));
  const come = to.nodes.filter((is) => !from.nodes.some((old) => sameNode(old, is)));
  await host.launcher.ops({ ops: group.devices([...from.rules, ...to.rules]) });
  for (const old of gone) await removeNode(target, old);
  for (const is of come) await visitInside(target, [makeNode(is, SLOT, base)], [{ op: 'cover', slot: SLOT, path: nodePath(is) }]);
  await host.launcher.ops({ ops: group.devices(to.rules) });
  const before = readGiven(host, node, target.config.id);
  const access = Object.fromEntries(ACCESS_KEYS.map((key) => [key, values.get(key) ?? '']));
  access['FEATURES'] = liveFeatures(before.access['FEATURES'] ?? '', access['FEATURES'] ?? '');
  writeGiven(host, node, target.config.id, { ...before, access });
}

const WORDS: Readonly<Record<string, string>> = { DEVICES: 'devices', DEVNODES: 'devnodes', FEATURES: 'features' };

function step(change: LiveChange, from: DeviceAccess, before: Values): LiveStep {
  const { host } = change.context;
  const keys = ACCESS_KEYS.filter((key) => change.changed.has(key));
  return {
    keys,
    what: keys.map((key) => `${WORDS[key]} ${change.changed.get(key)}`).join(', '),
    apply: async () => {
      await loadModules(change.context, change.after.get('FEATURES') ?? '');
      const to = deviceAccess(host, change.after);
      for (const name of to.missing) change.context.report({ level: -1, text: `Warning: the node has no device /dev/${name}: not given` });
      try {
        await move(change, from, to, change.after);
      } catch (error) {
        await move(change, to, from, before).catch(() => {});
        throw error;
      }
    },
    undo: () => move(change, deviceAccess(host, change.after), from, before),
  };
}

export const DEVICES: LivePart = {
  keys: ACCESS_KEYS,
  plan(change) {
    const before = new Map(Object.entries(held(change)));
    for (const text of impossible(change.changed.get('FEATURES') ?? '', change.config.values.get('FEATURES')))
      change.context.report({ level: -1, text });
    return [step(change, deviceAccess(change.context.host, before), before)];
  },
  wanted: ({ config }) =>
    new Map(ACCESS_KEYS.map((key) => [key, key === 'FEATURES' ? telling(config.values.get(key) ?? '') : (config.values.get(key) ?? '')])),
  /** Of v1 the kernel's list tells whether a rule holds; a program of v2 can't be asked. A node that root inside has taken off is no more given. */
  read(target) {
    const { context, init, config } = target;
    const access = held(target);
    const table = mountsInside(context.host, init);
    const there = (node: DeviceNode): boolean => table.some((m) => m.path === nodePath(node));
    const values = new Map(Object.entries(access));
    const known = deviceAccess(context.host, values);
    const names = new Set(known.nodes.filter(there).map(({ name }) => name));
    const group = context.cgroups(config.id);
    const words = (key: string): readonly string[] => (access[key] ?? '').split(' ').filter((word) => word !== '');
    const lastColon = (word: string): string => word.slice(0, word.lastIndexOf(':'));
    values.set(
      'DEVNODES',
      words('DEVNODES')
        .filter((word) => names.has(lastColon(word)) || !known.nodes.some((n) => n.name === lastColon(word)))
        .join(' '),
    );
    values.set(
      'DEVICES',
      words('DEVICES')
        .filter((word) => deviceAccess(context.host, new Map([['DEVICES', word]])).rules.every((rule) => group.allows(rule) !== false))
        .join(' '),
    );
    values.set('FEATURES', telling(access['FEATURES'] ?? ''));
    return values;
  },
};

/** The bus is the whole node's: an unprivileged container can own no device of it. */
export const PCI: LivePart = {
  keys: ['PCI'],
  plan({ changed, config }) {
    if ((changed.get('PCI') ?? '') === (config.values.get('PCI') ?? '')) return [];
    if ((changed.get('PCI') ?? '') === '') return [];
    throw new VzError('no-support', {
      what: 'A PCI device of a container',
      cause: 'it would be ruled by the node’s root only, who does not exist inside; give the nodes of its driver by --devnodes',
    });
  },
  read: () => new Map(),
};

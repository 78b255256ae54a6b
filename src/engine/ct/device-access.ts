// Which devices of the node a container may use, by its values: rules for its cgroup, and nodes for its /dev. Looks at the node's /dev and
// /sys/dev; knows nothing of how either is put in place.
import { BASIC_DEVICES } from '../cgroup/devices.ts';
import type { DeviceRule } from '../cgroup/face.ts';
import type { Host } from '../host/port.ts';
import { featureOf } from '../spec/features.ts';
import type { Op } from '../spec/op.ts';
import { parseDevices, parseDevnodes } from '../spec/params/devices.ts';
import type { Values } from '../spec/params/read.ts';
import { parseSwitches } from '../spec/params/rights.ts';

/** A node in the container's /dev. */
export interface DeviceNode {
  readonly name: string;
  readonly rule: DeviceRule & { readonly minor: number };
  /** Permissions, and the group inside. */
  readonly mode: number;
  readonly gid: number;
}

export interface DeviceAccess {
  readonly rules: readonly DeviceRule[];
  readonly nodes: readonly DeviceNode[];
  /** Names that the node has no device for. */
  readonly missing: readonly string[];
}

const TYPE = { block: 'b', char: 'c' } as const;
const IFMT = { b: 0o060000, c: 0o020000 } as const;
const SHARED_MODE = 0o666;
const OWN_MODE = 0o660;
/** Ids above are not mapped. */
const MAX_GID = 65_535;

/** The bits of a mode that go with rights of r and w. */
const within = (mode: number, access: string): number => mode & ((access.includes('r') ? 0o444 : 0) | (access.includes('w') ? 0o222 : 0));

function nodeByName(host: Host, name: string, access: string, mode?: number): DeviceNode | null {
  const there = host.files.stat(`/dev/${name}`);
  if (!there?.device) return null;
  const { type, major, minor } = there.device;
  return {
    name,
    rule: { type: TYPE[type], major, minor, access },
    mode: within(mode ?? there.mode & 0o777, access),
    gid: there.gid <= MAX_GID ? there.gid : 0,
  };
}

/** The kernel's name of a device, where it has one. */
function nameOf(host: Host, { type, major, minor }: DeviceRule): string | undefined {
  if (minor === null) return undefined;
  const text = host.files.read(`/sys/dev/${type === 'b' ? 'block' : 'char'}/${major}:${minor}/uevent`) ?? '';
  return /^DEVNAME=([\w.+:-]+(?:\/[\w.+:-]+)*)$/m.exec(text)?.[1];
}

function nodeByNumber(host: Host, rule: DeviceRule): DeviceNode | null {
  const name = nameOf(host, rule);
  if (name === undefined || rule.minor === null) return null;
  const mode = (host.files.stat(`/dev/${name}`)?.mode ?? OWN_MODE) & 0o777;
  return { name, rule: { ...rule, minor: rule.minor }, mode: within(mode, rule.access), gid: 0 };
}

/** Devices of the features that are on. */
export function featureDevices(values: Values): readonly string[] {
  return [...parseSwitches(values.get('FEATURES') ?? '')].flatMap(([name, on]) => (on ? (featureOf(name)?.device ?? []) : []));
}

/** The last word about a node counts: that of DEVNODES, then that of DEVICES, then what a feature gives. */
export function deviceAccess(host: Host, values: Values): DeviceAccess {
  const missing: string[] = [];
  const named = (name: string, access: string, mode?: number): readonly DeviceNode[] => {
    const node = nodeByName(host, name, access, mode);
    if (!node) missing.push(name);
    return node ? [node] : [];
  };
  const rules = parseDevices(values.get('DEVICES'));
  const nodes = [
    ...featureDevices(values).flatMap((name) => named(name, 'rw', SHARED_MODE)),
    ...rules.flatMap((rule) => nodeByNumber(host, rule) ?? []),
    ...parseDevnodes(values.get('DEVNODES')).flatMap(({ name, access }) => named(name, access)),
  ];
  return {
    rules: [...rules, ...nodes.map(({ rule }) => rule)],
    nodes: [...new Map(nodes.map((node) => [node.name, node])).values()].filter(({ name }) => !(name in BASIC_DEVICES)),
    missing,
  };
}

/** What access is made of. */
export const ACCESS_KEYS = ['DEVICES', 'DEVNODES', 'FEATURES'] as const;

export const nodePath = ({ name }: Pick<DeviceNode, 'name'>): string => `/dev/${name}`;

/** On the node: the node of a device, detached. `base`: first mapped id. */
export function makeNode({ rule, mode, gid }: DeviceNode, slot: number, base: number): Op {
  const device = (BigInt(rule.major) << 32n) | BigInt(rule.minor);
  return { op: 'device', slot, mode: IFMT[rule.type] | mode, device, uid: base, gid: base + gid };
}

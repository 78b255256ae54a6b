// One container's configuration as the verbs need it: paths with the prefix, values in base units, defaults where the config is silent.
import type { Limits } from '../cgroup/face.ts';
import type { RefusalLimits } from '../cgroup/refusals.ts';
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import type { Layout, RootMount } from '../rootfs/root-mount.ts';
import { type CapabilityProfile, capabilitySet } from '../rootfs/wall/capabilities.ts';
import type { WallChoice } from '../rootfs/wall/wall.ts';
import type { SocketLimits } from '../spec/bpf/socket-counts.ts';
import { type NetfilterLevel, netfilterLevel } from '../spec/netfilter.ts';
import { MAX_TTYS } from '../spec/op.ts';
import { type BindMount, parseBinds } from '../spec/params/mounts.ts';
import { parseProcEntries, parseSwitches } from '../spec/params/rights.ts';
import { PARAMS } from '../spec/params/table.ts';
import { limitOf, memoryOf } from '../spec/ubc.ts';
import type { NodeConfig } from '../store/node-config.ts';
import { runDirOf } from '../store/record.ts';
import { type CtConfig, layoutOf, privateOf, readCt, rootOf } from '../store/registry.ts';
import { ACCESS_KEYS, type DeviceAccess, deviceAccess } from './device-access.ts';
import { limitsOf, memlockOf, NUMSIGINFO, numptyOf, shmallOf, socketLimitsOf, type TcpLargest, tcpLargest } from './limits-of.ts';
import { refusalLimitsOf } from './refusals.ts';

export interface CtSettings {
  readonly id: number;
  readonly name: string;
  /** What `hostname` says inside until the container's own files say something else; never the node's. */
  readonly hostname: string;
  readonly rootMount: RootMount;
  readonly limits: Limits;
  /** VZDECK_IDBASE, null when none is recorded. */
  readonly idWish: number | null;
  /** Terminals that the keeper holds: 1 is the console. */
  readonly ttys: readonly number[];
  /** Pseudo-terminals inside (numpty), and queued signals (numsiginfo). */
  readonly numpty: number;
  readonly numsiginfo: number;
  /** Where the kernel lets programs refuse. */
  readonly refusals: RefusalLimits;
  readonly sockets: SocketLimits;
  /** Seconds. */
  readonly stopTimeout: number;
  /** Where no control group bounds TCP buffers. */
  readonly tcp: TcpLargest;
  readonly disabled: boolean;
  readonly wall: WallChoice;
  /** Of its packet filter. */
  readonly netfilter: NetfilterLevel;
  /** Canonical values of which a running container takes over no change. */
  readonly born: Readonly<Record<string, string>>;
  /** What has to be known of how the config is understood; "" for nothing. */
  readonly remark: string;
  readonly binds: readonly BindMount[];
  readonly devices: DeviceAccess;
  /** Canonical values that devices and binds come from, as the container is told to have them. */
  readonly given: Readonly<Record<string, string>>;
}

const STOP_TIMEOUT = 120;
const TTYS = 2;

/** A UTS namespace begins with a copy of the node's names, which are nobody's business inside. */
function defaultHostname(id: number, name: string): string {
  return /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(name) ? name : `ct${id}`;
}

const netfilterOf = (values: CtConfig['values']): NetfilterLevel => netfilterLevel(values.get('NETFILTER'), values.get('IPTABLES'));

/** What of the wall depends on the node and on the container's own programs. */
export function wallChoice(host: Host, values: CtConfig['values']): WallChoice {
  const pattern = host.files.read(`${host.proc}/sys/kernel/core_pattern`) ?? '|';
  const switches = (key: string): ReadonlyMap<string, boolean> => parseSwitches((values.get(key) ?? '').toLowerCase());
  return {
    coresInside: !pattern.startsWith('|'),
    sockets32: values.get('VZDECK_USERLAND') === '32',
    noPacketFilter: netfilterOf(values) === 'disabled',
    capabilities: capabilitySet((values.get('VZDECK_CAPABILITIES') ?? 'openvz') as CapabilityProfile, switches('CAPABILITY')),
    sysfs: switches('FEATURES').get('sysfs') ?? true,
    shmall: shmallOf(values),
    memlock: memlockOf(values),
    ...parseProcEntries(values.get('VZDECK_PROC')),
  };
}

/** What is asked for who only wants to reach its files. */
export const treeOf = (host: Host, node: NodeConfig, config: CtConfig): Pick<CtSettings, 'id' | 'rootMount'> => ({
  id: config.id,
  rootMount: rootMountOf(host, node, config),
});

function rootMountOf(host: Host, node: NodeConfig, config: CtConfig): RootMount {
  const area = privateOf(node, config);
  const root = rootOf(node, config);
  if (area === null) throw new VzError('private-not-set');
  if (root === null) throw new VzError('root-not-set');
  const layout = layoutOf(host, node, config);
  if (layout === 'ploop') throw new VzError('no-support', { what: 'Layout ploop', cause: 'this version knows simfs and overlay' });
  return {
    layout: layout as Layout,
    private: area,
    root,
    lower: `${node.templateDir}/cache/${(config.own.get('OSTEMPLATE') ?? '').replaceAll('/', '')}`,
    scratch: `${runDirOf(node, config.id)}/layers`,
    options: (config.values.get('MOUNT_OPTS') ?? '').split(/[\s,]+/).filter((option) => option !== ''),
  };
}

const BORN = PARAMS.filter(({ effect }) => effect === 'start').map(({ key }) => key);

export function settingsFrom(host: Host, node: NodeConfig, config: CtConfig): CtSettings {
  const { id, values } = config;
  const ttys = Math.min(MAX_TTYS, Math.max(1, Number(values.get('VZDECK_TTYS') ?? TTYS)));
  const wish = values.get('VZDECK_IDBASE');
  return {
    id,
    name: values.get('NAME') ?? '',
    hostname: values.get('HOSTNAME') || defaultHostname(id, values.get('NAME') ?? ''),
    rootMount: rootMountOf(host, node, config),
    limits: limitsOf(host, values, privateOf(node, config)),
    idWish: wish === undefined ? null : Number(wish),
    ttys: Array.from({ length: ttys }, (_, n) => n + 1),
    numpty: numptyOf(values),
    tcp: tcpLargest(host, values),
    numsiginfo: limitOf(values, 'NUMSIGINFO', 'items') ?? NUMSIGINFO,
    refusals: refusalLimitsOf(values),
    sockets: socketLimitsOf(values),
    stopTimeout: Number(values.get('STOP_TIMEOUT') ?? 0) || STOP_TIMEOUT,
    disabled: values.get('DISABLED') === 'yes',
    wall: wallChoice(host, values),
    netfilter: netfilterOf(values),
    remark: memoryOf(values).remark,
    born: Object.fromEntries(BORN.flatMap((key) => (values.has(key) ? [[key, values.get(key) ?? '']] : []))),
    binds: parseBinds(values.get('BINDMOUNT')),
    devices: deviceAccess(host, values),
    given: Object.fromEntries(ACCESS_KEYS.map((key) => [key, values.get(key) ?? ''])),
  };
}

/** Throws VzError 'no-config', 'private-not-set', 'root-not-set', 'no-support'. */
export function readSettings(host: Host, node: NodeConfig, id: number): CtSettings {
  const config = readCt(host, node, id);
  if (!config.exists) throw new VzError('no-config');
  return settingsFrom(host, node, config);
}

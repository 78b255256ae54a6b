// The whole birth of a container as one plan: settings, id range, cgroups and wall in, operations out. Pure: nothing is asked of the machine.
import { CLONE } from '../rootfs/flags.ts';
import { containerRoot, mapRoot, ROOT_SLOT } from '../rootfs/root-mount.ts';
import { wall } from '../rootfs/wall/wall.ts';
import { RANGE } from '../spec/id-range.ts';
import type { Op, StartPlan } from '../spec/op.ts';
import { type KeeperParts, keeperPlan, PATH } from './keeper-plan.ts';
import type { BornNetwork } from './network.ts';
import { type Gifts, NO_GIFTS } from './start-gifts.ts';

/** Slots from here on belong to the wall. */
const WALL_SLOTS = 8;

const ALL_NAMESPACES = Object.values(CLONE).reduce((all, flag) => all | flag, 0n);

/**
 * Directory of the node over which the root is put until the pivot, in the container's own mount namespace only. VE_ROOT itself lies below
 * directories that only root of the node may pass, who does not exist inside; this one every node has, open to all.
 */
const CRADLE = '/usr';

/** The name that init is called by is long enough for sysvinit to write its runlevel over it ("init [2]"). */
export const INIT = ['/sbin/init', '/etc/init', '/bin/init'];

export interface InitCommand {
  /** The first one that can be executed is. */
  readonly files: readonly string[];
  readonly argv: readonly string[];
}
const OWN_INIT: InitCommand = { files: INIT, argv: ['/sbin/init'] };

/** `mounts`: what mounts VE_ROOT, unless it is mounted already. `become`: what is inherited by birth. `init`: another first process. */
export function launchPlan(
  parts: KeeperParts,
  mounts: readonly Op[] = [],
  become: readonly Op[] = [],
  { groups, prepare, inside }: Pick<Gifts, 'groups' | 'prepare' | 'inside'> = NO_GIFTS,
  init: InitCommand = OWN_INIT,
  network: BornNetwork = { guard: [], links: [] },
): StartPlan {
  const { settings, idBase, cgroups, runDir } = parts;
  const ids = `0 ${idBase} ${RANGE}\n`;
  const grouped = cgroups.held(settings.limits).tcpBuffers !== undefined;
  const built = wall({
    base: idBase,
    ttys: settings.ttys,
    numpty: settings.numpty,
    firstSlot: WALL_SLOTS,
    ...settings.wall,
    ...(grouped ? {} : { tcp: settings.tcp }),
  });
  return {
    ...keeperPlan(parts),
    cloneFlags: ALL_NAMESPACES,
    sigpending: BigInt(settings.numsiginfo),
    cgroup: cgroups.births.init,
    prepare: [
      ...mounts,
      ...network.guard,
      ...cgroups.create(settings.limits, idBase, settings.devices.rules),
      ...groups,
      ...cgroups.joinKeeper(),
      ...cgroups.attach(settings.limits),
      ...containerRoot(settings.rootMount),
      ...built.prepare,
      ...prepare,
    ],
    become,
    born: [
      { op: 'idmap', uids: ids, gids: ids },
      { op: 'notePid', path: `${runDir}/init` },
      ...mapRoot(settings.rootMount),
      ...built.born,
      ...network.links,
    ],
    inside: [
      { op: 'root', slot: ROOT_SLOT.root, path: CRADLE },
      ...built.inside,
      { op: 'pivot' },
      { op: 'hostname', name: settings.hostname },
      { op: 'linkUp', name: 'lo' },
      // Debian's ping has neither capability nor setuid bit from 13 on, and a distribution's own range is beyond the ids that are mapped
      { op: 'write', path: '/proc/sys/net/ipv4/ping_group_range', data: Buffer.from(`0 ${RANGE - 1}`) },
      // an address that goes takes no other of its prefix with it
      { op: 'write', path: '/proc/sys/net/ipv4/conf/all/promote_secondaries', data: Buffer.from('1') },
      ...inside,
      { op: 'stdio', tty: 1 },
      ...built.last,
      { op: 'exec', ...init, env: [PATH, 'HOME=/', 'TERM=linux', 'container=vzdeck'] },
    ],
  };
}

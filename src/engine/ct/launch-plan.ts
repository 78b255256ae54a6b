// The whole birth of a container as one plan: settings, id range, cgroups and wall in, operations out. Pure: nothing is asked of the machine.
import type { ContainerCgroups } from '../cgroup/face.ts';
import { CLONE } from '../rootfs/flags.ts';
import { containerRoot, ROOT_SLOT } from '../rootfs/root-mount.ts';
import { wall } from '../rootfs/wall/wall.ts';
import { RANGE } from '../spec/id-range.ts';
import { NO_SLOT, type Op, type StartPlan } from '../spec/op.ts';
import type { IdRange } from '../store/lease.ts';
import type { CtSettings } from './settings.ts';

const BIRTH_SLOT = 4;
/** Slots from here on belong to the wall. */
const WALL_SLOTS = 8;
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const LOG_BYTES = 1n << 20n;
const O_DIRECTORY_CLOEXEC = 0o2200000;

const ALL_NAMESPACES = Object.values(CLONE).reduce((all, flag) => all | flag, 0n);

/** init's name must be long enough for sysvinit to write its runlevel over it ("init [2]"). */
const INIT = ['/sbin/init', '/etc/init', '/bin/init', '/lib/systemd/systemd'];

export interface LaunchParts {
  readonly settings: CtSettings;
  readonly range: IdRange;
  readonly cgroups: ContainerCgroups;
  readonly runDir: string;
  /** Console logs are LOGDIR/<id>.console, .tty2 …, rotated once. */
  readonly logDir: string;
  /** Command line of this engine for the keeper, and the prefix. */
  readonly engine: readonly string[];
  readonly prefix: string;
}

/** Says to the keeper's commands that somebody ended the container on purpose and cleans up himself. */
export const ENDED = 'ended';

function onExit({ settings, runDir, engine }: LaunchParts): string[][] {
  const own = [...engine, 'exited', String(settings.id)];
  const installed = ['/usr/bin/env', 'vzdeck', 'exited', String(settings.id)];
  // A shell is a tenth of the cost of an engine that would only find that there is nothing to do.
  return [['/bin/sh', '-c', `test -e "$0"`, `${runDir}/${ENDED}`], own, installed];
}

export function launchPlan(parts: LaunchParts): StartPlan {
  const { settings, range, cgroups, runDir, logDir, prefix } = parts;
  const { id, rootMount } = settings;
  const uids = `0 ${range.base} ${RANGE}\n`;
  const built = wall({ base: range.base, ttys: settings.ttys, numpty: settings.numpty, firstSlot: WALL_SLOTS });
  const userns: Op[] = rootMount.layout === 'simfs' ? [{ op: 'userns', slot: ROOT_SLOT.userns, base: range.base, count: RANGE }] : [];
  const birth: Op[] = cgroups.birth === null ? [] : [{ op: 'open', slot: BIRTH_SLOT, path: cgroups.birth, flags: O_DIRECTORY_CLOEXEC }];
  const hostname: Op[] = settings.hostname === '' ? [] : [{ op: 'hostname', name: settings.hostname }];
  return {
    id,
    cloneFlags: ALL_NAMESPACES,
    creator: range.base,
    sigpending: BigInt(settings.numsiginfo),
    cgroupSlot: cgroups.birth === null ? NO_SLOT : BIRTH_SLOT,
    ttys: settings.ttys.map((number) => ({
      number,
      log: `${logDir}/${id}.${number === 1 ? 'console' : `tty${number}`}`,
      logBytes: Number(LOG_BYTES),
    })),
    runDir,
    lease: range.lease,
    onExit: onExit(parts),
    onExitEnv: [PATH, ...(prefix === '' ? [] : [`VZDECK_ROOT=${prefix}`])],
    prepare: [
      ...cgroups.create(settings.limits, range.base),
      ...cgroups.joinKeeper(),
      ...birth,
      ...userns,
      ...containerRoot(rootMount),
      ...built.prepare,
    ],
    born: [{ op: 'idmap', uids, gids: uids }, { op: 'notePid', path: `${runDir}/init` }, ...cgroups.attach()],
    inside: [
      { op: 'root', slot: ROOT_SLOT.root, path: rootMount.root },
      ...built.inside,
      { op: 'pivot' },
      ...hostname,
      { op: 'linkUp', name: 'lo' },
      { op: 'stdio', tty: 1 },
      ...built.last,
      { op: 'exec', files: INIT, argv: ['/sbin/init'], env: [PATH, 'HOME=/', 'TERM=linux', 'container=vzdeck'] },
    ],
    cleanup: [{ op: 'umount', path: rootMount.root, flags: 2 }],
  };
}

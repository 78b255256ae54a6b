// What a keeper of a container needs to know, the same at birth and when a new one takes over.
import type { ContainerCgroups } from '../cgroup/face.ts';
import { PROGRAM_PATH } from '../host/port.ts';
import { MNT_DETACH } from '../rootfs/flags.ts';
import type { KeeperPlan } from '../spec/op.ts';
import { runDirOf } from '../store/record.ts';
import type { CtSettings } from './settings.ts';
import type { VerbContext } from './verb.ts';

/** Programs inside are looked for where the node has them. */
export const PATH = `PATH=${PROGRAM_PATH}`;
const LOG_BYTES = 1 << 20;

/** Says to the keeper's commands that somebody ended the container on purpose and cleans up himself. */
export const ENDED = 'ended';

export interface KeeperParts {
  readonly settings: CtSettings;
  readonly idBase: number;
  readonly lease: string;
  readonly cgroups: ContainerCgroups;
  readonly runDir: string;
  /** Console logs are LOGDIR/<id>.console, .tty2 …, rotated once. */
  readonly logDir: string;
  /** Command line of this engine for the hand-over, and the prefix. */
  readonly engine: readonly string[];
  readonly prefix: string;
}

export function keeperParts(context: VerbContext, settings: CtSettings, idBase: number, lease: string): KeeperParts {
  const { node, cgroups, engineCommand } = context;
  const { id } = settings;
  return {
    settings,
    idBase,
    lease,
    cgroups: cgroups(id),
    runDir: runDirOf(node, id),
    logDir: node.logDir,
    engine: engineCommand,
    prefix: node.prefix,
  };
}

/** File with the directory of the engine that was used last; beside the containers' run directories. */
export const engineNote = (runDir: string): string => `${runDir}/engine`;

function onExit({ settings, runDir, engine }: KeeperParts): string[][] {
  const id = String(settings.id);
  const own = [...engine, 'exited', id];
  const moved = ['/bin/sh', '-c', 'exec "$(cat "$0")/bin/vzdeck" exited "$1"', engineNote(`${runDir}/..`), id];
  const installed = ['/usr/bin/env', 'vzdeck', 'exited', id];
  // A shell is a tenth of the cost of an engine that would only find that there is nothing to do.
  return [['/bin/sh', '-c', 'test -e "$0"', `${runDir}/${ENDED}`], own, moved, installed];
}

/** Everything but `prepare`, which differs between birth and taking over. */
export function keeperPlan(parts: KeeperParts): Omit<KeeperPlan, 'prepare'> {
  const { settings, idBase, lease, cgroups, runDir, logDir, prefix } = parts;
  const { id } = settings;
  return {
    id,
    home: cgroups.births.keeper,
    creator: idBase,
    ttys: settings.ttys.map((number) => ({
      number,
      log: `${logDir}/${id}.${number === 1 ? 'console' : `tty${number}`}`,
      logBytes: LOG_BYTES,
    })),
    runDir,
    lease,
    onExit: onExit(parts),
    onExitEnv: [PATH, ...(prefix === '' ? [] : [`VZDECK_ROOT=${prefix}`])],
    cleanup: [{ op: 'umount', path: settings.rootMount.root, flags: MNT_DETACH }],
  };
}

// Which limits this node's kernel can hold a container to, found by running into each once after the node has come up. The answers lie where no
// prefix moves them, since the kernel is the same for all.
import type { CgroupTopology } from '../cgroup/face.ts';
import type { Host } from '../host/port.ts';
import { LIMIT_PRELUDE, LIMIT_PROBES, LIMIT_TREES } from '../host/probe/limit-probes.ts';
import { perlPrelude } from '../host/probe/perl.ts';
import { ask, type Finding, type Probe } from '../host/probe/probe.ts';
import { ifRoom } from '../host/room.ts';
import type { Mechanism } from '../spec/ubc-holds.ts';

const ANSWERS = '/run/vzdeck-limits';

interface Answers {
  /** Of the boot: another kernel, other answers. */
  readonly boot: string;
  readonly has: readonly Mechanism[];
  /** All that were tried: a later engine tries more. */
  readonly tried: readonly string[];
}

const TRIED = LIMIT_PROBES.map(({ name }) => name);

export const bootOf = ({ files, proc }: Host): string => (files.read(`${proc}/sys/kernel/random/boot_id`) ?? '').trim();

/** Our own group of a tree, where controllers are given to groups; the tree's root as long as nothing has been started. */
function treeOf({ files }: Host, { controllers, unified, top }: CgroupTopology, name: (typeof LIMIT_TREES)[number]): string {
  const mount = name === 'unified' ? unified : controllers.get(name)?.mount;
  if (mount === undefined || mount === null) return '';
  return files.stat(`${mount}${top}`) === null ? mount : `${mount}${top}`;
}

/**
 * Runs into each; a busy node is given a second try. Of what nobody could try (Perl is missing), the answer is 'unknown'. `give`: groups of the tree
 * may be given controllers that they have not got, which is for a start to do, not for a look.
 */
export function tryLimits(host: Host, topology: CgroupTopology, give: boolean): Promise<readonly Finding[]> {
  const trees = [...LIMIT_TREES.map((name) => treeOf(host, topology, name)), give ? 'give' : ''];
  const attempt = (probe: Probe): Promise<Finding> => ask(host, probe, `${perlPrelude(process.arch)}\n${LIMIT_PRELUDE}`, trees);
  return Promise.all(
    LIMIT_PROBES.map(async (probe) => {
      const first = await attempt(probe);
      return first.answer === 'no' ? attempt(probe) : first;
    }),
  );
}

/** As it was found since the node has come up; null: nobody has tried yet. */
export function knownMechanisms(host: Host): ReadonlySet<Mechanism> | null {
  const text = host.files.read(ANSWERS);
  if (text === null) return null;
  try {
    const { boot, has, tried = [] } = JSON.parse(text) as Partial<Answers>;
    return boot === bootOf(host) && TRIED.every((name) => tried.includes(name)) ? new Set(has) : null;
  } catch {
    // somebody's power went while it was written
    return null;
  }
}

/** Tries them unless that has been done, or somebody is about it. What nobody could try is believed: the kernels that the engine runs on have it. */
export async function findMechanisms(host: Host, topology: CgroupTopology): Promise<void> {
  if (host.planning || knownMechanisms(host) !== null) return;
  // where there is no room for a lock, everybody tries for himself
  const lock = await host.launcher.lock(`${ANSWERS}.lock`, { wait: true }).catch(() => null);
  try {
    if (knownMechanisms(host) === null) await tryAndKeep(host, topology);
  } finally {
    await lock?.release();
  }
}

async function tryAndKeep(host: Host, topology: CgroupTopology): Promise<void> {
  const found = await tryLimits(host, topology, true);
  const has = found.filter(({ answer }) => answer !== 'no').map(({ name }) => name as Mechanism);
  const answers: Answers = { boot: bootOf(host), has, tried: TRIED };
  ifRoom(() => host.files.write(ANSWERS, `${JSON.stringify(answers)}\n`, 0o644, 'boot'));
}

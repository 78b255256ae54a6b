// Values that a running container takes at once: limits through its cgroups, the host name from inside; and those that need a restart.
import type { Limits } from '../cgroup/face.ts';
import { isBelowUse } from '../cgroup/limits.ts';
import { VzError } from '../errors.ts';
import type { ProcessId } from '../launcher/launcher.ts';
import type { Values } from '../spec/params/read.ts';
import { PARAMS, paramOf, sectionOf } from '../spec/params/table.ts';
import type { Param } from '../spec/params/types.ts';
import { isVswap } from '../spec/ubc.ts';
import type { CtConfig } from '../store/registry.ts';
import { joinWithin } from './enter.ts';
import { limitsOf } from './settings.ts';
import type { VerbContext } from './verb.ts';

const RESTART_TEXTS: readonly { readonly keys: readonly string[]; readonly text: (before: Values, after: Values) => string }[] = [
  { keys: ['CAPABILITY'], text: () => 'Unable to set capability on a running container' },
  { keys: ['IPTABLES', 'NETFILTER'], text: () => 'Unable to set iptables/netfilter on a running container' },
  { keys: ['FEATURES'], text: () => 'Unable to set features on a running container' },
  { keys: ['QUOTAUGIDLIMIT'], text: quotaText },
  { keys: ['DISK_QUOTA'], text: () => 'Unable to switch DISK_QUOTA on or off on a running container' },
  { keys: ['MOUNT_OPTS'], text: () => 'Unable to change mount options on a running container' },
  { keys: ['VZDECK_TTYS'], text: () => 'Unable to change the number of terminals of a running container' },
];

/** Only switching it on or off needs a restart. */
function quotaText(before: Values, after: Values): string {
  const [was, will] = [before, after].map((values) => (values.get('QUOTAUGIDLIMIT') ?? '0') !== '0');
  return was === will ? '' : `Unable to turn ${will ? 'on' : 'off'} second-level disk quota on a running container`;
}

/** Why a running container would have to be restarted, one line per reason. */
export function restartReasons(before: Values, changed: Values): readonly string[] {
  const after = new Map([...before, ...changed]);
  const differs = (key: string): boolean => changed.has(key) && changed.get(key) !== before.get(key);
  return RESTART_TEXTS.filter(({ keys }) => keys.some(differs)).flatMap(({ text }) => text(before, after) || []);
}

const CPU_LINES: readonly (readonly [key: string, label: string])[] = [
  ['CPULIMIT', 'Setting CPU limit'],
  ['CPUUNITS', 'Setting CPU units'],
  ['CPUS', 'Setting CPUs'],
];

/** /etc/hostname follows, so that a reboot inside keeps the name; a read-only root does not matter. */
const RENAME =
  'hostname "$1" || echo "$1" >/proc/sys/kernel/hostname || exit 1; { [ ! -f /etc/hostname ] || echo "$1" >/etc/hostname; } 2>/dev/null; exit 0';

const RENAME_MS = 10_000;

async function rename(context: VerbContext, id: number, init: ProcessId, name: string): Promise<void> {
  const argv = ['sh', '-c', RENAME, 'sh', name];
  const outcome = await joinWithin(RENAME_MS, context, id, init, { argv, stdio: ['ignore', 'ignore', 'ignore'] });
  if (outcome?.code !== 0) {
    const cause = outcome ? 'sh inside failed' : `sh inside did not end within ${RENAME_MS / 1000} seconds`;
    throw new VzError('system', { what: `Unable to set the host name of container ${id}`, cause });
  }
}

/** What a value that could act at once is good for in this version, where that is less. */
const LESS: readonly (readonly [effect: Param['effect'], what: string])[] = [
  ['none', 'nothing of this version acts on'],
  ['start', 'only the next start acts on'],
];

/** Values that are kept must not look as if they held already. */
function sayIdle({ report }: VerbContext, changed: Values): void {
  for (const [effect, what] of LESS) {
    const keys = PARAMS.filter((param) => changed.has(param.key) && param.acts === 'live' && param.effect === effect).map((p) => p.key);
    if (keys.length > 0) report({ level: -1, text: `Warning: ${what} ${keys.join(', ')}` });
  }
}

async function applyLimits({ host, cgroups }: VerbContext, id: number, limits: Limits): Promise<void> {
  try {
    await host.launcher.ops({ ops: cgroups(id).update(limits) });
  } catch (error) {
    throw isBelowUse(error) ? new VzError('memory-in-use', { ct: id, limit: limits.memory ?? 0 }, error) : error;
  }
}

/** Limits as the values say; `changed` are those of this call. */
export async function applyLive(context: VerbContext, config: CtConfig, init: ProcessId, changed: Values): Promise<void> {
  const { host, report } = context;
  const values = new Map([...config.values, ...changed]);
  const limited = [...changed.keys()].some((key) => ['beancounters', 'processors'].includes(sectionOf(paramOf(key)!)));
  const ubc = [...changed.keys()].some((key) => sectionOf(paramOf(key)!) === 'beancounters');
  if (limited || isVswap(values)) await applyLimits(context, config.id, limitsOf(host, values));
  // A RAM and swap config derives other beancounters, so vzctl applies and tells them with every set.
  if (ubc || isVswap(values)) report({ level: 0, text: 'UB limits were set successfully' });
  for (const [key, label] of CPU_LINES) if (changed.has(key)) report({ level: 0, text: `${label}: ${changed.get(key)}` });
  const name = changed.get('HOSTNAME');
  if (name) await rename(context, config.id, init, name);
  sayIdle(context, changed);
}

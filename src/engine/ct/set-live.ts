// What vzctl tells about values that a running container does not take at once: that it needs a restart, or that nothing acts on them.
import { featureOf } from '../spec/features.ts';
import type { Values } from '../spec/params/read.ts';
import { parseSwitches } from '../spec/params/rights.ts';
import { PARAMS, paramOf, sectionOf } from '../spec/params/table.ts';
import type { Param } from '../spec/params/types.ts';
import { isVswap } from '../spec/ubc.ts';
import type { VerbContext } from './verb.ts';

const RESTART_TEXTS: readonly { readonly keys: readonly string[]; readonly text: (before: Values, after: Values) => string }[] = [
  { keys: ['CAPABILITY'], text: () => 'Unable to set capability on a running container' },
  { keys: ['IPTABLES', 'NETFILTER'], text: () => 'Unable to set iptables/netfilter on a running container' },
  { keys: ['FEATURES'], text: featuresText },
  { keys: ['QUOTAUGIDLIMIT'], text: quotaText },
  { keys: ['DISK_QUOTA'], text: () => 'Unable to switch DISK_QUOTA on or off on a running container' },
  { keys: ['MOUNT_OPTS'], text: () => 'Unable to change mount options on a running container' },
  { keys: ['VZDECK_CAPABILITIES'], text: () => 'Unable to set the profile of capabilities of a running container' },
  { keys: ['VZDECK_PROC'], text: () => 'Unable to hide or show entries of /proc of a running container' },
  { keys: ['VZDECK_TTYS'], text: () => 'Unable to change the number of terminals of a running container' },
];

/** Those that are a device are given at once. */
function featuresText(before: Values, after: Values): string {
  const [was, will] = [before, after].map((values) => parseSwitches(values.get('FEATURES') ?? ''));
  const waits = [...new Set([...(was?.keys() ?? []), ...(will?.keys() ?? [])])].some(
    (name) => was?.get(name) !== will?.get(name) && featureOf(name)?.gives !== 'device',
  );
  return waits ? 'Unable to set features on a running container' : '';
}

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

/** Lines on values that could act at once, as a kernel of OpenVZ would have it, and do not: who is to know must be told why. */
export function idleLines(changed: Values): readonly string[] {
  const idle = (wanted: Param['effect']): readonly Param[] =>
    PARAMS.filter(({ key, acts, effect }) => changed.has(key) && acts === 'live' && effect === wanted);
  const named = (params: readonly Param[]): string => params.map(({ key }) => key).join(', ');
  const why = Map.groupBy(idle('none'), ({ enforcer }) => enforcer.how);
  const waiting = idle('start');
  return [
    ...[...why].map(([how, params]) => `nothing acts on ${named(params)}: ${how}`),
    ...(waiting.length > 0 ? [`only the next start acts on ${named(waiting)}`] : []),
  ];
}

/** Values that are kept must not look as if they held already. */
export function sayIdle({ report }: VerbContext, changed: Values): void {
  for (const line of idleLines(changed)) report({ level: -1, text: `Warning: ${line}` });
}

/** What is told first: a RAM and swap config derives other beancounters, so vzctl applies and tells them with every set. */
export function ubcLines(values: Values, changed: Values): readonly string[] {
  const ubc = [...changed.keys()].some((key) => sectionOf(paramOf(key)!) === 'beancounters');
  return ubc || isVswap(values) ? ['UB limits were set successfully'] : [];
}

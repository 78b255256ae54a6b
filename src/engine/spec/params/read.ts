// From lines of a config to values: every parameter by its own grammar, with the warnings that vzctl gives.
import { drawable, VzError } from '../../errors.ts';
import { type ConfLine, editConf, formatLine, parseConf } from '../conf.ts';
import { PARAMS, paramOf } from './table.ts';
import type { Around, Change, Param, Remark } from './types.ts';

/** Canonical values by config key. */
export type Values = ReadonlyMap<string, string>;

/** Keys of vz.conf that are no container's parameter, and keys that only scripts read: known, so that they are no surprise. */
const OTHER_KEYS = new Set(
  (
    'VIRTUOZZO LOCKDIR DUMPDIR TRASHDIR VE0CPUUNITS VE_STOP_MODE VE_PARALLEL LOGGING LOGFILE LOG_LEVEL VERBOSE VZFASTBOOT ' +
    'MODULES_DISABLED IPTABLES_MODULES IP6TABLES VE_ROUTE_SRC_DEV NEIGHBOUR_DEVS SKIP_ARPDETECT ERROR_ON_ARPFAIL FORCE_ROUTE TEMPLATE ' +
    'CONFIGFILE DEF_OSTEMPLATE VZWDOG IPV6 SKIP_SYSCTL_SETUP CONFIG_CUSTOMIZED VEID VETH'
  ).split(' '),
);

export interface ReadConf {
  readonly values: Map<string, string>;
  readonly remarks: readonly Remark[];
}

const warn = (text: string, level: Remark['level'] = -1): Remark => ({ level, text: drawable(`Warning${text}`) });

function readLine({ line, key, value }: ConfLine, file: string, values: Map<string, string>, around: Around): readonly Remark[] {
  const at = ` at ${file}:${line}: `;
  const param = paramOf(key);
  if (key === 'VETH') return [warn(': VETH parameter is deprecated, remove it and use --netif_add instead', 0)];
  if (key === '') return [warn(`${at}invalid value for  ("${value}"), skipped`)];
  if (!param) return OTHER_KEYS.has(key) ? [] : [warn(`${at}unknown parameter ${key} ("${value}"), ignored`, 1)];
  const { grammar, repeat } = param;
  const before = values.get(param.key);
  if (before !== undefined && repeat === 'first') return [warn(`${at}duplicate for ${key} ("${value}"), ignored`)];
  const reading = (grammar.readFile ?? grammar.read)(value, around);
  const remarks = reading.remarks ?? [];
  const shown = reading.ok ? value : (reading.shown ?? value);
  const take = (text: string): void => {
    values.set(param.key, before !== undefined && repeat === 'add' && grammar.join ? grammar.join(before, text) : text);
  };
  if (reading.ok) {
    take(reading.value);
    return remarks;
  }
  if (reading.fault === 'range' && reading.cut !== undefined) {
    take(reading.cut);
    return [...remarks, warn(`${at}too large value for ${key} ("${shown}"), truncated`)];
  }
  return [...remarks, warn(`${at}invalid value for ${key} ("${shown}"), skipped`)];
}

/** Reads a container's config, a sample, or the parameters of vz.conf. `file` is for the texts. */
export function readConf(text: string, file: string, around: Around): ReadConf {
  const { lines, faults } = parseConf(text);
  const values = new Map<string, string>();
  const remarks = [
    ...faults.map((f) => ({ line: f.line, remark: warn(`: can't parse ${file}:${f.line} (${f.cause}), skipping`) })),
    ...lines.flatMap((l) => readLine(l, file, values, around).map((remark) => ({ line: l.line, remark }))),
  ];
  return { values, remarks: remarks.sort((a, b) => a.line - b.line).map((r) => r.remark) };
}

const lineOf = (param: Param, value: string): { key: string; line: string } => ({
  key: param.key,
  line: formatLine(param.key, param.grammar.print?.(value) ?? value, param.grammar.expands),
});

/** Values that are written in their canonical form with every save, for old readers. */
const NORMALISED = new Set(['VE_LAYOUT', 'DEVICES', 'DEVNODES']);

/** The config's text with these values; `stored` is what the text holds. Nothing but lines of changed values is touched. */
export function saveConf(text: string, stored: Values, changed: Values): string {
  const lines = PARAMS.flatMap((param) => {
    const value = changed.get(param.key) ?? (NORMALISED.has(param.key) ? stored.get(param.key) : undefined);
    return value === undefined ? [] : [lineOf(param, value)];
  });
  return editConf(text, lines);
}

/** Is there anything that a save would write? Values that are only written anew count, as they do for vzctl. */
export function savesAnything(stored: Values, changed: Values): boolean {
  return changed.size > 0 || [...NORMALISED].some((key) => stored.has(key));
}

export type Changes = ReadonlyMap<string, Change>;

/** Values that changes lead to; the first change that cannot be is told as text. */
export function applyChanges(
  stored: Values,
  changes: Changes,
  id: number,
  around: Around,
): { values: Map<string, string>; refusal: string } {
  const values = new Map<string, string>();
  for (const param of PARAMS) {
    const change = changes.get(param.key);
    if (!change) continue;
    const merged = param.grammar.merge?.(stored.get(param.key), change, id, around) ?? { ok: true as const, value: change.set ?? null };
    if (!merged.ok) return { values, refusal: merged.text };
    if (merged.value !== null) values.set(param.key, merged.value);
  }
  return { values, refusal: '' };
}

/**
 * Values as a form or a program gives them, by config key: a text is read as its option would be, a change is taken as it is.
 * Throws VzError 'bad-value' for one that is refused.
 */
export function changesOf(values: Readonly<Record<string, string | Change>>, around: Around): Changes {
  return new Map(
    Object.entries(values).map(([key, value]) => {
      if (typeof value !== 'string') return [key, value];
      const reading = paramOf(key)?.grammar.read(value, around);
      if (!reading?.ok) throw new VzError('bad-value', { key, value, hint: paramOf(key)?.grammar.hint });
      return [key, { set: reading.value }];
    }),
  );
}

/** What is wrong with a value, for forms; "" when nothing is. */
export function faultOf(key: string, value: string, around: Around): string {
  const param = paramOf(key);
  if (!param) return `There is no parameter ${key}`;
  const reading = param.grammar.read(value, around);
  return reading.ok ? '' : (reading.remarks?.[0]?.text ?? `Expected ${param.grammar.hint}`);
}

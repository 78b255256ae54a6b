// From lines of a config to values: every parameter by its own grammar, with the warnings that vzctl gives.
import { drawable, VzError } from '../../errors.ts';
import { type ConfChange, type ConfLine, editConf, formatLine, parseConf } from '../conf.ts';
import { KNOWN_KEYS } from './other-keys.ts';
import { PARAMS, paramOf } from './table.ts';
import type { Around, Change, Param, Remark } from './types.ts';

/** Canonical values by config key. */
export type Values = ReadonlyMap<string, string>;

/** A parameter, or a key that something else is known to read. */
export const isKnownKey = (key: string): boolean => paramOf(key) !== undefined || KNOWN_KEYS.has(key);

export interface ReadConf {
  readonly values: Map<string, string>;
  readonly remarks: readonly Remark[];
}

const warn = (text: string, level: Remark['level'] = -1): Remark => ({ level, text: drawable(`Warning${text}`) });

/** What lines say of each key, each as its grammar takes it. */
type Said = Map<string, string[]>;

function readLine({ line, key, value }: ConfLine, file: string, said: Said, around: Around): readonly Remark[] {
  const at = ` at ${file}:${line}: `;
  const param = paramOf(key);
  if (key === 'VETH') return [warn(': VETH parameter is deprecated, remove it and use --netif_add instead', 0)];
  if (key === '') return [warn(`${at}invalid value for  ("${value}"), skipped`)];
  if (!param) return KNOWN_KEYS.has(key) ? [] : [warn(`${at}unknown parameter ${key} ("${value}"), ignored`, 1)];
  const { grammar, repeat } = param;
  const before = said.get(param.key);
  if (before && repeat === 'first') return [warn(`${at}duplicate for ${key} ("${value}"), ignored`)];
  const reading = (grammar.readFile ?? grammar.read)(value, around);
  const remarks = reading.remarks ?? [];
  const shown = reading.ok ? value : (reading.shown ?? value);
  const take = (text: string): void => {
    if (before && repeat === 'add' && grammar.join) before.push(text);
    else said.set(param.key, [text]);
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

/** All of them together. Neighbours first, so that many lines of a list take no more than a few times the work of one. */
function together(texts: readonly string[], join: (first: string, second: string) => string): string {
  let left = texts;
  while (left.length > 1) {
    left = left.flatMap((text, at) => (at % 2 === 1 ? [] : [at + 1 < left.length ? join(text, left[at + 1] ?? '') : text]));
  }
  return left[0] ?? '';
}

/** Reads a container's config, a sample, or the parameters of vz.conf. `file` is for the texts. `keys`: without aliases; others are not needed. */
export function readConf(text: string, file: string, around: Around, keys?: readonly string[]): ReadConf {
  const { lines, faults } = parseConf(text, keys);
  const said: Said = new Map();
  const remarks = [
    ...faults.map((f) => ({ line: f.line, remark: warn(`: can't parse ${file}:${f.line} (${f.cause}), skipping`) })),
    ...lines.flatMap((l) => readLine(l, file, said, around).map((remark) => ({ line: l.line, remark }))),
  ];
  const values = new Map([...said].map(([key, texts]) => [key, together(texts, paramOf(key)?.grammar.join ?? ((_, last) => last))]));
  return { values, remarks: remarks.sort((a, b) => a.line - b.line).map((r) => r.remark) };
}

const lineOf = (param: Param, value: string): ConfChange => ({
  key: param.key,
  line: formatLine(param.key, param.grammar.print?.(value) ?? value, param.grammar.expands),
  counts: param.repeat,
  ...(param.aliases ? { aliases: param.aliases } : {}),
});

/** The line of a config that says so; "" for a key that is none. */
export function configLine(key: string, value: string): string {
  const param = paramOf(key);
  return (param && lineOf(param, value).line) ?? '';
}

/** What a text of bytes that are no UTF-8 has in their place, as the bytes that saveConf is given. */
const LOST = '\u00ef\u00bf\u00bd';

/** Values that are written in their canonical form with every save, for old readers. */
const NORMALISED = new Set(['VE_LAYOUT', 'DEVICES', 'DEVNODES']);

/** The config's text with these values; `stored` is what the text holds. Nothing but lines of changed values is touched; `unset`: their lines go. */
export function saveConf(text: string, stored: Values, changed: Values, unset: readonly string[] = []): string {
  const gone = unset.map((key) => ({ key, line: null, aliases: paramOf(key)?.aliases ?? [] }));
  const lines = PARAMS.filter(({ key }) => !unset.includes(key)).flatMap((param) => {
    const value = changed.get(param.key) ?? (NORMALISED.has(param.key) ? stored.get(param.key) : undefined);
    // Of a value in another encoding than UTF-8 something is lost already: what was not changed stays as it is.
    const lossy = !changed.has(param.key) && value?.includes(LOST) === true;
    return value === undefined || lossy ? [] : [lineOf(param, value)];
  });
  const others = [...changed].filter(([key]) => !paramOf(key)).map(([key, value]) => ({ key, line: formatLine(key, value) }));
  return editConf(text, [...lines, ...others, ...gone]);
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

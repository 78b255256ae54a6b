// From the value that a parameter has to the one that it shall have: the change that leads there, and the options of vzctl set that ask for it.
// The other direction of what options lead to; knows no container.
import { quoteWords } from '../command-line.ts';
import { pairOf } from '../ubc.ts';
import { UNIT_BYTES, UNLIMITED } from '../units.ts';
import { words } from './grammar.ts';
import { PARAMS, paramOf } from './table.ts';
import type { Around, Change, Flag, Param, Unit } from './types.ts';

const SUFFIXES = [
  ['T', 1n << 40n],
  ['G', 1n << 30n],
  ['M', 1n << 20n],
  ['K', 1n << 10n],
] as const;

/** Exactly this amount as an option takes it: "256M", "1000", "unlimited". */
export function amountText(amount: bigint, unit: Unit | undefined): string {
  if (amount >= UNLIMITED) return 'unlimited';
  const factor = unit === undefined ? undefined : UNIT_BYTES[unit];
  if (factor === undefined || amount === 0n) return String(amount);
  const bytes = amount * BigInt(factor);
  const [letter, size] = SUFFIXES.find(([, size]) => bytes % size === 0n) ?? ['', 1n];
  // A rate without a suffix would be one of megabytes.
  return `${bytes / size}${letter === '' && unit === 'bytes/s' ? 'B' : letter}`;
}

/** It is its limit alone, and an option takes that one: RAM and swap. */
export const isLimitAlone = ({ flags }: Param): boolean => flags.some(({ op, grammar }) => op === 'set' && grammar !== undefined);

/** The value as a person writes it, with suffixes where there are some; read by the parameter's option it is the same again. */
export function valueText(param: Param, value: string): string {
  const { unit } = param;
  const pair = unit === undefined ? null : pairOf(value);
  if (pair === null) return value;
  const { barrier, limit } = pair;
  if ((isLimitAlone(param) && barrier === 0n && limit < UNLIMITED) || barrier === limit) return amountText(limit, unit);
  return `${amountText(barrier, unit)}:${amountText(limit, unit)}`;
}

/** The option that reads a text as `valueText` writes it; those of RAM and swap count bytes, and know no end of them. */
export function setFlag(param: Param, text: string): Flag | undefined {
  const all = param.flags.filter(({ op }) => op === 'set');
  return (/:|^unlimited$/.test(text) ? undefined : all.find(({ grammar }) => grammar !== undefined)) ?? all.find(({ grammar }) => !grammar);
}

const same = (a: string, b: string): boolean => a === b || words(a).toSorted().join(' ') === words(b).toSorted().join(' ');

/** Candidates, the first that leads there counts: lists are added to, and some words of them are taken away by a word of their own. */
function candidates({ flags, grammar }: Param, before: string, wanted: string): readonly Change[] {
  if (grammar.way !== undefined) return [grammar.way(before, wanted)];
  const had = words(before);
  const gone = had.filter((word) => !words(wanted).includes(word));
  const fresh = words(wanted).filter((word) => !had.includes(word));
  if (flags.some(({ op }) => op === 'set')) {
    const taken = gone.map((word) => word.replace(/:[^:]*$/, ':none'));
    return [{ set: wanted }, { set: [...fresh, ...taken].join(' ') }];
  }
  const del = gone.length === had.length ? 'all' : gone.join(' ');
  const some = { ...(gone.length === 0 ? {} : { del: gone.join(' ') }), ...(fresh.length === 0 ? {} : { add: fresh.join(' ') }) };
  return [some, { ...some, del }];
}

/** The change after which the parameter has the canonical value `wanted`; null where no option of vzctl set leads there. */
export function changeTo(param: Param, before: string | undefined, wanted: string, id: number, around: Around): Change | null {
  const { merge } = param.grammar;
  if (param.flags.length === 0) return null;
  if (merge === undefined) return { set: wanted };
  const reached = (change: Change): boolean => {
    const merged = merge(before, change, id, around);
    return merged.ok && (param.grammar.same ?? same)(merged.value ?? before ?? '', wanted);
  };
  return candidates(param, before ?? '', wanted).find(reached) ?? null;
}

/** What comes first in a call. */
const ORDER = ['del', 'add', 'set', 'edit'] as const;

/** Options of vzctl set that ask for a change, each with its value. What is edited of a second entry needs a call of its own. */
export function optionsOf(key: string, change: Change): readonly (readonly [name: string, text: string])[] {
  const param = paramOf(key);
  if (param === undefined) return [];
  return ORDER.flatMap((op): readonly (readonly [string, string])[] => {
    const value = change[op];
    if (value === undefined) return [];
    if (op === 'edit') return editOptions(param, value.split(';')[0] ?? '');
    const text = op === 'set' ? valueText(param, value) : value;
    const flag = op === 'set' ? setFlag(param, text) : param.flags.find((one) => one.op === op);
    return flag === undefined ? [] : [[flag.name, (flag.grammar ?? param.grammar).option?.(text) ?? text]];
  });
}

/** "ifname=eth0,bridge=br0" by the options of its fields. */
const editOptions = (param: Param, edit: string): readonly (readonly [string, string])[] =>
  edit.split(',').flatMap((item) => {
    const [name, value = ''] = item.split('=');
    const flag = param.flags.find(({ op, field }) => op === 'edit' && field === name);
    return flag === undefined ? [] : [[flag.name, value] as const];
  });

/** "vzctl set 101 --numproc 120 --ram 512M --save", in the order of the table; entries that are edited beyond the first follow with "&&". */
export function setLine(id: number | string, changes: ReadonlyMap<string, Change>, save: boolean): string {
  const call = (options: readonly (readonly [string, string])[]): string =>
    quoteWords(['vzctl', 'set', String(id), ...options.flatMap(([name, text]) => [`--${name}`, text]), ...(save ? ['--save'] : [])]);
  const all = PARAMS.flatMap((param) => {
    const change = changes.get(param.key);
    return change === undefined ? [] : [{ param, change }];
  });
  const more = all.flatMap(({ param, change }) => (change.edit?.split(';') ?? []).slice(1).map((edit) => editOptions(param, edit)));
  return [all.flatMap(({ param, change }) => optionsOf(param.key, change)), ...more].map(call).join(' && ');
}

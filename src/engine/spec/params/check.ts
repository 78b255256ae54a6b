// What is wrong with a config file, with line and column, for people. Reading it takes what can be taken (read.ts); this says the rest.
import { drawable } from '../../errors.ts';
import { type Conf, type ConfFault, type ConfLine, parseConf } from '../conf.ts';
import { memoryOf, missingUbc } from '../ubc.ts';
import { printPair } from '../units.ts';
import { findingsIn, type Severity } from '../validate/rules.ts';
import { IDLE_KEYS, VIRTUOZZO_KEYS } from './other-keys.ts';
import { isKnownKey, readConf, type Values } from './read.ts';
import { PARAMS, paramOf } from './table.ts';
import type { Around, Param } from './types.ts';

export interface Finding {
  /** error: the line or value is not taken; warning: it is taken otherwise than it looks; note: good to know. */
  readonly severity: 'error' | 'warning' | 'note';
  /** From 1; 0 for the file as a whole. */
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** A line with what is needed to point into it. */
interface Seen extends ConfLine {
  readonly raw: string;
  /** Where the value begins, from 1. */
  readonly at: number;
  readonly quoted: boolean;
  readonly param: Param | undefined;
}

const FAULTS: Readonly<Record<ConfFault['cause'], string>> = {
  "'=' not found": 'There is no = here: the line is left out',
  'unmatched quotes': 'The quote is not closed in this line, and lines do not go on in the next one: the line is left out',
  'too long value': 'Longer than a line may be: it is left out',
  'NUL byte': 'A NUL byte: the line is left out',
};

/** Differs by one character that is there twice, left out, or another one. */
function near(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const [x, y] = [a.slice(at), b.slice(at)];
  return x.slice(1) === y.slice(1) || x.slice(1) === y || x === y.slice(1) || (x.slice(2) === y.slice(2) && x[0] === y[1] && x[1] === y[0]);
}

const similar = (key: string): string | undefined => {
  const wanted = key.trim().toUpperCase().replaceAll('-', '_');
  return PARAMS.find((param) => param.key === wanted || near(param.key, wanted))?.key;
};

type Rule = (seen: Seen) => Omit<Finding, 'line'> | null;
const finding = (severity: Finding['severity'], column: number, text: string): Omit<Finding, 'line'> => ({ severity, column, text });

const unknownKey: Rule = ({ key, param, value }) => {
  const idle = value === '' || value === 'no' ? undefined : IDLE_KEYS.get(key);
  if (idle) return finding('note', 1, `${key} is kept and not obeyed: ${idle}`);
  if (param || isKnownKey(key)) return null;
  if (key.startsWith('\ufeff')) return finding('error', 1, 'The file begins with a byte order mark, which makes this another key');
  if (key !== key.trim()) return finding('error', key.trimEnd().length + 1, 'The blank before = belongs to the key: it is another one');
  if (key === '') return finding('error', 1, 'There is no key before the =');
  const virtuozzo = VIRTUOZZO_KEYS.get(key);
  if (virtuozzo) return finding('note', 1, `${key} is of OpenVZ 7 (${virtuozzo}): it is kept, and nothing here reads it`);
  const meant = similar(key);
  if (meant) return finding('warning', 1, `There is no parameter ${key}; did you mean ${meant}?`);
  return finding('note', 1, `There is no parameter ${key}: it is kept, and nothing reads it`);
};

/** What a shell, which reads the same file, would run or expand. */
const shellText: Rule = ({ raw, at, param, value }) => {
  const bare = raw.replace(/\\./g, '__');
  const run = bare.slice(at - 1).search(/`|\$\(/);
  if (run >= 0) return finding('warning', at + run, 'A shell that reads this file runs what stands here; vzdeck does not');
  const variable = bare.slice(at - 1).search(/\$[A-Za-z_{]/);
  if (variable < 0 || (param?.grammar.expands && /\$(VEID|\{VEID\})/.test(value))) return null;
  return finding('warning', at + variable, 'No variable is put in here but $VEID in VE_ROOT and VE_PRIVATE; a shell would do it');
};

const quoting: Rule = ({ quoted, value, at }) => {
  if (quoted) return null;
  if (/^'.*'$/.test(value)) return finding('warning', at, 'Single quotes are part of the value; use double ones');
  const comment = value.search(/\s#/);
  if (comment >= 0) return finding('warning', at + comment + 1, 'Without quotes the # and what follows are part of the value');
  const cut = value.search(/[\s;&|<>()]/);
  return cut < 0 ? null : finding('note', at + cut, 'A shell that reads this file takes this for the end of the value; use double quotes');
};

const encoding: Rule = ({ raw }) => {
  const at = raw.indexOf('\ufffd');
  return at < 0 ? null : finding('warning', at + 1, 'Bytes that are no UTF-8: they are kept, and shown as \ufffd');
};

const dosEnd: Rule = ({ raw, line }) =>
  raw.endsWith('\r') && line === 1
    ? finding('note', raw.length, 'Lines end as on DOS: shells take the carriage return for a part of the value')
    : null;

const old: Rule = ({ key, param }) => {
  if (key === 'VETH') return finding('warning', 1, 'VETH is not read any more: use NETIF');
  return param?.obsolete ? finding('note', 1, `${param.key} is old: ${param.obsolete}`) : null;
};

const RULES: readonly Rule[] = [unknownKey, shellText, quoting, encoding, dosEnd, old];

/** The value by its grammar. */
function valueFinding({ param, value, at }: Seen, around: Around): Omit<Finding, 'line'> | null {
  if (!param) return null;
  const reading = (param.grammar.readFile ?? param.grammar.read)(value, around);
  const hint = param.grammar.hint;
  if (!reading.ok && reading.fault === 'range' && reading.cut !== undefined)
    return finding('warning', at, `Too large for ${param.key}: ${reading.cut} is taken`);
  if (!reading.ok)
    return finding(
      'error',
      at,
      `Not taken for ${param.key}: expected ${hint}${reading.remarks?.[0] ? `. ${reading.remarks[0].text}` : ''}`,
    );
  return null;
}

/** Second lines of a parameter. */
function doubles(seen: readonly Seen[]): readonly Finding[] {
  const first = new Map<string, number>();
  return seen.flatMap(({ param, line, key }) => {
    if (!param) return [];
    const before = first.get(param.key);
    if (before === undefined) first.set(param.key, line);
    if (before === undefined || param.repeat === 'add') return [];
    const which = param.repeat === 'first' ? `that of line ${before} counts` : `it takes the place of line ${before}`;
    return [{ severity: 'warning', line, column: 1, text: `${key} stands here once more: ${which}` } as const];
  });
}

const SEVERITY = { Error: 'error', Warning: 'warning', Recommendation: 'note' } as const satisfies Record<Severity, Finding['severity']>;

/** Beancounters that do not fit each other, at their lines. */
function rules(values: Values, seen: readonly Seen[]): readonly Finding[] {
  return findingsIn(values, null).map(({ severity, names, text, repair }) => {
    const key = (names[0] ?? '').toUpperCase();
    const line = seen.findLast(({ param }) => param?.key === key)?.line ?? 0;
    return { severity: SEVERITY[severity], line, column: line === 0 ? 0 : 1, text: `${text}; ${printPair(repair)} would do` };
  });
}

/** Parameters that need or make each other. */
function together(values: Values): readonly Omit<Finding, 'line' | 'column'>[] {
  const missing = missingUbc(values);
  const { remark } = memoryOf(values);
  return [
    ...(missing ? [{ severity: 'error', text: 'PHYSPAGES is RAM, and SWAPPAGES is not set: set it, 0 for no swap' } as const] : []),
    ...(values.has('NODEMASK') && !values.has('CPUMASK')
      ? [{ severity: 'warning', text: 'NODEMASK acts only together with CPUMASK' } as const]
      : []),
    ...(values.get('CPUMASK') === 'auto' && !values.has('NODEMASK')
      ? [{ severity: 'error', text: 'CPUMASK="auto" takes the CPUs of NODEMASK, which is not set' } as const]
      : []),
    ...(remark === '' ? [] : [{ severity: 'note', text: remark } as const]),
  ];
}

function seenOf(conf: Conf, text: string): readonly Seen[] {
  const raws = text.split('\n');
  return conf.lines.map((read) => {
    const raw = raws[read.line - 1] ?? '';
    const sign = raw.indexOf('=');
    const quoted = raw[sign + 1] === '"';
    return { ...read, raw, at: sign + (quoted ? 3 : 2), quoted, param: paramOf(read.key) };
  });
}

/** All there is to say about a file, in the order of its lines. `whole`: it is a container's own config, not a sample or vz.conf. */
export function checkConf(text: string, around: Around, whole: boolean): readonly Finding[] {
  const conf = parseConf(text);
  const seen = seenOf(conf, text);
  const byRule = seen.flatMap((one) =>
    [...RULES.map((rule) => rule(one)), valueFinding(one, around)].flatMap((found) => (found ? [{ ...found, line: one.line }] : [])),
  );
  const faults = conf.faults.map(({ line, column, cause }) => ({ severity: 'error' as const, line, column, text: FAULTS[cause] }));
  const { values } = readConf(text, '', around);
  const all = whole ? together(values).map((found) => ({ ...found, line: 0, column: 0 })) : [];
  return [...faults, ...byRule, ...doubles(seen), ...rules(values, seen), ...all]
    .map((found) => ({ ...found, text: drawable(found.text) }))
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

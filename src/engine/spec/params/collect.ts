// The same option more than once in one call: the first counts, or the last, or both together.
import type { Change, Flag, Param } from './types.ts';

/** What is asked of a parameter after one more option with this (canonical) value. */
export function collectChange(before: Change | undefined, param: Param, flag: Flag, value: string): Change {
  const { op } = flag;
  const grammar = flag.grammar ?? param.grammar;
  const known = before?.[op];
  if (known === undefined) return { ...before, [op]: value };
  if (op === 'set' && param.repeat === 'first') return { ...before };
  const both = op === 'set' && param.repeat === 'last' ? value : (grammar.join?.(known, value) ?? value);
  return { ...before, [op]: both };
}

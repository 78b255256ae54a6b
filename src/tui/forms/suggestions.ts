// Values that may be meant for a parameter: what a sample says, what others have, what is held and some more, what there is to choose from. Pure.
import {
  type CtConfig,
  type CtParameter,
  isLimitAlone,
  type Param,
  pairOf,
  type SampleConfig,
  UNLIMITED,
  valueText,
} from '../../engine/index.ts';
import { stepped } from './amount-step.ts';
import type { Suggestion } from './parameter-form.ts';

export interface Known {
  /** The sample that the container was made from, or else the one that new containers are made from. */
  readonly sample: SampleConfig | null;
  /** Configs of the other containers. */
  readonly peers: readonly Pick<CtConfig, 'own'>[];
}

/** Fewer say nothing about what is usual here. */
const ENOUGH = 2;

/** The value in the middle, by limit; of what is no amount the most frequent one. */
function usualValue(param: Param, values: readonly string[]): string | null {
  if (param.unit === undefined) {
    const counts = new Map<string, number>();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? null;
  }
  const sorted = values
    .flatMap((value) => {
      const pair = pairOf(value);
      return pair === null ? [] : [{ value, limit: pair.limit }];
    })
    .toSorted((a, b) => (a.limit < b.limit ? -1 : a.limit > b.limit ? 1 : 0));
  return sorted[(sorted.length - 1) >> 1]?.value ?? null;
}

/** Half as much again as was ever held, up to the next round number. */
function heldAndMore({ held, param }: CtParameter): string | null {
  if (held === null || param.unit === undefined) return null;
  const most = BigInt(Math.ceil(Math.max(held.held, held.maxheld) * 1.5));
  if (most <= 0n || most >= UNLIMITED) return null;
  const limit = stepped(most - 1n, 'more', param.unit, 0n);
  return isLimitAlone(param) ? `0:${limit}` : String(limit);
}

export function suggestionsFor(parameter: CtParameter, { sample, peers }: Known): readonly Suggestion[] {
  const { param, own, live, drift } = parameter;
  const theirs = peers.flatMap(({ own: values }) => values.get(param.key) ?? []);
  const usual = theirs.length < ENOUGH ? null : usualValue(param, theirs);
  const held = heldAndMore(parameter);
  const of = (value: string | null | undefined, why: string): readonly (Suggestion & { readonly value: string })[] =>
    value == null ? [] : [{ value, text: valueText(param, value), why }];
  const all = [
    ...(param.grammar.choices ?? []).flatMap((choice) => of(choice, param.means?.[choice] ?? '')),
    ...of(sample?.values.get(param.key), `sample ${sample?.name}`),
    ...of(usual, `${param.unit === undefined ? 'most' : 'median'} of ${theirs.length} others`),
    ...of(held, 'most ever held × 1.5'),
    ...of(drift ? live : null, 'the kernel now'),
    ...of(own, 'the file now'),
  ];
  const texts = [...new Set(all.map(({ text }) => text))];
  return texts.map((text) => ({
    text,
    why: [...new Set(all.filter((one) => one.text === text && one.why !== '').map(({ why }) => why))].join(', '),
  }));
}

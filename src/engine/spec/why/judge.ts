// All rules over all that is known, worst first. No evidence, no sentence: a rule that has none to show is not heard.
import type { CtEvidence, Evidence } from './evidence.ts';
import { COUNTER_RULES } from './rules-counters.ts';
import { LOAD_RULES } from './rules-load.ts';
import { MEMORY_RULES, OOM } from './rules-memory.ts';
import { NODE_RULES } from './rules-node.ts';
import { STATE_RULES } from './rules-state.ts';
import { type Found, type Rule, SEVERITIES, type Sentence } from './sentence.ts';

/** Of two sentences of one severity that of the earlier rule comes first: what is killed tells more than what is refused, that more than what is full or
 * slow, and containers come before their node. */
export const RULES: readonly Rule[] = [OOM, ...COUNTER_RULES, ...MEMORY_RULES, ...STATE_RULES, ...LOAD_RULES, ...NODE_RULES];

export const subjectOf = ({ id, name }: Pick<CtEvidence, 'id' | 'name'>): string => (name === '' ? String(id) : `${id} (${name})`);

interface Ranked {
  readonly said: Sentence;
  readonly order: readonly number[];
}

/** Of another container, that somebody who asks about one has to know. */
const ABOUT_OTHERS: ReadonlySet<string> = new Set(['noisy-neighbour']);

export function judge(evidence: Evidence, rules: readonly Rule[] = RULES): readonly Sentence[] {
  const heard: Ranked[] = [];
  for (const [at, rule] of rules.entries()) {
    const hear = (found: readonly Found[], id: number, subject: string): void => {
      for (const { weight, ...one } of found) {
        const asked = evidence.only === null || id === evidence.only || id === 0 || ABOUT_OTHERS.has(rule.id);
        if (one.evidence.length === 0 || !asked) continue;
        heard.push({ said: { rule: rule.id, id, subject, ...one }, order: [SEVERITIES.indexOf(one.severity), at, -weight, id] });
      }
    };
    for (const ct of evidence.containers) {
      const told = heard.some(({ said }) => said.id === ct.id && said.severity !== 'note' && rule.unless?.includes(said.rule));
      if (!told) hear(rule.ofContainer?.(ct, evidence) ?? [], ct.id, subjectOf(ct));
    }
    hear(rule.ofNode?.(evidence) ?? [], 0, evidence.node.hostname || 'the node');
  }
  const before = (a: Ranked, b: Ranked): number => a.order.map((n, i) => n - (b.order[i] ?? 0)).find((d) => d !== 0) ?? 0;
  return heard.sort(before).map(({ said }) => said);
}

/** What the rules look at, each thing once: the answer to "what was looked at" where nothing was found. */
export const LOOKED_AT: readonly string[] = [...new Set(RULES.flatMap(({ looksAt }) => looksAt.split(', ')))];

export interface Why {
  /** Worst first; empty: nothing wrong was found. */
  readonly sentences: readonly Sentence[];
  /** What was looked at, whether or not anything was found there. */
  readonly looked: readonly string[];
  /** What they are told by: enough to judge it again. */
  readonly evidence: Evidence;
}

export const answerOf = (evidence: Evidence): Why => ({ sentences: judge(evidence), looked: LOOKED_AT, evidence });

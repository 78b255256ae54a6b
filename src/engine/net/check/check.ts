// What keeps networks of containers from working, found by rules that each ask one question.

import type { CheckRule, NetEvidence, NetFinding } from './evidence.ts';
import { INSIDE_RULES } from './inside.ts';
import { OTHER_RULES } from './others.ts';
import { OWN_RULES } from './own.ts';
import { RATE_RULES } from './rates.ts';

export const CHECK_RULES: readonly CheckRule[] = [...OWN_RULES, ...RATE_RULES, ...INSIDE_RULES, ...OTHER_RULES];

export interface NetCheck {
  readonly findings: readonly NetFinding[];
  /** What was looked at, for a sentence. */
  readonly looked: readonly string[];
  /** What could not be looked at, and why. */
  readonly notes: readonly string[];
  /** Containers with a network. */
  readonly cts: readonly number[];
}

function notesOf({ ruleset, legacy, direct }: NetEvidence): readonly string[] {
  return [
    ...(direct.now.size === 0
      ? []
      : [`By VZDECK_DIRECT of vz.conf no rule of the node sees what containers send each other (${direct.now.size} addresses)`]),
    ...(ruleset === null ? ['nft does not tell the ruleset: rules were not looked at'] : []),
    ...(legacy.length === 0 ? [] : [`Rules of the iptables of old (${legacy.join(', ')}) are not judged: iptables-legacy-save lists them`]),
  ];
}

/** `only`: what concerns one container, and the node. */
export function checkNet(evidence: NetEvidence, only: number | null): NetCheck {
  const cts = evidence.containers.flatMap(({ id, things, half }) => (things.length > 0 || half ? [id] : []));
  if (evidence.stands !== null && evidence.stands !== evidence.namespace)
    return {
      cts,
      looked: [],
      notes: notesOf(evidence),
      findings: [
        {
          rule: 'namespace',
          cts,
          object: 'the network of the containers',
          cause: `stands in another network namespace (${evidence.stands}) than the one that is looked at (${evidence.namespace})`,
          remedy: 'vzdeck net check, run in that namespace',
          evidence: [],
        },
      ],
    };
  const found = CHECK_RULES.flatMap(({ name, find }) => find(evidence).map((one) => ({ rule: name, ...one })));
  return {
    cts,
    looked: CHECK_RULES.map(({ looks }) => looks),
    notes: notesOf(evidence),
    findings: found.filter((one) => only === null || one.cts.length === 0 || one.cts.includes(only)),
  };
}

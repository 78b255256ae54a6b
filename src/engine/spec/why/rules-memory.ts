// Rules about RAM: what was killed, what leaks, who waits for memory.
import type { CtEvidence, ProcessEvidence } from './evidence.ts';
import {
  atTime,
  bytes,
  called,
  changeLine,
  culprit,
  during,
  type Found,
  holders,
  lowered,
  loweredText,
  ofTime,
  percent,
  type Rule,
  rate,
  remedyOf,
  sentence,
  some,
  span,
} from './sentence.ts';

const PAGES = { unit: 'pages' } as const;

/** Kills between the looks from which on it is a loop, and in an hour. */
const LOOP = 2;
const LOOP_HOUR = 5;
/** Growth of processes' own memory that is told: bytes per second, and seconds to the limit. */
const LEAK = 1 << 20;
const LEAK_UNBOUND = 32 << 20;
const SOON = 600;
const AT_ONCE = 60;
/** Percent of the time in which somebody waits for memory. */
const WAITS = 10;

const more = (ct: CtEvidence): string => {
  const row = ct.rows.find(({ name }) => name === 'physpages');
  return row === undefined ? '' : remedyOf(ct, row);
};

function ramLines(ct: CtEvidence): readonly string[] {
  const { memory, who, changes } = ct;
  const change = lowered(changes, 'PHYSPAGES');
  const held = memory === null ? [] : [`memory holds ${bytes(memory.held)}${memory.limit === null ? '' : ` of ${bytes(memory.limit)}`}`];
  return [...held, ...holders(PAGES, who['physpages']), ...(change === null ? [] : [changeLine(change)])];
}

const changed = ({ changes }: CtEvidence): string => {
  const change = lowered(changes, 'PHYSPAGES');
  return change === null ? '' : loweredText(change, PAGES);
};

export const OOM: Rule = {
  id: 'oom',
  says: 'alarm',
  looksAt: 'memory',
  when: `The kernel killed a process of the container for lack of memory between the looks; in the last hour alone it is a warning, and before that a note. ${LOOP} between the looks, or ${LOOP_HOUR} in an hour, are a loop.`,
  ofContainer: (ct, { seconds }): readonly Found[] => {
    if (ct.oom === null || ct.oom.ever === 0) return [];
    const { kills, ever } = ct.oom;
    const row = ct.rows.find(({ name }) => name === 'oomguarpages');
    const hour = row?.hour ?? 0;
    const loop = kills >= LOOP || hour >= LOOP_HOUR ? ', again and again' : '';
    const when = kills > 0 ? during(seconds) : hour > 0 ? atTime(row?.when ?? null) : 'since its start, none of them now';
    const limit = ct.memory?.limit == null ? '' : ` at ${bytes(ct.memory.limit)} of RAM`;
    const text = sentence(
      `the kernel killed ${some(kills || hour || ever, 'process', 'processes')} for lack of memory ${when}${limit}${loop}`,
      culprit(PAGES, ct.who['physpages']),
      changed(ct),
    );
    return [
      {
        severity: kills > 0 ? 'alarm' : hour > 0 ? 'warning' : 'note',
        text,
        evidence: [`oom_kill: ${kills} more than at the first look, ${some(ever, 'kill')} since its start`, ...ramLines(ct)],
        remedy: more(ct),
        weight: kills || hour / 3600,
      },
    ];
  },
};

const greatest = (top: readonly ProcessEvidence[]): ProcessEvidence | undefined => top.toSorted((a, b) => b.grown - a.grown)[0];

const LEAKS: Rule = {
  id: 'leak',
  unless: ['oom'],
  says: 'alarm',
  looksAt: 'memory',
  when: `Processes' own memory grew by ${rate(LEAK)} between the looks, so that its RAM is full within ${span(SOON)} (within ${span(AT_ONCE)}: an alarm); without a limit by ${rate(LEAK_UNBOUND)}.`,
  ofContainer: (ct, { seconds }): readonly Found[] => {
    const { memory, processes } = ct;
    if (memory === null || seconds <= 0) return [];
    const speed = memory.grown / seconds;
    const left = memory.limit === null ? Number.POSITIVE_INFINITY : Math.max(0, memory.limit - memory.held) / speed;
    if (speed < (memory.limit === null ? LEAK_UNBOUND : LEAK) || (memory.limit !== null && left > SOON)) return [];
    const first = greatest(processes?.top ?? []);
    const grew = first && first.grown > 0 ? `${called(first)} grew by ${bytes(first.grown)}` : '';
    const end = memory.limit === null ? '' : `, and its ${bytes(memory.limit)} are full in ${span(Math.max(1, left))}`;
    return [
      {
        severity: left <= AT_ONCE ? 'alarm' : 'warning',
        text: sentence(`memory grows by ${rate(speed)}${end}`, grew),
        evidence: [
          `processes' own memory: ${bytes(memory.own)}, ${bytes(memory.grown)} more than ${span(seconds)} before`,
          ...ramLines(ct),
        ],
        remedy: '',
        weight: speed,
      },
    ];
  },
};

const SHORT: Rule = {
  id: 'short-of-memory',
  unless: ['oom'],
  says: 'warning',
  looksAt: 'memory',
  when: `Somebody in the container waited for memory in ${percent(WAITS)} of the time between the looks.`,
  ofContainer: (ct, { seconds }): readonly Found[] => {
    const waited = ct.pressure.memory ?? 0;
    if (waited < WAITS) return [];
    const hits = ct.memory !== null && ct.memory.hits > 0 ? [`its limit was hit ${some(ct.memory.hits, 'time')} between the looks`] : [];
    return [
      {
        severity: 'warning',
        text: sentence(`waits ${percent(waited)} of the time for memory`, culprit(PAGES, ct.who['physpages']), changed(ct)),
        evidence: [`memory.pressure: ${ofTime(waited, seconds)}`, ...hits, ...ramLines(ct)],
        remedy: more(ct),
        weight: waited,
      },
    ];
  },
};

export const MEMORY_RULES: readonly Rule[] = [LEAKS, SHORT];

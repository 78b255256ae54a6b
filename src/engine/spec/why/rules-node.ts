// Rules about the node itself: what its containers share and no longer have.
import type { CtEvidence, Evidence } from './evidence.ts';
import { diskTrouble } from './rules-state.ts';
import { bytes, type Found, ofTime, percent, type Rule, sentence, some } from './sentence.ts';

/** Percent. */
const CPU_FULL = 95;
const MEMORY_SHORT = 95;
const MEMORY_GONE = 98;
const SWAP_FULL = 90;
const WAITS = 30;
/** Tasks that want a CPU, for each that there is. */
const QUEUE = 2;

const most = (containers: readonly CtEvidence[], of: (ct: CtEvidence) => number): CtEvidence | undefined =>
  containers.reduce<CtEvidence | undefined>((best, one) => (of(one) > (best === undefined ? 0 : of(best)) ? one : best), undefined);

const DISKS: Rule = {
  id: 'node-disk',
  says: 'alarm',
  looksAt: 'disks',
  when: 'A disk on which containers lie is full or nearly so, by the bounds of disk-full.',
  ofNode: ({ node, containers }) =>
    node.disks.flatMap(
      (disk) =>
        diskTrouble(
          disk,
          containers.filter((ct) => ct.disk === null),
        ) ?? [],
    ),
};

const MEMORY: Rule = {
  id: 'node-memory',
  says: 'alarm',
  looksAt: 'memory',
  when: `${MEMORY_SHORT} % of the node's memory are not available to new programs (${MEMORY_GONE} %: an alarm), or ${SWAP_FULL} % of its swap are used.`,
  ofNode: ({ node, containers }): readonly Found[] => {
    const { memory, swap } = node;
    const used = (100 * memory.held) / Math.max(1, memory.limit);
    const swapped = swap.limit === 0 ? 0 : (100 * swap.held) / swap.limit;
    if (used < MEMORY_SHORT && swapped < SWAP_FULL) return [];
    const first = most(containers, (ct) => ct.memory?.held ?? 0);
    const holds = first === undefined ? '' : `${first.id} holds ${bytes(first.memory?.held ?? 0)}`;
    const what =
      used >= MEMORY_SHORT
        ? `memory runs out: ${bytes(memory.limit - memory.held)} of ${bytes(memory.limit)} are left`
        : `swap is nearly full: ${percent(swapped)} used`;
    return [
      {
        severity: used >= MEMORY_GONE ? 'alarm' : 'warning',
        text: sentence(what, holds),
        evidence: [`/proc/meminfo: ${percent(used)} of memory held${swap.limit === 0 ? '' : `, ${percent(swapped)} of swap`}`],
        remedy: '',
        weight: used,
      },
    ];
  },
};

/** Percent of the node's CPU time that containers use. */
const ofContainers = ({ node, containers }: Evidence): number =>
  containers.reduce((sum, { cpu }) => sum + (cpu?.used ?? 0), 0) / Math.max(1, node.cpus);

const CPU: Rule = {
  id: 'node-cpu',
  says: 'warning',
  looksAt: 'CPU',
  when: `The node's CPUs are ${CPU_FULL} % busy, and ${QUEUE} tasks for each CPU want to run.`,
  ofNode: (evidence): readonly Found[] => {
    const { node, containers } = evidence;
    if (node.cpu < CPU_FULL || node.runnable < QUEUE * node.cpus) return [];
    const share = ofContainers(evidence);
    const first = most(containers, ({ cpu }) => cpu?.used ?? 0);
    const whose =
      first === undefined || share < 1 ? 'none of it by containers' : `containers use ${percent(share)} of all, most of it ${first.id}`;
    return [
      {
        severity: 'warning',
        text: sentence(`${some(node.runnable, 'task wants', 'tasks want')} to run on ${some(node.cpus, 'CPU')}`, whose),
        evidence: [`/proc/stat: CPUs ${percent(node.cpu)} busy, ${node.runnable} runnable`, `load ${node.load.join(' ')}`],
        remedy: '',
        weight: node.runnable,
      },
    ];
  },
};

const IO: Rule = {
  id: 'node-disk-waits',
  says: 'warning',
  looksAt: 'disks',
  when: `Somebody on the node waited for a disk in ${WAITS} % of the time between the looks.`,
  ofNode: ({ node, containers, seconds }): readonly Found[] => {
    const waited = node.pressure.io ?? 0;
    if (waited < WAITS) return [];
    const first = most(containers, ({ io }) => (io === null ? 0 : io.read + io.written));
    return [
      {
        severity: 'warning',
        text: sentence(
          `somebody waits ${percent(waited)} of the time for a disk`,
          first === undefined ? 'no container reads or writes much' : `most is read and written by ${first.id}`,
        ),
        evidence: [`/proc/pressure/io: ${ofTime(waited, seconds)}`],
        remedy: '',
        weight: waited,
      },
    ];
  },
};

export const NODE_RULES: readonly Rule[] = [DISKS, MEMORY, CPU, IO];

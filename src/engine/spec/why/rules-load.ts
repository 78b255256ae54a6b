// Rules about CPU, disk and network: who is held back, who keeps others waiting, who keeps a CPU or a disk busy.
import { grouped } from '../units.ts';
import type { CtEvidence, Evidence, ProcessEvidence } from './evidence.ts';
import {
  called,
  changeLine,
  type Found,
  lowered,
  loweredText,
  ofTime,
  percent,
  type Rule,
  rate,
  sentence,
  setTo,
  some,
  span,
} from './sentence.ts';

/** Part of the periods in which it was held back. */
const HELD_BACK = 0.5;
/** Percent of all CPUs from which on the node has no CPU time left. */
const NODE_BUSY = 90;
/** Part of the node's CPU time that is much for one container, and percent of the time that is much waiting for another. */
const MUCH = 0.25;
const WAITING = 20;
/** Percent of one CPU that a process uses which never waits for anything; what it waited for a CPU counts. */
const SPINS = 90;
const SPINS_AT_LEAST = 10;
/** Percent that it used or waited: the rest is what a virtual machine's own host took. */
const SPINS_OR_WAITS = 70;
/** Bytes per second. */
const MIB = 1 << 20;
const IO_BUSY = 20 * MIB;
/** What is little in bytes may be much in single writes: its own processes wait for it then. */
const IO_SOME = MIB / 4;
const OWN_WAITING = 40;
const IO_MUCH = 100 * MIB;
const NET_MUCH = 50 * MIB;
const PACKETS_MUCH = 50_000;
/** Processes in state D. */
const STUCK = 5;

const busiest = (ct: CtEvidence, of: (one: ProcessEvidence) => number): ProcessEvidence | undefined =>
  ct.processes?.top.toSorted((a, b) => of(b) - of(a))[0];
const cpuLine = ({ cpu }: CtEvidence): string => `CPU time: ${percent(cpu?.used ?? 0)} of one CPU`;
const processLine = (one: ProcessEvidence): string => `${percent(one.cpu)} of a CPU: ${called(one)}`;
const label = ({ id, name }: CtEvidence): string => (name === '' ? String(id) : `${id} (${name})`);

const THROTTLED: Rule = {
  id: 'held-back',
  says: 'warning',
  looksAt: 'CPU',
  when: `It has a CPU limit and was held back in ${percent(HELD_BACK * 100)} of the periods between the looks.`,
  ofContainer: (ct, { seconds }): readonly Found[] => {
    const { id, cpu, changes } = ct;
    if (cpu === null || cpu.periods === 0 || cpu.throttled / cpu.periods < HELD_BACK) return [];
    const change = lowered(changes, 'CPULIMIT');
    const first = busiest(ct, (one) => one.cpu);
    const was = change === null ? '' : loweredText(change, { unit: 'items' });
    const wanted = change?.before ?? String(Math.ceil((cpu.limit * 2) / 10) * 10);
    return [
      {
        severity: 'warning',
        text: sentence(
          `wants more than its CPU limit of ${percent(cpu.limit)}: held back in ${cpu.throttled} of ${cpu.periods} periods`,
          first && first.cpu > 0 ? `${called(first)} uses ${percent(first.cpu)}` : '',
          was,
        ),
        evidence: [
          `cpu.stat: ${cpu.throttled} of ${cpu.periods} periods in ${span(seconds)}`,
          cpuLine(ct),
          ...(change === null ? [] : [changeLine(change)]),
        ],
        remedy: cpu.limit > 0 ? setTo(id, 'CPULIMIT', wanted) : '',
        weight: cpu.throttled / cpu.periods,
      },
    ];
  },
};

interface Kind {
  readonly what: 'CPU' | 'disk';
  readonly file: string;
  readonly waits: (ct: CtEvidence) => number;
  /** Part of all that there is, or that all containers use together. */
  readonly takes: (ct: CtEvidence, evidence: Evidence) => number;
  readonly says: (ct: CtEvidence, evidence: Evidence) => string;
  readonly by: (one: ProcessEvidence) => number;
  readonly remedy: (ct: CtEvidence, evidence: Evidence) => string;
}

const moved = ({ io }: CtEvidence): number => (io === null ? 0 : io.read + io.written);

const KINDS: readonly Kind[] = [
  {
    what: 'CPU',
    file: 'cpu.pressure',
    waits: ({ pressure }) => pressure.cpu ?? 0,
    takes: ({ cpu }, { node }) => (node.cpu < NODE_BUSY ? 0 : (cpu?.used ?? 0) / (100 * Math.max(1, node.cpus))),
    says: ({ cpu }, { node }) => `takes ${percent(cpu?.used ?? 0)} of the node's ${node.cpus * 100} % of CPU time`,
    by: ({ cpu }) => cpu,
    remedy: ({ id }, { node }) => setTo(id, 'CPULIMIT', String(node.cpus * 50)),
  },
  {
    what: 'disk',
    file: 'io.pressure',
    waits: ({ pressure }) => pressure.io ?? 0,
    takes: (ct, { containers }) => (moved(ct) < IO_BUSY ? 0 : moved(ct) / containers.reduce((sum, one) => sum + moved(one), 0)),
    says: ({ io }) => `reads ${rate(io?.read ?? 0)} and writes ${rate(io?.written ?? 0)}`,
    by: ({ read, written }) => read + written,
    remedy: (ct) => setTo(ct.id, 'IOLIMIT', String(Math.round(moved(ct) / 2))),
  },
];

const NEIGHBOUR: Rule = {
  id: 'noisy-neighbour',
  says: 'warning',
  looksAt: 'CPU, disks',
  when: `The node's CPUs are ${NODE_BUSY} % busy and the container takes ${percent(MUCH * 100)} of them (or of all that containers read and write, from ${rate(IO_BUSY)} on), while another waits ${WAITING} % of the time.`,
  ofContainer: (ct, evidence) =>
    KINDS.flatMap((kind): readonly Found[] => {
      const takes = kind.takes(ct, evidence);
      const waiting = evidence.containers
        .filter((one) => one.id !== ct.id && kind.waits(one) >= WAITING && kind.takes(one, evidence) < takes / 2)
        .sort((a, b) => kind.waits(b) - kind.waits(a));
      const [first] = waiting;
      if (takes < MUCH || first === undefined) return [];
      const process = busiest(ct, kind.by);
      const others = waiting.length > 1 ? ` (and ${waiting.length - 1} more)` : '';
      return [
        {
          severity: 'warning',
          text: sentence(
            `${kind.says(ct, evidence)}, while ${label(first)}${others} waits ${percent(kind.waits(first))} of the time for the ${kind.what}`,
            process === undefined ? '' : `most by ${called(process)}`,
          ),
          evidence: [
            cpuLine(ct),
            ...waiting.slice(0, 3).map((one) => `${kind.file} of ${label(one)}: ${ofTime(kind.waits(one), evidence.seconds)}`),
            `CPUs of the node: ${percent(evidence.node.cpu)} busy`,
          ],
          remedy: kind.remedy(ct, evidence),
          weight: takes,
        },
      ];
    }),
};

const SPIN: Rule = {
  id: 'spin',
  unless: ['noisy-neighbour', 'held-back'],
  says: 'warning',
  looksAt: 'CPU, processes',
  when: `A process used ${SPINS} % of a CPU, or ${SPINS_AT_LEAST} % and, with what it waited for one, ${SPINS_OR_WAITS} %. A note as long as the node has CPU time left and no limit holds it back.`,
  ofContainer: (ct, { node }): readonly Found[] => {
    const first = busiest(ct, (one) => one.cpu);
    const waits = ct.pressure.cpu ?? 0;
    if (first === undefined || first.cpu < SPINS_AT_LEAST || (first.cpu < SPINS && first.cpu + waits < SPINS_OR_WAITS)) return [];
    const waited = waits >= WAITING ? `, and waits ${percent(waits)} of the time for one` : '';
    const others = ct.processes?.top.filter(({ cpu }) => cpu >= SPINS_AT_LEAST).length ?? 1;
    const more = others > 1 ? ` (${others} processes are busy)` : '';
    return [
      {
        severity: node.cpu >= NODE_BUSY ? 'warning' : 'note',
        text: `${called(first)} uses ${percent(first.cpu)} of a CPU${waited}${more}`,
        evidence: [processLine(first), cpuLine(ct), `CPUs of the node: ${percent(node.cpu)} busy`],
        remedy: node.cpu >= NODE_BUSY ? setTo(ct.id, 'CPULIMIT', '50') : '',
        weight: first.cpu,
      },
    ];
  },
};

const DISK_STORM: Rule = {
  id: 'disk-storm',
  says: 'warning',
  looksAt: 'disks',
  when: `It reads and writes ${rate(IO_BUSY)} while it or the node waits ${WAITING} % of the time for the disk, or ${rate(IO_SOME)} while its own processes wait ${OWN_WAITING} % of the time; ${rate(IO_MUCH)} are a note in any case.`,
  ofContainer: (ct, { node, seconds }): readonly Found[] => {
    const all = moved(ct);
    const waits = Math.max(ct.pressure.io ?? 0, node.pressure.io ?? 0);
    const much = all >= IO_MUCH || (all >= IO_BUSY && waits >= WAITING) || (all >= IO_SOME && (ct.pressure.io ?? 0) >= OWN_WAITING);
    if (ct.io === null || !much) return [];
    const first = busiest(ct, ({ read, written }) => read + written);
    return [
      {
        severity: waits >= WAITING ? 'warning' : 'note',
        text: sentence(
          `reads ${rate(ct.io.read)} and writes ${rate(ct.io.written)}${waits >= WAITING ? `, and the disk keeps somebody waiting ${percent(waits)} of the time` : ''}`,
          first === undefined ? '' : `most by ${called(first)}`,
        ),
        evidence: [
          ...(first === undefined ? [] : [`read ${rate(first.read)}, written ${rate(first.written)}: ${called(first)}`]),
          `io.pressure: its own ${ct.pressure.io === null ? 'is not told' : ofTime(ct.pressure.io, seconds)}, the node's ${node.pressure.io === null ? 'is not told' : percent(node.pressure.io)}`,
        ],
        remedy: waits >= WAITING ? setTo(ct.id, 'IOLIMIT', String(Math.round(all / 2))) : '',
        weight: all,
      },
    ];
  },
};

const WAITS_FOR_DISK: Rule = {
  id: 'stuck',
  says: 'warning',
  looksAt: 'processes',
  when: `${STUCK} of its processes wait in the kernel and cannot be ended (state D).`,
  ofContainer: ({ processes, pressure }, { seconds }) => {
    const stuck = processes?.states['D'] ?? 0;
    if (processes === null || stuck < STUCK) return [];
    const told = pressure.io === null ? [] : [`io.pressure: ${ofTime(pressure.io, seconds)}`];
    return [
      {
        severity: 'warning',
        text: `${some(stuck, 'process waits', 'processes wait')} in the kernel, most likely for a disk or a network file system`,
        evidence: [`${stuck} of ${some(processes.count, 'process', 'processes')} in state D`, ...told],
        remedy: '',
        weight: stuck,
      },
    ];
  },
};

const NETWORK: Rule = {
  id: 'network',
  says: 'note',
  looksAt: 'network',
  when: `It sends or receives ${rate(NET_MUCH)} or ${grouped(PACKETS_MUCH)} packets per second.`,
  ofContainer: ({ network }) => {
    if (network === null || (Math.max(network.sent, network.received) < NET_MUCH && network.packets < PACKETS_MUCH)) return [];
    return [
      {
        severity: 'note',
        text: `sends ${rate(network.sent)} and receives ${rate(network.received)}, ${some(Math.round(network.packets), 'packet')} per second`,
        evidence: ['/proc/net/dev of its network namespace, between the looks'],
        remedy: '',
        weight: network.sent + network.received,
      },
    ];
  },
};

export const LOAD_RULES: readonly Rule[] = [NEIGHBOUR, THROTTLED, DISK_STORM, SPIN, WAITS_FOR_DISK, NETWORK];

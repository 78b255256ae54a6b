// Rules about what a container is: full disks, ended badly, started again and again, standing still, without a keeper, full of ended processes.
import { quoteWords } from '../command-line.ts';
import { grouped } from '../units.ts';
import { ENDED_CHILDREN } from '../who.ts';
import type { CtEvidence, DeedEvidence, DiskEvidence } from './evidence.ts';
import { bytes, during, type Found, holders, percent, type Rule, rate, sentence, some, span } from './sentence.ts';

/** Part of a disk below which it is full, and below which it is nearly so. */
const DISK_FULL = 0.005;
const DISK_NEAR = 0.03;
/** Ended processes that nobody has reaped. */
const ZOMBIES = 20;

const part = (free: number, size: number): number => (size === 0 ? 1 : free / size);

/** What is said of a disk, of a node or of one container alone; null where there is room. */
export function diskTrouble(disk: DiskEvidence, writers: readonly CtEvidence[]): Found | null {
  const [room, names] = [part(disk.free, disk.size), part(disk.filesFree, disk.files)];
  const least = Math.min(room, names);
  if (least > DISK_NEAR) return null;
  const what = room <= names ? `${bytes(disk.free)} of ${bytes(disk.size)}` : `${some(disk.filesFree, 'inode')} of ${grouped(disk.files)}`;
  const writing = writers
    .flatMap(({ id, io }) => (io !== null && io.written > 0 ? [{ id, written: io.written }] : []))
    .sort((a, b) => b.written - a.written)
    .slice(0, 3);
  const [first] = writing;
  return {
    severity: least <= DISK_FULL ? 'alarm' : 'warning',
    text: sentence(
      `the disk of ${disk.path} is ${least <= DISK_FULL ? 'full' : 'nearly full'}: ${what} free`,
      first === undefined ? '' : `${first.id} writes ${rate(first.written)}`,
    ),
    evidence: [
      `statfs ${disk.path}: ${bytes(disk.free)} of ${bytes(disk.size)} free${disk.files === 0 ? '' : `, ${some(disk.filesFree, 'inode')} of ${grouped(disk.files)}`}`,
      ...writing.map(({ id, written }) => `${id} writes ${rate(written)}`),
    ],
    remedy: `du ${room <= names ? '-ah' : '--inodes -'}xd3 ${quoteWords([disk.path])} | sort -h | tail`,
    weight: 1 - least,
  };
}

const DISK: Rule = {
  id: 'disk-full',
  says: 'alarm',
  looksAt: 'disks',
  when: `Of the blocks or the inodes of the disk that a container has for itself ${percent(DISK_FULL * 100)} are free; up to ${percent(DISK_NEAR * 100)} it is a warning. What several share is told once, of the node.`,
  ofContainer: (ct) => {
    const found = ct.disk && diskTrouble(ct.disk, [ct]);
    return found === null ? [] : [found];
  },
};

/** "it ended 3 times in the last 12 minutes" */
const endedText = (endings: readonly number[]): string =>
  `it ended by itself ${some(endings.length, 'time')} ${during(endings.at(-1) ?? 0)}`;

const by = (deed: DeedEvidence | undefined): string => (deed === undefined ? '' : `by ${deed.user || 'somebody'} ${span(deed.ago)} ago`);

const ENDED: Rule = {
  id: 'ended-badly',
  says: 'alarm',
  looksAt: 'the journal',
  when: 'Its last start or run ended badly, and nobody has started it since.',
  ofContainer: ({ trouble, endings, ended, id }) =>
    trouble === ''
      ? []
      : [
          {
            severity: 'alarm',
            text: `${trouble.charAt(0).toLowerCase()}${trouble.slice(1)}${ended === null ? '' : `, ${span(ended)} ago`}`,
            evidence: [
              'how it ended is noted by its keeper: vzdeck log --console shows its last lines',
              ...(endings.length > 1 ? [`journal: ${endedText(endings)}`] : []),
            ],
            remedy: `vzctl start ${id}`,
            weight: endings.length,
          },
        ],
};

const RESTARTS: Rule = {
  id: 'restarts',
  says: 'alarm',
  looksAt: 'the journal',
  when: 'Its init reboots so often that starts in a row are put off.',
  ofContainer: ({ restartIn, endings, id }) =>
    restartIn === null
      ? []
      : [
          {
            severity: 'alarm',
            text: `reboots again and again: it is started anew in ${span(Math.max(0, restartIn))}`,
            evidence: ['a start is put off by the keeper', ...(endings.length > 0 ? [`journal: ${endedText(endings)}`] : [])],
            remedy: `vzctl stop ${id}`,
            weight: endings.length,
          },
        ],
};

const FROZEN: Rule = {
  id: 'frozen',
  says: 'warning',
  looksAt: 'states',
  when: 'It is frozen: none of its processes runs.',
  ofContainer: ({ state, deeds, id }) => {
    if (state !== 'frozen') return [];
    const deed = deeds.find(({ verb }) => verb === 'freeze');
    const whose = by(deed);
    return [
      {
        severity: 'warning',
        text: `stands still: frozen${whose === '' ? '' : ` ${whose}`}`,
        evidence: ['the freezer of its control group is on', ...(deed === undefined ? [] : [`journal: freeze ${whose}`])],
        remedy: `vzdeck thaw ${id}`,
        weight: 0,
      },
    ];
  },
};

const UNATTENDED: Rule = {
  id: 'unattended',
  says: 'note',
  looksAt: 'states',
  when: 'It runs without a keeper: nobody records its console, and a reboot inside would not start it again.',
  ofContainer: ({ unattended, id }) =>
    unattended
      ? [
          {
            severity: 'note',
            text: 'has no keeper: its console is not recorded, and a reboot inside would end it',
            evidence: ['its init lives, and the keeper that its record names does not'],
            remedy: `vzctl start ${id}`,
            weight: 0,
          },
        ]
      : [],
};

const ENDED_PROCESSES: Rule = {
  id: 'zombies',
  says: 'warning',
  looksAt: 'processes',
  when: `${ZOMBIES} children of one process have ended, and it does not ask how: they count until it does.`,
  ofContainer: ({ who }) =>
    (who['numproc'] ?? [])
      .filter(({ what, amount }) => what === ENDED_CHILDREN && amount >= ZOMBIES)
      .map((line) => ({
        severity: 'warning' as const,
        text: `${line.name} does not ask how ${some(line.amount, 'process', 'processes')} that it began ended: they count until it does`,
        evidence: holders({ unit: 'items' }, [line]),
        remedy: '',
        weight: line.amount,
      })),
};

export const STATE_RULES: readonly Rule[] = [DISK, ENDED, RESTARTS, FROZEN, ENDED_PROCESSES, UNATTENDED];

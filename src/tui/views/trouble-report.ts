// A failure explained: what the kernel said, what that means, what is likely behind it and what can be done now. Data and matching, no drawing.
import { getSystemErrorMap } from 'node:util';
import type { Failure } from '../store/task.ts';

export interface Remedy {
  readonly text: string;
  /** The line to type, "" where there is none. */
  readonly command: string;
}

export interface TroubleReport {
  /** What the kernel or the container said, without interpretation. */
  readonly said: string;
  readonly means: string;
  readonly likely: string;
  readonly now: readonly Remedy[];
  readonly console: readonly string[];
  /** An init was on its way: where `console` is empty, it ended before its first line. */
  readonly silent: boolean;
}

type Fields = Failure['fields'];
type Explanation = Omit<TroubleReport, 'console' | 'silent' | 'said'>;

interface Rule {
  readonly code: string;
  readonly holds?: (f: Fields) => boolean;
  readonly explain: (f: Fields, id: string) => Partial<Explanation>;
  /** Its remedies are the engine's with commands: the engine's need not be said beside them. */
  readonly complete?: true;
}

const remedy = (text: string, command = ''): Remedy => ({ text, command });
const LOOK = (id: string): Remedy => remedy('look into the tree', `vzctl mount ${id}`);
const REBUILD = remedy('destroy it and create it from a template that is whole');

/** Stages of the launcher in which a container is made; in all others nothing has been started. */
const START: ReadonlySet<unknown> = new Set(['start', 'prepare', 'clone', 'born', 'inside', 'keeper']);
const isStart = (f: Fields): boolean => START.has(f['stage']);
const isExec = (f: Fields): boolean => f['op'] === 'exec';
const ofStart = (f: Fields, text: string): string => (isStart(f) ? text : '');

/** The first rule that holds explains. */
const RULES: readonly Rule[] = [
  {
    code: 'launch-failed',
    holds: (f) => f['stage'] === 'enter' && f['errno'] === 'EAGAIN',
    complete: true,
    explain: (_, id) => ({
      means: 'The container has as many processes as it may have (numproc): none can be added, not even for us.',
      likely: 'Something in it forks without end, or the limit is low for what runs there.',
      now: [remedy('raise the limit', `vzctl set ${id} --numproc N`), remedy('end what is in it', `vzctl stop ${id} --fast`)],
    }),
  },
  {
    code: 'launch-failed',
    holds: (f) => isExec(f) && f['errno'] === 'ENOENT',
    explain: (f, id) => ({
      means: `There is no ${f['path']} in the container, or the interpreter that it names is missing.`,
      likely: ofStart(f, 'The template was made without an init, or for another C library.'),
      now: isStart(f) ? [LOOK(id), REBUILD] : [],
    }),
  },
  {
    code: 'launch-failed',
    holds: (f) => isExec(f) && f['errno'] === 'ENOEXEC',
    explain: (f, id) => ({
      means: `${f['path']} is no program for this processor.`,
      likely: ofStart(f, 'The template is of another architecture.'),
      now: isStart(f) ? [REBUILD, LOOK(id)] : [],
    }),
  },
  {
    code: 'launch-failed',
    holds: (f) => isExec(f) && f['errno'] === 'EACCES',
    explain: (f, id) => ({
      means: `${f['path']} may not be executed.`,
      likely: "Its mode has no x, a directory above it can't be entered, or its file system is mounted noexec.",
      now: isStart(f) ? [LOOK(id)] : [],
    }),
  },
  {
    code: 'launch-failed',
    holds: (f) => f['errno'] === 'ENOSPC' || f['errno'] === 'EDQUOT',
    explain: (f) => ({
      means: `Something that ${f['op']} needs is used up: disk space, inodes, or a limit on the number of namespaces or cgroups.`,
      likely: "The node's disk is full, or user.max_*_namespaces is low.",
      now: [remedy('look at the disk', 'df -h; df -i'), remedy('look at the bounds', 'sysctl user')],
    }),
  },
  {
    code: 'launch-failed',
    holds: (f) => f['errno'] === 'ENOMEM' || f['errno'] === 'EAGAIN',
    explain: (f, id) => ({
      means: 'There was no memory or no process left for it.',
      likely: isStart(f)
        ? "The container's limits are below what its init needs, or the node is full."
        : 'The container is at its limits, or the node is full.',
      now: [remedy('raise its limits', `vzctl set ${id} --ram 512M --numproc 200 --save`), remedy('stop another container')],
    }),
  },
  {
    code: 'launch-failed',
    holds: (f) => f['errno'] === 'EBUSY' && !isStart(f),
    explain: (f) => ({
      means: `${f['path'] || 'It'} is in use.`,
      likely: 'A program on the node has a file open there, or stands in it.',
      now: [remedy('see which', `fuser -vm ${f['path']}`)],
    }),
  },
  {
    code: 'launch-failed',
    explain: (f, id) => ({
      means:
        `${f['syscall']} refused ${f['path'] || 'it'} in operation ${f['index']} (${f['op']}) of ${f['stage']}.` +
        ofStart(f, ' Nothing of the start is left behind.'),
      now: isStart(f)
        ? [remedy('see all operations of the start', `vzctl start ${id} --dry-run`), LOOK(id)]
        : [remedy('see what else the kernel has said', 'dmesg -T | tail')],
    }),
  },
  {
    code: 'init-died',
    explain: (f, id) => ({
      means: `The container was made, and its init ${f['how'] ?? 'ended'} within the first moments. Everything was undone.`,
      likely: 'Init missed a file or a library, or its configuration is wrong; its last lines tell.',
      now: [remedy('try again and watch its console'), LOOK(id), remedy('raise its limits', `vzctl set ${id} --ram 512M --save`)],
    }),
  },
  {
    code: 'ended',
    explain: (_, id) => ({
      means: 'It ran, and its init ended without having been asked to stop or to restart.',
      likely: 'Init crashed or was killed, perhaps for lack of memory; its last lines may tell.',
      now: [remedy('start it again and watch its console', `vzctl start ${id}`), LOOK(id)],
    }),
  },
  {
    code: 'locked',
    explain: (f) => ({
      means: `Another program works on the container: ${f['verb'] || f['cmdline'] || `pid ${f['pid']}`}.`,
      likely: 'A vzctl in another window, or a backup.',
      now: [remedy('see who it is', `ps -fp ${f['pid']}`), remedy('wait and try again')],
    }),
  },
  {
    code: 'stop-timeout',
    explain: (_, id) => ({
      means: 'Its init was asked to shut down and had not ended in time.',
      likely: 'A service inside hangs at its end; its console shows which.',
      now: [remedy('look at its console'), remedy('end it at once', `vzctl stop ${id} --fast`)],
    }),
  },
];

export function explain(failure: Failure, ct: number | null): TroubleReport {
  const { code, fields } = failure;
  const id = String(ct ?? 'CTID');
  const rule = RULES.find((one) => one.code === code && (one.holds?.(fields) ?? true));
  const explanation = rule?.explain(fields, id) ?? {};
  const { now = [] } = explanation;
  const given = failure.remedy === '' || rule?.complete ? [] : [remedy(failure.remedy)];
  return {
    said: saidOf(failure),
    means: explanation.means ?? '',
    likely: explanation.likely ?? '',
    now: [...now, ...given],
    console: String(fields['lines'] ?? '')
      .split('\n')
      .filter((line) => line !== ''),
    silent: code === 'init-died' || (code === 'launch-failed' && isStart(fields)),
  };
}

function saidOf({ fields, message }: Failure): string {
  const { errno, path, syscall } = fields;
  if (typeof errno !== 'string') return message;
  const words = [...getSystemErrorMap().values()].find(([name]) => name === errno)?.[1];
  return `${errno} from ${syscall ?? 'the kernel'}${path ? ` for ${path}` : ''}${words === undefined ? '' : ` (${words})`}`;
}

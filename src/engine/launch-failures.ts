// Failures of the launcher in words: what failed, by its stage, and those that people meet. Of errors.ts, which builds the messages.

export type Fields = Readonly<Record<string, string | number | undefined>>;

const START = 'Start failed';
const ENTER = 'Entering the container failed';

/** What failed, by the stage that the launcher names. */
export const FAILED: Readonly<Record<string, string>> = {
  enter: ENTER,
  tree: 'Work on the files of the container failed',
  host: 'Work on the node failed',
  visit: 'Work in the running container failed',
  adopt: 'Giving the container a new keeper failed',
  launcher: 'The launcher failed',
  start: START,
  prepare: START,
  keeper: START,
  become: START,
  clone: START,
  born: START,
  inside: START,
  cleanup: START,
};

interface Known {
  /** Fields that are as here. */
  readonly when: Fields;
  readonly text: string;
  readonly remedy: string;
}

/** Failures of the launcher that people meet and that say nothing to them as they come. */
const KNOWN: readonly Known[] = [
  {
    // The pids controller refuses a fork so.
    when: { stage: 'enter', syscall: 'clone3', errno: 'EAGAIN' },
    text: `${ENTER}: its processes are at their limit (numproc)`,
    remedy: 'Raise its NUMPROC, or end programs inside',
  },
  {
    when: { stage: 'enter', op: 'pty', errno: 'EISDIR' },
    text: `${ENTER}: a directory was given as standard input or output, which would be a way out of it`,
    remedy: 'Give it a file, a pipe or /dev/null',
  },
  {
    when: { stage: 'inside', op: 'newborn', syscall: 'died', errno: 'ECHILD' },
    text: `${START}: the container's first process was killed before init ran, as by a memory limit that is too small (physpages)`,
    remedy: 'Raise its PHYSPAGES',
  },
  {
    // On cgroup v2 the container's own group pays for those below it.
    when: { stage: 'prepare', op: 'mkdir', errno: 'ENOMEM' },
    text: `${START}: its memory limit (physpages) is too small for its own groups`,
    remedy: 'Raise its PHYSPAGES',
  },
  {
    when: { stage: 'enter', op: 'join', syscall: 'open', errno: 'EAGAIN' },
    text: `${ENTER}: it is being started, and its init still stands on the files of the node`,
    remedy: 'Try it again in a moment',
  },
];

export const knownFailure = (fields: Fields): Known | undefined =>
  KNOWN.find(({ when }) => Object.entries(when).every(([key, value]) => fields[key] === value));

export const failedOf = ({ stage }: Fields): string => FAILED[String(stage)] ?? START;

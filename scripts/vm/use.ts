// Jobs in test machines of this project, from nothing: image, saved state and disks are made when they are not there. What `npm run vm` and
// `npm run test:vm` share.
import type { Writable } from 'node:stream';
import { Refusal } from '../setup/run.mjs';
import { type Accelerator, accelerator } from './accelerator.ts';
import { dependenciesDisk, type ProjectDisk, projectDisk } from './disks.ts';
import { image } from './image.ts';
import { ENDINGS, type Ends, type Job, runJob, TRIES } from './job.ts';
import { type Guest, launch } from './machine.ts';
import { resume, savedState, tryKvm } from './state.ts';

export interface Use {
  /** Whether the job has this process's terminal. */
  readonly terminal?: boolean;
  /** Where its output goes, if not to ours. */
  readonly output?: Writable;
  readonly errors?: Writable;
}

/** Runs a job on a machine of its own and says how it ended, if not by itself. Resolves with the exit status: the job's, or that of ENDINGS. */
export type RunOnMachine = (job: Job, use?: Use) => Promise<number>;

const PRELUDE = 'export PATH=/project/bin:$PATH\n';

const say = (text: string): void => void process.stderr.write(text);

/**
 * Lets `jobs` run jobs, one after the other or at once, and tells what runs the machines; resolves with its status, or with that of ENDINGS where no machine can be made.
 * `more` are files and folders handed in beside the project (here → path in the project). */
export async function withTestMachines(
  more: Readonly<Record<string, string>>,
  jobs: (run: RunOnMachine, by: Accelerator) => Promise<number>,
): Promise<number> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  let project: ProjectDisk | null = null;
  try {
    const machine = await image(say);
    const dependencies = await dependenciesDisk();
    const by = await accelerator(machine.dir, () => tryKvm(machine, dependencies, stop.signal), say);
    project = projectDisk(more);
    const { disk, filled } = project;
    const parts = { accelerator: by, dependencies, project: disk };
    let saving: Promise<string> | null = null;
    const saved = (): Promise<string> => {
      saving ??= savedState(machine, parts, say, stop.signal).catch((error: unknown) => {
        saving = null;
        throw error;
      });
      return saving;
    };
    const startFor =
      ({ reboots = false }: Job) =>
      async (attempt: number): Promise<Guest> => {
        // one that boots looks at its disks; one that is resumed does not before it has a job
        if (attempt === TRIES) return filled.then(() => launch(machine, parts, { how: 'boot' }, reboots));
        const guest = await resume(machine, parts, await saved(), reboots);
        await filled.catch((error: unknown) => {
          guest.end();
          throw error;
        });
        return guest;
      };
    const runOn: RunOnMachine = async (job, use = {}) => {
      if (use.terminal) process.stdin.setRawMode(true);
      try {
        const ending = await runJob(startFor(job), { ...job, script: PRELUDE + job.script }, { ...ends(use), stop: stop.signal });
        const { status, text } = ENDINGS[ending.how];
        if (text !== '') say(`${text}\n${'said' in ending ? `${ending.said}\n` : ''}`);
        return ending.how === 'ended' ? ending.status : (status ?? 1);
      } finally {
        if (use.terminal) process.stdin.setRawMode(false);
      }
    };
    return await jobs(runOn, by);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say(`${error.message}\n`);
    return (stop.signal.aborted ? ENDINGS.stopped : ENDINGS.never).status ?? 1;
  } finally {
    process.stdin.pause();
    await project?.remove();
  }
}

function ends({ terminal = false, output = process.stdout, errors = process.stderr }: Use): Omit<Ends, 'stop'> {
  const { stdin: keys, stdout } = process;
  const size = () => ({ rows: stdout.rows, columns: stdout.columns });
  return { output, errors, terminal: terminal ? { keys, size, resized: (then) => void stdout.on('resize', then) } : null };
}

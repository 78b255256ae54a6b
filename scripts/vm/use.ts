// A job in a test machine of this project, from nothing: image, saved state and disks are made when they are not there. What `npm run vm` and
// `npm run test:vm` share.
import { rmSync } from 'node:fs';
import { Refusal } from '../setup/run.mjs';
import { dependenciesDisk, projectDisk } from './disks.ts';
import { image } from './image.ts';
import { ENDINGS, type Ends, type Job, runJob, TRIES } from './job.ts';
import { type Guest, launch } from './machine.ts';
import { resume, savedState } from './state.ts';

export interface Use {
  /** Whether the job has this process's terminal. */
  readonly terminal?: boolean;
  /** Files and folders handed in beside the project (here → path in the project). */
  readonly more?: Readonly<Record<string, string>>;
}

const PRELUDE = 'export PATH=/project/bin:$PATH\n';

const say = (text: string): void => void process.stderr.write(text);

/** Runs it and says how it ended, if not by itself. Returns the exit status: the job's, or that of ENDINGS. */
export async function inTestMachine(job: Job, { terminal = false, more = {} }: Use): Promise<number> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  let dir = '';
  try {
    const machine = await image(say);
    const dependencies = await dependenciesDisk();
    const project = await projectDisk(more);
    dir = project.dir;
    const disks = { dependencies, project: project.disk };
    const start = async (attempt: number): Promise<Guest> =>
      attempt < TRIES
        ? resume(machine, disks, await savedState(machine, dependencies, say, stop.signal))
        : launch(machine, disks, { how: 'boot' });
    if (terminal) process.stdin.setRawMode(true);
    const ending = await runJob(start, { ...job, script: PRELUDE + job.script }, { ...ends(terminal), stop: stop.signal });
    const { status, text } = ENDINGS[ending.how];
    if (text !== '') say(`${text}\n${'said' in ending ? `${ending.said}\n` : ''}`);
    return ending.how === 'ended' ? ending.status : (status ?? 1);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say(`${error.message}\n`);
    return ENDINGS.never.status ?? 1;
  } finally {
    if (terminal) process.stdin.setRawMode(false);
    process.stdin.pause();
    if (dir !== '') rmSync(dir, { recursive: true, force: true });
  }
}

function ends(terminal: boolean): Omit<Ends, 'stop'> {
  const { stdin: keys, stdout: output, stderr: errors } = process;
  const size = () => ({ rows: output.rows, columns: output.columns });
  return { output, errors, terminal: terminal ? { keys, size, resized: (then) => void output.on('resize', then) } : null };
}

// One job on a test machine: handed over, its output and questions passed on while they come, its status brought back. Tells a machine that
// never came up, which is started again, from a job that failed. Knows machines only by their ports.
import { once } from 'node:events';
import type { Duplex, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openControl, type Size } from './control.ts';
import { onLine } from './lines.ts';
import type { Guest } from './machine.ts';

/** Where a job asks whoever started it. */
export const QUESTIONS = '/dev/vport0p4';

export interface Job {
  /** A shell script, run by root in the copy of the project. */
  readonly script: string;
  /** Seconds from its begin until the machine is ended; null: as long as it takes. */
  readonly limit: number | null;
  /** The job may reboot the machine, and is run again after each boot with their number in $BOOT; otherwise a reboot is the machine's death. */
  readonly reboots?: boolean;
  /** Answers each line that the job writes to QUESTIONS; `spent`: seconds of the processor that its machine has taken so far. */
  readonly answer?: (question: string, spent: number) => string;
}

/** Where its output goes and, for a job on a terminal, where keys and sizes come from. */
export interface Ends {
  readonly output: Writable;
  readonly errors: Writable;
  readonly terminal: {
    readonly keys: NodeJS.ReadableStream;
    readonly size: () => Size;
    readonly resized: (then: () => void) => void;
  } | null;
  /** Ends the machine when it is aborted. */
  readonly stop: AbortSignal;
}

export type Ending =
  | { readonly how: 'ended'; readonly status: number }
  | { readonly how: 'limit' | 'stopped' }
  /** `said`: last lines of the machine. */
  | { readonly how: 'died' | 'never'; readonly said: string };

/** How a run ends → exit status of the program (as timeout(1) and env(1) have it; none: the job's own), and what is said of it. */
export const ENDINGS: Readonly<Record<Ending['how'], { readonly status: number | null; readonly text: string }>> = {
  ended: { status: null, text: '' },
  limit: { status: 124, text: 'The time limit was reached, and the test machine was ended' },
  died: { status: 125, text: 'The test machine died under its job' },
  never: { status: 126, text: 'The test machine never came up: nothing was run' },
  stopped: { status: 130, text: 'Stopped' },
};

/** Starts of a machine before it is given up. */
export const TRIES = 3;
/** Seconds until a machine that has not begun its job is given up; one that is booted takes 10 to 20. */
const UP_LIMIT = 120;

/** Runs a job on machines that `start` makes: another one, which is said, while the one before never came up. */
export async function runJob(start: (attempt: number) => Promise<Guest>, job: Job, ends: Ends, upLimit = UP_LIMIT): Promise<Ending> {
  for (let attempt = 1; ; attempt++) {
    const ending = await runOnce(() => start(attempt), job, ends, upLimit);
    if (ending.how !== 'never' || attempt === TRIES) return ending;
    ends.errors.write(`The test machine did not come up (${attempt} of ${TRIES} tries), it is started again\n${ending.said}\n`);
  }
}

async function runOnce(start: () => Promise<Guest>, job: Job, ends: Ends, upLimit: number): Promise<Ending> {
  let guest: Guest;
  try {
    guest = await start();
  } catch (error) {
    if (ends.stop.aborted) return { how: 'stopped' };
    return { how: 'never', said: error instanceof Error ? error.message : String(error) };
  }
  const { ports } = guest;
  const control = openControl(ports.control);
  const received = Promise.all([passed(ports.output, ends.output), passed(ports.errors, ends.errors), passed(ports.terminal, ends.output)]);
  onLine(ports.questions, (line) => void ports.questions.write(`${job.answer?.(line, guest.spent()) ?? ''}\n`));
  if (ends.terminal) {
    const { keys, size, resized } = ends.terminal;
    keys.pipe(ports.terminal);
    resized(() => control.resize(size()));
  }
  let started = false;
  let timer: NodeJS.Timeout | undefined;
  const out = (seconds: number, how: 'limit' | 'never'): Promise<Ending> =>
    new Promise((resolve) => {
      timer = setTimeout(() => resolve(how === 'limit' ? { how } : { how, said: `It did nothing for ${seconds} s` }), seconds * 1000);
    });
  const neverUp = out(upLimit, 'never');
  const inTime = control.started.then(() => {
    started = true;
    clearTimeout(timer);
    return job.limit === null ? new Promise<Ending>(() => {}) : out(job.limit, 'limit');
  });
  let boot = 0;
  const go = (): void => control.go(`export BOOT=${++boot}\n${job.script}`, ends.terminal?.size() ?? null);
  control.onReboot(go);
  go();
  const ending = await Promise.race<Ending>([
    control.ended.then((status) => ({ how: 'ended', status })),
    guest.gone.then((said) => ({ how: started ? 'died' : 'never', said })),
    neverUp,
    inTime,
    aborted(ends.stop),
  ]);
  clearTimeout(timer);
  ends.terminal?.keys.unpipe(ports.terminal);
  guest.end();
  await Promise.all([guest.gone, received]);
  return ending;
}

async function aborted(signal: AbortSignal): Promise<Ending> {
  if (!signal.aborted) await once(signal, 'abort');
  return { how: 'stopped' };
}

/** All that comes until the machine ends, however it ends. */
const passed = (port: Duplex, to: Writable): Promise<void> => pipeline(port, to, { end: false }).catch(() => {});

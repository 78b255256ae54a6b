// Runs the set-up's steps and the programs behind them: says what is done and why, how long it took, and the last lines of what failed.
import { spawn } from 'node:child_process';

/** A step that cannot be done and what to do instead: printed as one line, without a trace. */
export class Refusal extends Error {}

/** Somebody has ended it; nothing went wrong. */
class Interruption extends Refusal {}

const KEPT_LINES = 30;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program to its end. Throws with its last lines when it fails. Returns its standard output.
 * Ctrl-C and SIGTERM are left to the program, and we end after it: npm tidies up for seconds, and a set-up that is begun meanwhile would
 * get in its way.
 */
export async function run(file, args, options = {}) {
  let asked = '';
  const ask = (signal) => {
    asked = signal;
    // Ctrl-C has reached it already, since it is of our process group
    if (signal !== 'SIGINT') child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, ask);
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let all = '';
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
    all = (all + text).slice(-64 * 1024);
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    all = (all + text).slice(-64 * 1024);
  });
  const [code, signal] = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...how) => resolve(how));
  }).finally(() => {
    for (const signal of SIGNALS) process.off(signal, ask);
  });
  if (asked !== '') throw new Interruption('Interrupted: the next run goes on from here');
  if (code === 0) return out;
  const lines = all.trimEnd().split('\n').slice(-KEPT_LINES).join('\n');
  throw new Refusal(`${lines}\n${file} ${args.join(' ')} ended with ${signal ?? `exit status ${code}`}`);
}

/**
 * Does what is needed of the steps, in order. A step is {name, needed(): why or "", do()}.
 * Whatever a step makes appears by rename or is noted by a stamp afterwards, so that a run that was killed is simply continued by the next.
 * @param {{name: string, needed: () => string, do: () => Promise<unknown>}[]} steps
 * @param {(text: string) => void} say
 */
export async function runSteps(steps, say = (text) => void process.stdout.write(text)) {
  for (const step of steps) {
    const why = step.needed();
    if (why === '') continue;
    const start = performance.now();
    say(`${step.name}: ${why} … `);
    try {
      await step.do();
    } catch (error) {
      say(error instanceof Interruption ? '\n' : 'failed\n');
      throw error;
    }
    say(`${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  }
}

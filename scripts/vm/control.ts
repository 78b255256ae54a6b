// The words that host and guest say to each other on the control port (the guest's side is guest/job.c): one line each.
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { onLine } from './lines.ts';

export interface Size {
  readonly rows: number;
  readonly columns: number;
}

export interface Control {
  /** Resolves when the guest waits for a job; never where the machine ends before. */
  readonly ready: Promise<void>;
  /** Called when the guest waits for a job after one had begun: it has rebooted. */
  onReboot(then: () => void): void;
  /** Resolves when the job has begun. */
  readonly started: Promise<void>;
  /** Resolves with the job's exit status. */
  readonly ended: Promise<number>;
  /** Hands a shell script over; it has a terminal of that size, or none. */
  go(script: string, terminal: Size | null): void;
  resize(size: Size): void;
}

const base64 = (data: string | Uint8Array): string => Buffer.from(data as string).toString('base64');

export function openControl(port: Duplex): Control {
  const words = { READY: Promise.withResolvers<string>(), START: Promise.withResolvers<string>(), EXIT: Promise.withResolvers<string>() };
  let [started, rebooted] = [false, (): void => {}];
  onLine(port, (line) => {
    const [word = '', rest = ''] = line.split(' ');
    if (word === 'READY' && started) rebooted();
    started ||= word === 'START';
    if (word in words) words[word as keyof typeof words].resolve(rest);
  });
  const say = (...parts: readonly (string | number)[]): void => void port.write(`${parts.join(' ')}\n`);
  return {
    ready: words.READY.promise.then(() => {}),
    onReboot(then) {
      rebooted = then;
    },
    started: words.START.promise.then(() => {}),
    ended: words.EXIT.promise.then(Number),
    go: (script, terminal) =>
      say('GO', (Date.now() / 1000).toFixed(3), base64(randomBytes(64)), base64(script), terminal?.rows ?? 0, terminal?.columns ?? 0),
    resize: ({ rows, columns }) => say('SIZE', rows, columns),
  };
}

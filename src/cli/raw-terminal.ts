// The terminal that we stand on as a bare line: keys go through as they are typed, bytes are shown as they come. Whatever way the program
// ends by, the terminal is as it was.
import { execFileSync } from 'node:child_process';

/** Node gives the terminal back at its end and before SIGINT and SIGTERM end it; these would end it without. */
const ENDS = { SIGHUP: 1, SIGQUIT: 3 } as const;

/** Gives the terminal on stdin back when it is called; without a terminal there nothing is changed. */
export function rawTerminal(): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => {};
  const ends = Object.entries(ENDS).map(([signal, number]) => [signal, () => process.exit(128 + number)] as const);
  for (const [signal, end] of ends) process.on(signal, end);
  stdin.setRawMode(true);
  try {
    // Node's raw mode leaves newlines to the terminal driver, which the container's own terminal has done already.
    execFileSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
  } catch {
    // Without stty there is a carriage return too many, which harms little.
  }
  return () => {
    stdin.setRawMode(false);
    for (const [signal, end] of ends) process.off(signal, end);
  };
}

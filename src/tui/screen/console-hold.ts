// Keeps what libraries print away from the screen while it is ours, and lets it out afterwards. Bounded; the oldest goes first.

const MAX_HELD = 64 * 1024;
const TO_STDOUT = ['log', 'info', 'debug', 'dir', 'table'] as const;

/** Holds back what would go to the terminal through stderr and console output; the returned function lets go and answers what was held. */
export function holdConsole(): () => string {
  let held = '';
  const { stderr } = process;
  const write = stderr.write;
  const methods = TO_STDOUT.map((name) => [name, console[name]] as const);
  const hold = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
    held = (held + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())).slice(-MAX_HELD);
    const callback = typeof encoding === 'function' ? encoding : done;
    if (typeof callback === 'function') process.nextTick(callback as () => void);
    return true;
  };
  if (stderr.isTTY) stderr.write = hold;
  for (const [name] of methods) console[name] = (...args: unknown[]) => console.error(...args);
  return () => {
    stderr.write = write;
    for (const [name, method] of methods) console[name] = method as typeof console.log;
    const text = held;
    held = '';
    return text;
  };
}

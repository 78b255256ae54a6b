// The small shell that started us and that the person's own shell waits for (bin/vzdeck): told to go, it gives the prompt back while we
// work on. Knows only its pid.
import type { Environment } from './capability.ts';

/** false: there is none, so whoever started us waits for our end. */
export function releaseFront(env: Environment): boolean {
  const front = Number(env['VZDECK_FRONT']);
  if (!(front > 1) || process.ppid !== front) return false;
  process.kill(front, 'SIGUSR1');
  return true;
}

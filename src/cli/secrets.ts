// Secrets of our own command line: everybody on the node may read argument lists, and the environment lasts as long as the process. Knows how
// they come in and how they are asked for; which options have them, spec/command-line.ts knows.
import { execFileSync } from 'node:child_process';
import { closeSync, readFileSync } from 'node:fs';
import { secretless, withSecrets } from '../engine/index.ts';

const VARIABLE = 'VZDECK_SECRETS';

/**
 * The words of this call, whole. bin/vzdeck hands their secrets over on a descriptor before this program is executed; who was started without
 * it overwrites its argument list at once.
 */
export function wholeWords(words: readonly string[]): readonly string[] {
  const fd = Number(process.env[VARIABLE] ?? 0);
  delete process.env[VARIABLE];
  if (fd > 2) {
    const secrets = readFileSync(fd, 'utf8').split('\n');
    closeSync(fd);
    return withSecrets(words, secrets);
  }
  const shown = secretless(words);
  if (shown.some((word, i) => word !== words[i] && words[i]?.includes(':'))) process.title = shown.join(' ');
  return words;
}

/** A shell asks, since it can give the terminal its echo back whatever ends it; words of its own builtins stand in no argument list. */
const ASK = `if [ -t 0 ]; then
  old=$(stty -g) || exit
  trap 'stty "$old"' EXIT
  trap 'exit 1' HUP INT TERM
  stty -echo
  printf %s "$1" >&2
fi
IFS= read -r line
[ -t 0 ] && echo >&2
printf %s "$line"`;

/** A line of standard input; on a terminal it is asked for, and not shown. What comes behind the line stays for the next one. */
export function secretLine(question: string): string {
  return execFileSync('/bin/sh', ['-c', ASK, 'sh', question], { stdio: ['inherit', 'pipe', 'inherit'], encoding: 'utf8' });
}

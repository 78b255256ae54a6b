// Completion for bash as a shell does it: the file is the one that the tables give, and it completes what one types.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bashCompletion } from '../../scripts/completion.ts';

const FILE = new URL('../../completions/vzdeck.bash', import.meta.url).pathname;
const bash = spawnSync('bash', ['-c', '((BASH_VERSINFO[0] >= 4))']).status === 0;

test('the file is up to date (npm run docs)', () => expect(readFileSync(FILE, 'utf8')).toBe(bashCompletion()));

/** What bash offers for the last word of a line; a node with two containers. */
function offered(line: string): readonly string[] {
  const words = line.split(' ');
  const program = words[0] ?? '';
  const script = `
    vzlist() { printf '%s\\n' '101 web' '102 -'; }
    compopt() { :; }
    source "$1"; shift
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    ${{ vzctl: '_vz_command', vzdeck: '_vz_command', vzlist: '_vz_list' }[program] ?? '_vz_tool'} "$1" "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD - 1]}"
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['--norc', '-c', script, 'bash', FILE, ...words], { encoding: 'utf8' })
    .split('\n')
    .filter((word) => word !== '');
}

describe.skipIf(!bash)('in bash', () => {
  test.each<[string, readonly string[]]>([
    ['vzctl sta', ['start', 'status']],
    ['vzdeck con', ['config', 'console']],
    ['vzctl start ', ['101', 'web', '102']],
    ['vzctl set 101 --numt', ['--numtcpsock']],
    ['vzctl set 101 --onboot ', ['yes', 'no']],
    ['vzctl set 101 --onboot = y', ['yes']],
    ['vzctl set 101 --netfilter state', ['stateless', 'stateful']],
    ['vzctl set 101 --setmode ', ['restart', 'ignore']],
    ['vzctl set 101 --numproc ', []],
    ['vzdeck params NUMP', ['NUMPROC', 'NUMPTY']],
    ['vzdeck config ', ['get', 'set', 'unset', 'validate']],
    ['vzdeck config get 101 CPUU', ['CPUUNITS', 'CPUUWEIGHT']],
    ['vzlist -o ctid,hostn', ['ctid,hostname']],
    ['vzlist 1', ['101', '102']],
    ['vzubc 1', ['101', '102']],
    ['vzubc --q', ['--quiet']],
    ['vzsplit -v ', ['yes', 'no']],
    ['vzpid -i we', ['web']],
  ])('%o', (line, words) => expect(offered(line)).toEqual(words));
});

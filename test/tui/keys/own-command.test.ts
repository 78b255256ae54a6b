import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { fillWords, scriptWithVariable, splitWords, variablesIn } from '../../../src/tui/keys/own-command.ts';

/** What a real shell makes of a line. */
const byShell = (line: string): string[] =>
  spawnSync('/bin/sh', ['-c', `printf '%s\\0' ${line}`])
    .stdout.toString()
    .split('\0')
    .slice(0, -1);

describe('a command line', () => {
  test.each(['a b  c', `a 'b c' "d e"`, `x\\ y z'1 2'"3 4"`, `"say \\"hi\\"" 'don'\\''t'`, `"" ''`, `"a\\\\b"`])(
    'is split as a shell splits it: %s',
    (line) => {
      expect(splitWords(line)).toEqual(byShell(line));
    },
  );

  test.each([`a "b`, `it's`, `a \\`])('is refused where a quote stays open: %s', (line) => {
    expect(splitWords(line)).toBeNull();
  });

  test('keeps each value one argument, whatever is in it', () => {
    const evil = `x"; rm -rf / #'$(reboot) \``;
    expect(fillWords(['echo', 'a={name}', '{name}'], { name: evil })).toEqual(['echo', `a=${evil}`, evil]);
  });

  test('does not look for variables in values', () => {
    expect(fillWords(['{name}'], { name: '{ctid}', ctid: '101' })).toEqual(['{ctid}']);
  });

  test('names the variables in it', () => {
    expect(variablesIn(['{ctid}-{name}', '{ctid}', '{}', '{print $1}'])).toEqual(['ctid', 'name']);
  });

  test.each([
    [['sh', '-c', 'echo {name}'], 'echo {name}'],
    [['/bin/bash', '-lc', '{ip}'], '{ip}'],
    [['env', 'dash', '-c', 'x {name}'], 'x {name}'],
    [['ssh', 'host', 'rm', '{name}'], '{name}'],
    [['sh', '-c', 'echo "$1"', 'sh', '{name}'], null],
    [['rsync', '-c', '{private}'], null],
  ])('has a value in a script: %j', (words, script) => {
    expect(scriptWithVariable(words)).toBe(script);
  });
});

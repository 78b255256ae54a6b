// The table of refusals: each names something, has a status that vzctl has, and looks like the others.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ERRORS, type ErrorCode, VzError } from '../../src/engine/errors.ts';
import { FAILED } from '../../src/engine/launch-failures.ts';

/** Exit statuses of vzctl (vzctl(8), EXIT STATUS), and 1 of vzlist. */
const STATUSES = new Set(
  (
    '0 1 2 3 5 6 7 8 9 10 11 12 13 14 15 16 17 18 20 21 22 23 24 27 28 29 31 32 33 34 35 36 40 41 43 44 46 47 48 49 50 51 52 53 54 55 60 61 62 63 ' +
    '64 65 66 67 68 70 71 72 73 74 77 78 79 82 85 86 87 89 91 99 100 104 105 106 107 108 109 128 129 130 131 133 139 144 148 150 151 152 153 154 ' +
    '155 156 157 158 159 160 161 166 167'
  )
    .split(' ')
    .map(Number),
);

describe.each(Object.keys(ERRORS) as ErrorCode[])('%s', (code) => {
  const error = new VzError(code, new Proxy({}, { get: (_, key) => (typeof key === 'string' ? key.toUpperCase() : undefined) }));
  test('has an exit status of vzctl', () => expect(STATUSES).toContain(error.exit));
  test('begins with a capital and is one line', () => {
    expect(error.message).toMatch(/^[A-Z]/);
    expect(error.message).not.toMatch(/undefined|\n/);
  });
  test('its remedy is a sentence without full stop', () => {
    if (error.remedy !== '') expect(error.remedy).toMatch(/^[A-Z].*[^.]$/s);
  });
});

describe('failures of the launcher', () => {
  const DIR = new URL('../../src/engine/launcher/', import.meta.url);
  const sources = readdirSync(DIR)
    .filter((name) => name.endsWith('.c'))
    .map((name) => readFileSync(new URL(name, DIR), 'utf8'));
  /** Every text that a failure's stage is made of: a field of a literal, or the argument of a walk through operations. */
  const stages = sources.flatMap((text) =>
    [...text.matchAll(/\.stage = ([^,}]*)|\b(?:get_ops|run_ops)\(([^;{]*?)\)/g)].flatMap(([, field = '', args = '']) =>
      [...(field || args).matchAll(/"([a-z]+)"/g)].map(([, stage]) => stage),
    ),
  );

  test('every stage says what failed, and there is none that no source has', () => {
    expect([...new Set(stages)].sort()).toEqual(Object.keys(FAILED).sort());
  });

  test('a directory as standard input and a full container are told in words, with a remedy for whatever container', () => {
    const told = (fields: object): readonly string[] => {
      const error = new VzError('launch-failed', { stage: 'enter', index: 0, path: '', ...fields });
      return [error.message, error.remedy];
    };
    expect(told({ op: 'join', syscall: 'clone3', errno: 'EAGAIN' })).toEqual([
      'Entering the container failed: its processes are at their limit (numproc)',
      'Raise its NUMPROC, or end programs inside',
    ]);
    expect(told({ op: 'pty', syscall: 'fstat', errno: 'EISDIR' })).toEqual([
      'Entering the container failed: a directory was given as standard input or output, which would be a way out of it',
      'Give it a file, a pipe or /dev/null',
    ]);
    expect(told({ stage: 'inside', op: 'newborn', syscall: 'died', errno: 'ECHILD' })[0]).toMatch(/killed before init ran/);
    expect(told({ op: 'cwd', syscall: 'chdir', errno: 'EAGAIN' })).toEqual([
      'Entering the container failed at enter operation 0 (cwd): chdir : EAGAIN',
      '',
    ]);
  });
});

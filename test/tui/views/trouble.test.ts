import { describe, expect, test } from 'vitest';
import { ERRORS, type ErrorCode, VzError } from '../../../src/engine/index.ts';
import { endedFailure, failureOf } from '../../../src/tui/store/failure.ts';
import { explain } from '../../../src/tui/views/trouble-report.ts';

const launch = (fields: Record<string, string | number>) =>
  failureOf(
    new VzError('launch-failed', {
      stage: 'inside',
      index: 14,
      op: 'exec',
      syscall: 'execve',
      path: '/sbin/init',
      errno: 'ENOENT',
      ...fields,
    }),
  );

describe('a failure is explained', () => {
  test('with what the kernel said and in what words', () => {
    const report = explain(launch({}), 105);
    expect(report.said).toBe('ENOENT from execve for /sbin/init (no such file or directory)');
    expect(report.means).toContain('There is no /sbin/init');
    expect(report.now.map(({ command }) => command)).toContain('vzctl mount 105');
  });

  test('by what failed and not by its code alone', () => {
    expect(explain(launch({ errno: 'ENOEXEC' }), 105).means).toContain('no program for this processor');
    expect(explain(launch({ errno: 'EACCES' }), 105).means).toContain('may not be executed');
    expect(explain(launch({ op: 'bind', errno: 'ENOENT', path: '/dev/null' }), 105).means).toContain('operation 14 (bind) of inside');
    expect(explain(launch({ op: 'mount', errno: 'ENOSPC' }), 105).means).toContain('used up');
  });

  test('speaks of a start only where one has failed', () => {
    for (const stage of ['start', 'prepare', 'clone', 'born', 'inside', 'keeper']) {
      const report = explain(launch({ stage, op: 'mount', errno: 'EINVAL' }), 105);
      expect(report.means).toContain('Nothing of the start is left behind');
      expect(report.now.map(({ command }) => command)).toContain('vzctl start 105 --dry-run');
      expect(report.silent).toBe(true);
    }
    for (const stage of ['enter', 'tree', 'host', 'adopt', 'launcher'])
      for (const op of ['exec', 'umount'])
        for (const errno of ['EINVAL', 'EBUSY', 'ENOENT', 'ENOEXEC', 'EACCES', 'ENOMEM', 'EAGAIN', 'ENOSPC']) {
          const report = explain(launch({ stage, op, errno, path: '/vz/root/105' }), 105);
          const text = JSON.stringify(report);
          expect(text, `${stage} ${op} ${errno}`).not.toMatch(/start|template|init|CTID/);
          expect(report.silent).toBe(false);
        }
    expect(explain(launch({ stage: 'host', op: 'umount', errno: 'EBUSY', path: '/vz/root/105' }), 105).now[0]?.command).toBe(
      'fuser -vm /vz/root/105',
    );
  });

  test('tells a container at its limit of processes from a node that is full', () => {
    const full = failureOf(
      new VzError('launch-failed', { stage: 'enter', index: 0, op: 'join', syscall: 'clone3', path: '', errno: 'EAGAIN' }),
      105,
    );
    const report = explain(full, 105);
    expect(report.means).toContain('numproc');
    expect(report.now).toEqual([
      { text: 'raise the limit', command: 'vzctl set 105 --numproc N' },
      { text: 'end what is in it', command: 'vzctl stop 105 --fast' },
    ]);
    const node = explain(launch({ stage: 'clone', op: 'clone', syscall: 'clone3', errno: 'EAGAIN' }), 105);
    expect(node.likely).toContain('the node is full');
    expect(node.now[0]?.command).toBe('vzctl set 105 --ram 512M --numproc 200 --save');
  });

  test('with its own CTID in the command that the engine gives', () => {
    expect(failureOf(new VzError('start-disabled'), 105).remedy).toContain('vzctl set 105 --disabled no');
    expect(failureOf(new VzError('start-disabled')).remedy).toContain('vzctl set CTID');
  });

  test('with the last lines of the console', () => {
    const failure = failureOf(new VzError('init-died', { ct: 105, how: 'exited with 127', lines: 'one\ntwo\x1b[2J\n' }));
    expect(explain(failure, 105).console.map((line) => line.slice(0, 3))).toEqual(['one', 'two']);
    expect(explain(failure, 105).console.join('')).not.toContain('\x1b');
  });

  test('also when only a note is left of it', () => {
    const failure = endedFailure('Init was killed by SIGKILL', { at: 1, trouble: '', lines: ['Out of memory'], reboots: 0 });
    const report = explain(failure, 105);
    expect(report.said).toBe('Init was killed by SIGKILL');
    expect(report.console).toEqual(['Out of memory']);
    expect(report.now.length).toBeGreaterThan(0);
    const start = endedFailure('Start failed', {
      at: 1,
      trouble: '',
      lines: [],
      reboots: 0,
      failure: { code: 'launch-failed', fields: launch({}).fields },
    });
    expect(explain(start, 105).means).toContain('There is no /sbin/init');
  });

  test.each(Object.keys(ERRORS) as ErrorCode[])('%s: with the remedy that the engine gives', (code) => {
    const failure = failureOf(new VzError(code, { ct: 105, lines: '' }));
    const texts = explain(failure, 105).now.map(({ text }) => text);
    if (failure.remedy !== '') expect(texts).toContain(failure.remedy);
    expect(explain(failure, null).said).not.toBe('');
  });
});

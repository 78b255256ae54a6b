import { describe, expect, test } from 'vitest';
import { VzError } from '../../../src/engine/index.ts';
import { headline } from '../../../src/tui/store/failure.ts';

describe('a headline', () => {
  const failed = (stage: string, errno = 'EPERM'): string =>
    headline(new VzError('launch-failed', { stage, index: 3, op: 'mount', syscall: 'clone3', path: '/x', errno }).message, 101);

  test.each(['prepare', 'born', 'inside', 'enter', 'tree', 'host', 'adopt', 'launcher'])(
    'of stage %s leaves the operation out',
    (stage) => {
      expect(failed(stage)).toBe('clone3 /x: EPERM');
    },
  );

  test('leaves out whose it is, and nothing of any other sentence', () => {
    expect(headline(new VzError('init-died', { ct: 101, how: 'exited with 127' }).message, 101)).toBe(
      'Init exited with 127 right after its start',
    );
    expect(failed('enter', 'EAGAIN')).toBe('Entering the container failed: its processes are at their limit (numproc)');
  });
});

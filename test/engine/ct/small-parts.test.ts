// Small pure parts of the verbs: how init ended, what of a console may be shown, undo, shell lines, the mount table.
import { describe, expect, test } from 'vitest';
import { plainText } from '../../../src/engine/ct/console-tail.ts';
import { shellLine } from '../../../src/engine/ct/enter.ts';
import { describeEnd, describeExit, initEnd } from '../../../src/engine/ct/exit-status.ts';
import { explainUmount, rangeTaken } from '../../../src/engine/ct/explain.ts';
import { Undo } from '../../../src/engine/ct/undo.ts';
import { VzError } from '../../../src/engine/errors.ts';
import { parseMountinfo } from '../../../src/engine/host/mountinfo.ts';
import { below } from '../../../src/engine/rootfs/mount-table.ts';

describe('how init ended', () => {
  test.each([
    [{ status: 1 }, 'reboot', 'was ended by signal 1'],
    [{ status: 2 }, 'halt', 'was ended by signal 2'],
    [{ status: 9 }, 'died', 'was ended by signal 9'],
    [{ status: 127 << 8 }, 'died', 'exited with 127'],
    [{ status: 0 }, 'died', 'exited with 0'],
    [null, 'died', 'ended (nobody saw how)'],
  ] as const)('%j', (note, end, text) => {
    expect(initEnd(note)).toBe(end);
    expect(describeExit(note)).toBe(text);
  });
});

test.each([
  [{ status: 9 }, 1, 'was killed for lack of memory (physpages)'],
  [{ status: 9 }, 0, 'was ended by signal 9'],
  [{ status: 1 << 8 }, 1, 'exited with 1'],
  [null, 1, 'ended (nobody saw how)'],
])('an init that ended as %j where %i processes were killed for lack of memory %s', (note, oomKills, text) => {
  expect(describeEnd(note, oomKills)).toBe(text);
});

describe('console text in messages', () => {
  test.each([
    ['\x1b[31mred\x1b[0m', 'red'],
    ['\x1b]0;title\x07after', 'after'],
    ['\x1b]52;c;ZXZpbA==\x1b\\x', 'x'],
    ['a\x00b\x07c\x7fd', 'abcd'],
    ['\u202Eevil\u2066', 'evil'],
    ['\x1bPq#0\x1b\\sixel', 'sixel'],
    ['plain äöü 漢字', 'plain äöü 漢字'],
  ])('%j', (raw, shown) => expect(plainText(raw)).toBe(shown));
});

test('undo runs the last step first, all of them, and tells what failed', async () => {
  const ran: number[] = [];
  const undo = new Undo();
  for (const n of [1, 2, 3]) {
    undo.push(() => {
      ran.push(n);
      if (n === 2) throw new Error('two');
    });
  }
  expect(await undo.run()).toEqual([new Error('two')]);
  expect(ran).toEqual([3, 2, 1]);
  expect(await undo.run()).toEqual([]);
});

test('a dropped undo does nothing', async () => {
  const undo = new Undo();
  undo.push(() => {
    throw new Error('must not run');
  });
  undo.drop();
  expect(await undo.run()).toEqual([]);
});

test('words of exec are joined with blanks, and only the empty one is quoted', () => {
  expect(shellLine(['echo', '', 'a b', '$HOME'])).toBe("echo '' a b $HOME");
});

test('mounts below a directory come deepest first, names with blanks are read, and a common prefix is no parent', () => {
  const table = parseMountinfo(
    [
      '30 1 8:1 / / rw shared:1 - ext4 /dev/sda rw',
      '40 30 0:5 / /vz/root/101 rw - ext4 /dev/sda rw',
      '41 40 0:6 / /vz/root/101/data\\040one rw - tmpfs tmpfs rw',
      '42 30 0:7 / /vz/root/1011 rw - tmpfs tmpfs rw',
      'garbage',
    ].join('\n'),
  );
  expect(table).toHaveLength(4);
  expect(below(table, '/vz/root/101').map((m) => m.path)).toEqual(['/vz/root/101/data one', '/vz/root/101']);
});

test.each([
  ['EAGAIN', true],
  ['ENOSPC', false],
  ['EIO', false],
])('a lease that fails with %s: another range is tried, %s', (errno, again) => {
  expect(rangeTaken(new VzError('launch-failed', { stage: 'keeper', op: 'lease', errno }))).toBe(again);
});

test('an unmount that fails is told as one, with the exit status that vzctl has for it', () => {
  const root = { layout: 'simfs', private: '/vz/private/101', root: '/vz/root/101', lower: '', scratch: '' } as const;
  const cause = new VzError('launch-failed', {
    stage: 'host',
    index: 0,
    op: 'umount',
    syscall: 'umount2',
    path: '/vz/root/101/a',
    errno: 'EBUSY',
  });
  const error = explainUmount(cause, root);
  expect(error).toMatchObject({ exit: 51, message: "Can't umount: /vz/root/101: umount2 /vz/root/101/a: EBUSY" });
  expect(explainUmount(new VzError('cancelled'), root)).toMatchObject({ code: 'cancelled' });
});

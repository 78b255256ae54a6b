import { expect, test } from 'vitest';
import { journalLine, lineSplitter, syslogLine, textLine } from '../../../src/engine/ct/log-lines.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('an entry of the journal has time, level and program', () => {
  const entry = { PRIORITY: '3', SYSLOG_IDENTIFIER: 'sshd', MESSAGE: 'it failed', __REALTIME_TIMESTAMP: '1795277688822316' };
  expect(journalLine(JSON.stringify(entry))).toEqual({ at: 1795277688822, level: 3, from: 'sshd', text: 'it failed' });
});

test.each([
  ['{"MESSAGE":[104,105,255]}', { text: 'hiÿ', level: null, at: null, from: '' }],
  ['{"MESSAGE":null}', { text: '' }],
  ['{"PRIORITY":"77","MESSAGE":"m"}', { level: null, text: 'm' }],
  ['{"PRIORITY":[],"MESSAGE":{"a":1},"SYSLOG_IDENTIFIER":7}', { text: '', from: '' }],
  ['null', { text: 'null' }],
  ['42', { text: '42' }],
  ['{"MESSAGE":"torn', { text: '{"MESSAGE":"torn' }],
])('what is none is taken as it comes: %s', (line, wanted) => {
  expect(journalLine(line)).toMatchObject(wanted);
});

test('nothing of a line steers a terminal, and none is long', () => {
  const hostile = '\x1b]0;owned\x07\x1b[2Ja\x1b[31mb\u202e\x00c';
  expect(textLine(hostile).text).toBe('abc');
  expect(journalLine(JSON.stringify({ MESSAGE: hostile, SYSLOG_IDENTIFIER: hostile }))).toMatchObject({ text: 'abc', from: 'abc' });
  expect(textLine('x'.repeat(5000)).text).toHaveLength(1000);
});

test.each([
  ['Nov 21 16:49:00 ct101 user.err root: bad', 3],
  ['Nov  1 16:49:00 ct101 daemon.info : starting', 6],
  ['Nov 21 16:49:00 host cron[12]: user.err is text here', null],
  ['user.err', null],
])('syslogd of busybox tells the level: %s', (line, level) => {
  expect(syslogLine(line)).toMatchObject({ level, text: line });
});

test('lines are whole however their bytes come, and one without end is cut', () => {
  const split = lineSplitter();
  expect(split(bytes('a\r\nb'))).toEqual(['a']);
  expect(split(bytes('c\n\nü').subarray(0, 4))).toEqual(['bc', '']);
  expect(split(bytes('c\n\nü').subarray(4))).toEqual([]);
  expect(split(bytes('\n'))).toEqual(['ü']);
  for (let i = 0; i < 100; i++) split(bytes('y'.repeat(1000)));
  expect(split(bytes('\nnext\n'))).toEqual(['y'.repeat(16_384), 'next']);
});

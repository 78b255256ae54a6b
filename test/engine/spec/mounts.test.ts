// How bind mounts are written: what is one, what replaces what, what goes.
import { describe, expect, test } from 'vitest';
import { BINDMOUNT, parseBinds, printBinds } from '../../../src/engine/spec/params/mounts.ts';
import { AROUND } from './around.ts';

const read = (text: string) => BINDMOUNT.grammar.read(text, AROUND);
const merge = (before: string | undefined, change: object) => BINDMOUNT.grammar.merge?.(before, change, 101, AROUND);

describe('a bind mount', () => {
  test.each([
    ['/a:/b', '/a:/b'],
    ['/a//b/:/c/', '/a/b:/c'],
    ['/a:/b,nodev,ro', '/a:/b,ro,nodev'],
    ['/a:/b /c:/d,rec', '/a:/b /c:/d,rec'],
    ['/a:/b /c:/b', '/c:/b'],
    ['', ''],
  ])('%j is kept as %j', (text, value) => {
    expect(read(text)).toMatchObject({ ok: true, value });
    expect(printBinds(parseBinds(value))).toBe(value);
  });

  test.each([
    ...['/a', '/a:', ':/b', 'a:/b', '/a:b', '/a:/b:/c', '/:/b', '/a:/', '/a:/../b', '/./a:/b', '/a:/b,rw2', '/a:/b,'],
    ...['/proc/1:/b', '/dev/sda:/b', '/a:/proc', '/a:/sys/x', '/a:/dev/x', '/a"b:/c', '/a$b:/c', '/a`b:/c', '/a\\b:/c'],
  ])('%j is none, and it is said why', (text) => {
    const reading = read(text);
    expect(reading).toMatchObject({ ok: false, shown: text });
    expect(reading.remarks?.[0]?.text).toMatch(/^Bind mount .+: .{10,}/);
  });

  test('names that only begin like the kernel’s own are places', () => {
    expect(read('/a:/process /a:/devel /a:/..b')).toMatchObject({ ok: true });
  });

  test('is added and taken away by its place, away first', () => {
    expect(merge('/a:/b /c:/d', { del: '/b', add: '/e:/f' })).toEqual({ ok: true, value: '/c:/d /e:/f' });
    expect(merge('/a:/b', { add: '/x:/b,ro' })).toEqual({ ok: true, value: '/x:/b,ro' });
    expect(merge('/a:/b', { del: 'all' })).toEqual({ ok: true, value: '' });
    expect(merge('/a:/b', { del: 'all', add: '/c:/d' })).toEqual({ ok: true, value: '/c:/d' });
    expect(merge(undefined, { del: '/none' })).toEqual({ ok: true, value: '' });
  });
});

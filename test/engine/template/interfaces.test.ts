// venet0 in the files of distributions: our part only, once, and gone with the last address.
import { expect, test } from 'vitest';
import { addressesOf } from '../../../src/engine/net/venet.ts';
import { interfaceChanges } from '../../../src/engine/template/distro/interfaces.ts';
import type { Seen } from '../../../src/engine/template/seen.ts';

const seen = (files: Readonly<Record<string, string>>): Seen => ({
  text: (path) => files[path] ?? null,
  names: () => [],
  there: (path) => files[path] !== undefined,
  link: () => null,
});
const written = (files: Readonly<Record<string, string>>, value: string): Readonly<Record<string, string | null>> =>
  Object.fromEntries(
    interfaceChanges(seen(files), addressesOf(value)).flatMap((op): [string, string | null][] =>
      op.op === 'write' ? [[op.path, Buffer.from(op.data).toString('latin1')]] : op.op === 'remove' ? [[op.path, null]] : [],
    ),
  );

const FILE = '/etc/network/interfaces';
const OWN = 'auto lo\niface lo inet loopback';

test('ifupdown is told in a part of its own, which is replaced and taken away whole', () => {
  const once = written({ [FILE]: OWN }, '10.0.0.1 2001:db8::1/64')[FILE] ?? '';
  expect(once.startsWith(`${OWN}\n# Addresses`)).toBe(true);
  expect(once).toContain(
    'auto venet0\niface venet0 inet manual\n\tup ip link set venet0 up || true\n\tup ip addr replace 10.0.0.1/32 dev venet0 || true\n\tup ip -6 addr replace 2001:db8::1/64 dev venet0 || true\n',
  );
  expect(written({ [FILE]: once }, '10.0.0.1 2001:db8::1/64')).toEqual({});
  const other = written({ [FILE]: `${once}auto eth0\n` }, '10.0.0.2')[FILE] ?? '';
  expect(other.match(/auto venet0/g)).toHaveLength(1);
  expect(other).not.toContain('10.0.0.1');
  expect(written({ [FILE]: other }, '')).toEqual({ [FILE]: `${OWN}\nauto eth0\n` });
});

test('systemd-networkd has a file for it, and none without addresses', () => {
  const networkd = { '/usr/lib/systemd/systemd-networkd': '' };
  const unit = '/etc/systemd/network/10-venet0.network';
  const text = written(networkd, '10.0.0.1')[unit] ?? '';
  expect(text).toContain('[Match]\nName=venet0\n');
  expect(text).toContain('KeepConfiguration=yes\n');
  expect(written({ ...networkd, [unit]: text }, '')).toEqual({ [unit]: null });
  expect(written(networkd, '')).toEqual({});
});

test('a tree that keeps no network is left alone', () => {
  expect(written({}, '10.0.0.1')).toEqual({});
});

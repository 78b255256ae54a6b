import { isIPv4, isIPv6 } from 'node:net';
import { expect, test } from 'vitest';
import { type Address, isUnspecified, mayStandIn, parseAddress, printAddress } from '../../../src/engine/spec/ip.ts';

const canonical = (text: string): string | null => {
  const address = parseAddress(text);
  return address && printAddress(address);
};

test.each([
  ['10.0.0.1', '10.0.0.1'],
  ['10.0.0.1/24', '10.0.0.1/24'],
  ['10.0.0.1/', '10.0.0.1/0'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:db8::1/64', '2001:db8::1/64'],
  ['::', '::'],
  ['::1', '::1'],
  ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
  ['::10.0.0.1', '::10.0.0.1'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
  ['fe80::', 'fe80::'],
])('%o is kept as %o', (text, kept) => expect(canonical(text)).toBe(kept));

test.each([
  '10.0.0',
  '10.0.0.256',
  '010.0.0.1',
  '0x0a.0.0.1',
  '1.2.3.4.5',
  'abc',
  '10.0.0.1/33',
  '10.0.0.1/-1',
  '10.0.0.1/2a',
  'fe80::1%eth0',
])('%o is no address', (text) => expect(parseAddress(text)).toBeNull());
test.each(['2001:db8:::1', '1::2::3', '1:2:3', '::1/129', '12345::', ':1', '1:2:3:4:5:6:7:8:9', ''])('%o is no address', (text) =>
  expect(parseAddress(text)).toBeNull(),
);

test('addresses that mean "none" are known', () => {
  for (const text of ['0.0.0.0', '::', '::0']) expect(isUnspecified(parseAddress(text)!)).toBe(true);
});

test('any eight groups come back as an address that is the same one', () => {
  let seed = 1;
  const next = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed;
  };
  for (let n = 0; n < 500; n++) {
    const groups = Array.from({ length: 8 }, () => (next() % 3 === 0 ? next() % 65_536 : 0));
    const text = groups.map((g) => g.toString(16)).join(':');
    const short = canonical(text);
    expect(isIPv6(short ?? '')).toBe(true);
    expect(canonical(short ?? '')).toBe(short);
    const four = groups.slice(0, 4).map((g) => g % 256);
    expect(isIPv4(canonical(four.join('.')) ?? '')).toBe(true);
  }
});

test.each([
  [['10.0.0.1'], 'IP_ADDRESS="10.0.0.2 10.0.0.1/24"', true],
  [['10.0.0.1', '10.0.0.3'], 'NETIF="ifname=eth0,address=10.0.0.3"', true],
  [['10.0.0.1'], 'IP_ADDRESS="10.0.0.2 2001:db8::1"', false],
  [['2001:db8::1'], 'IP_ADDRESS="2001:db8:0::0:1"', true],
  [['10.0.0.1', '2001:db8::1'], 'IP_ADDRESS="10.0.0.2"', false],
])('whether one of %j may stand in %o: %o', (texts, text, may) => {
  const addresses = texts.map((one) => parseAddress(one)).filter((one): one is Address => one !== null);
  expect(addresses).toHaveLength(texts.length);
  expect(mayStandIn(text, addresses)).toBe(may);
});

// What maps of the short way say, as Linux 6.18 prints them. What the program does is told by test/kernel/net/direct.test.ts.
import { expect, test } from 'vitest';
import { directKey, directLinks, parseFlows, parseHanded } from '../../../../src/engine/spec/bpf/direct.ts';

const HEAD = '# WARNING!! The output is for debug purpose only\n# WARNING!! The output format will change\n';

test('links are found by addresses of both families', () => {
  const of = directLinks(`${HEAD}{17661,0,0,16842752,}: {2,}\n{0,0,4294901760,1694510090,}: {3,}\n{0,0,4294901760}: {9,}\n`);
  expect(['fd44::101', '10.44.0.101', '10.44.0.102', '0.0.0.0'].map(of)).toEqual([2, 3, null, null]);
  expect([...directKey('10.44.0.101')].slice(10)).toEqual([255, 255, 10, 44, 0, 101]);
});

test('what was handed over is told by the numbers of links; a line of another form is none', () => {
  expect(parseHanded(`${HEAD}2: {530,5,}\n3: {12345678901,6,}\n4: {1,2,3,}\n5: {`)).toEqual(
    new Map([
      [2, { bytes: 530, packets: 5 }],
      [3, { bytes: 12_345_678_901, packets: 6 }],
    ]),
  );
});

test('flows have their ports as they lie in a packet', () => {
  expect(parseFlows(`${HEAD}{7,8,17,889208988,}: {120,2,1500000000,}\n{7,8,17}: {1,2,3,}\n`)).toEqual([
    { sender: 7, receiver: 8, protocol: 17, ports: [40000, 53], bytes: 120, packets: 2, last: 1500 },
  ]);
});

// Whoever asks for a container's sockets is not held up by tables that root inside has made as long as he likes.
import { expect, test } from 'vitest';
import { parseStatus, type Seen } from '../../../../src/engine/account/who/scan.ts';
import { type Look, socketHoldings } from '../../../../src/engine/account/who/sockets.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const line = (inode: number): string =>
  `${String(inode).padStart(4)}: 0100007F:0050 0100007F:9C41 01 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 00000000c575f61d 20 4 0 10 -1\n`;
const MILLION = 1_000_000;

test('tables are read beside, in pieces, all of them together so much and no more, and the answer says so', async () => {
  const read = { bytes: 0, most: 0 };
  const steps: number[] = [];
  const notes: string[] = [];
  const table = Buffer.from(HEAD + Array.from({ length: 20_000 }, (_, i) => line(i + 1)).join(''));
  const host = {
    proc: '/proc',
    files: {
      // each process has a network of its own
      readLink: (path: string) => (path.endsWith('/ns/net') ? `net:[${path}]` : null),
      list: () => [],
      readMost: () => {
        throw new Error('a table is read while everybody waits');
      },
      readSoon: async (_path: string, max: number) => {
        const bytes = table.subarray(0, max);
        read.bytes += bytes.length;
        read.most = Math.max(read.most, max);
        return bytes;
      },
    },
  };
  const processes = [1, 2, 3, 4].map((pid) => parseStatus(pid, 'Name:\tsh\n') as Seen);
  const left = (weight: number): true => {
    steps.push(weight);
    return true;
  };
  const look = { host, processes, left, note: (text: string) => void notes.push(text) } as unknown as Look;
  const found = await socketHoldings(look, 'tcp', () => 1, true);
  expect(found.length).toBeGreaterThan(10_000);
  expect(read.bytes).toBeLessThanOrEqual(3 * MILLION);
  expect(Math.max(...steps)).toBeLessThan(1_000);
  expect(steps.reduce((sum, weight) => sum + weight, 0)).toBeLessThan(20_000);
  expect(notes.join()).toContain('only the first ones are told apart');
});

test('who runs out of time meanwhile has what was looked up until then', async () => {
  const table = Buffer.from(HEAD + Array.from({ length: 5_000 }, (_, i) => line(i + 1)).join(''));
  let asked = 0;
  const host = {
    proc: '/proc',
    files: { readLink: () => 'net:[1]', list: () => [], readSoon: async () => table },
  };
  const look = {
    host,
    processes: [parseStatus(1, 'Name:\tsh\n') as Seen],
    left: () => (++asked > 4 ? Promise.resolve(false) : true),
    note: () => {},
  } as unknown as Look;
  const found = await socketHoldings(look, 'tcp', () => 1, true);
  expect(found.length).toBeGreaterThan(100);
  expect(found.length).toBeLessThan(2_000);
});

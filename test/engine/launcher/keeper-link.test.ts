// The watcher's end of a keeper's socket against a keeper that answers each frame on its own, as a slow one does.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type KeeperLink, watchKeeper } from '../../../src/engine/launcher/keeper-link.ts';

let dir: string;
let server: Server;
/** Frames that came and have not been looked at, as type and first byte of what we are told about the keyboard, or text. */
let got: string[];
let news: (() => void) | null;
let keeper: Socket;
let link: KeeperLink;

const frame = (type: string, payload: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([type.charCodeAt(0), 1, payload.length & 0xff, payload.length >> 8]), payload]);
const answer = (writer: boolean): void => void keeper.write(frame('R', Buffer.from([writer ? 1 : 0])));

function take(chunk: Buffer): void {
  for (let at = 0; at < chunk.length; ) {
    const length = chunk.readUInt16LE(at + 2);
    const payload = chunk.subarray(at + 4, at + 4 + length);
    const type = String.fromCharCode(chunk[at] ?? 0);
    got.push(type === 'H' ? `H${payload[2]}` : `${type}${payload}`);
    at += 4 + length;
  }
  news?.();
}

async function next(): Promise<string> {
  if (got.length === 0)
    await new Promise<void>((resolve) => {
      news = resolve;
    });
  return got.shift() ?? '';
}

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'vzdeck-link-'));
  [got, news] = [[], null];
  const path = join(dir, 'console');
  server = createServer((socket) => {
    keeper = socket;
    socket.on('data', take);
    socket.write(frame('A', Buffer.from([1, 0, 0])));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  link = await watchKeeper(path, 1);
  expect(await next()).toBe('H0');
});
afterEach(() => {
  link.close();
  keeper.destroy();
  server.close();
  rmSync(dir, { recursive: true });
});

const turn = (): Promise<boolean> => new Promise((resolve) => link.onWriter(resolve));

test('given up and wanted again at once: what is typed then waits for the second answer', async () => {
  const given = turn();
  link.want(true);
  expect(await next()).toBe('H1');
  answer(true);
  expect(await given).toBe(true);
  link.want(false);
  link.want(true);
  link.write(Buffer.from('ahead'));
  expect(await next()).toBe('H0');
  answer(false);
  expect(await next()).toBe('H1');
  answer(true);
  expect(await next()).toBe('Dahead');
});

test('given before the keeper heard that it is not wanted any more: it is not ours', async () => {
  const refused = turn();
  link.want(true);
  expect(await next()).toBe('H1');
  answer(false);
  expect(await refused).toBe(false);
  const told = turn();
  link.want(false);
  answer(true);
  link.write(Buffer.from('lost'));
  expect(await next()).toBe('H0');
  answer(false);
  expect(await told).toBe(false);
  expect([link.writer, got]).toEqual([false, []]);
});

test('what was typed at a refusal is not typed when it comes after all', async () => {
  const refused = turn();
  link.want(true);
  link.write(Buffer.from('early'));
  expect(await next()).toBe('H1');
  answer(false);
  expect(await refused).toBe(false);
  const given = turn();
  answer(true);
  expect(await given).toBe(true);
  link.write(Buffer.from('now'));
  expect(await next()).toBe('Dnow');
});

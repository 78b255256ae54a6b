// Command lines come as slowly as the node is busy, and not at all from a program that holds its own up.
import { expect, test } from 'vitest';
import { named } from '../../../../src/engine/account/who/named.ts';
import type { Host } from '../../../../src/engine/host/port.ts';
import type { WhoLine } from '../../../../src/engine/spec/who.ts';

const line = (pid: number | null): WhoLine => ({
  what: 'process',
  processes: 1,
  pid,
  inner: null,
  name: 'sleep',
  command: '',
  parent: null,
  amount: 1,
  share: 0.1,
});

test('all are waited for as long as they come, one that is held up is not', async () => {
  const held = 13;
  const asked: (() => void)[] = [];
  const readSoon = (path: string): Promise<Uint8Array> =>
    new Promise((resolve) => {
      const answer = (): void => resolve(Buffer.from(`sleep\0${path.split('/')[2]}\0`));
      if (!path.includes(`/${held}/`)) asked.push(answer);
    });
  let rounds = 0;
  const patience = (): AbortSignal => {
    rounds += 1;
    asked.shift()?.();
    const over = new AbortController();
    setImmediate(() => over.abort());
    return over.signal;
  };
  const host = { proc: '/proc', files: { readSoon } } as unknown as Host;
  const lines = await named([10, null, 11, held, 12].map(line), { host, patience });
  expect(lines.map(({ command }) => command)).toEqual(['sleep 10', '', 'sleep 11', '[sleep]', 'sleep 12']);
  expect(rounds).toBe(4);
});

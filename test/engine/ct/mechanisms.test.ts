// Limits are run into once, however many ask at once.
import { expect, test } from 'vitest';
import { findTopology } from '../../../src/engine/cgroup/topology.ts';
import { findMechanisms, knownMechanisms } from '../../../src/engine/ct/mechanisms.ts';
import type { Host } from '../../../src/engine/host/port.ts';
import { LIMIT_PROBES } from '../../../src/engine/host/probe/limit-probes.ts';
import { hybrid } from '../cgroup/trees.ts';

test('two that look at once try each limit once, and both know the answers', async () => {
  const m = hybrid();
  let tried = 0;
  let before: Promise<void> = Promise.resolve();
  const host = {
    files: {
      ...m.files,
      read: (path: string) => m.content.get(path) ?? null,
      write: (path: string, text: string) => void m.content.set(path, text),
    },
    proc: '/proc',
    planning: false,
    run: async () => {
      tried++;
      await new Promise((resolve) => setImmediate(resolve));
      return { status: 0, stdout: '', stderr: '' };
    },
    launcher: {
      lock: async () => {
        const turn = before;
        let release = (): void => {};
        before = new Promise((resolve) => {
          release = resolve;
        });
        await turn;
        return { release: async () => release() };
      },
    },
  } as unknown as Host;
  const topology = findTopology(m.files, '/proc', '');
  await Promise.all([findMechanisms(host, topology), findMechanisms(host, topology)]);
  expect(tried).toBe(LIMIT_PROBES.length);
  expect(knownMechanisms(host)?.size).toBe(LIMIT_PROBES.length);
});
